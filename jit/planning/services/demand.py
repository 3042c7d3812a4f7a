"""Independent demand: numbered by us where nobody gives a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jit.catalog.numbers import number_next
from jit.planning.models import Demand


def demand_create(*, actor: Any, values: Mapping[str, Any]) -> Demand:
    """Save a new demand."""
    columns = {
        Demand._meta.get_field(name).attname: value for name, value in values.items() if value is not None
    }
    row = Demand(**columns)
    row.number = row.number or number_next("SO")
    row.save(force_insert=True)
    return row
