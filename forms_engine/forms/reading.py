"""Submitted HTML forms → raw values along a schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from forms_engine.fields.base import form_read
from forms_engine.kernel.schema import Schema

#: The page names child inputs `lines-0-quantity` (no dots in an id); field types read `lines.0.quantity`.
ROW = re.compile(r"(?P<table>[a-z][a-z0-9_]*)-(?P<at>\d+)-(?P<column>[a-z][a-z0-9_]*)\Z")


def submitted(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return raw values by field name; fields that were not on the page are left out.

    A repeated name counts with its last value (a hidden empty one stands before each check box).
    """
    flat: dict[str, Any] = {}
    for key in data:
        match = ROW.match(key)
        flat[f"{match['table']}.{match['at']}.{match['column']}" if match else key] = data[key]
    return form_read(schema, flat)
