"""Start-up check: the prefix x_ belongs to what admins add; no class of ours may take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error

PREFIX = "x_"


def reserved_prefix(app_configs: Sequence[Any] | None, **more: Any) -> list[CheckMessage]:
    """Refuse tables and columns of typed models that begin with x_."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        if model._meta.db_table.startswith(PREFIX):
            found.append(
                Error(f"table {model._meta.db_table} takes the prefix x_", obj=model, id="takt.E001")
            )
        found += [
            Error(f"column {field.column} takes the prefix x_", obj=field, id="takt.E002")
            for field in model._meta.concrete_fields
            if field.column.startswith(PREFIX)
        ]
    return found
