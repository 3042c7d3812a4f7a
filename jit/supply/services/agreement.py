"""Agreements and control cycles: numbered by us where nobody gives a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jit.catalog.numbers import number_next
from jit.supply.models import Agreement, ControlCycle


def agreement_create(*, actor: Any, values: Mapping[str, Any]) -> Agreement:
    """Save a new agreement."""
    row = Agreement(**_columns(Agreement, values))
    row.number = row.number or number_next("SA")
    row.save(force_insert=True)
    return row


def cycle_create(*, actor: Any, values: Mapping[str, Any]) -> ControlCycle:
    """Save a new control cycle."""
    row = ControlCycle(**_columns(ControlCycle, values))
    row.number = row.number or number_next("CC")
    row.save(force_insert=True)
    return row


def _columns(model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """References arrive as ids: write them to the columns, not to the relations."""
    return {model._meta.get_field(name).attname: value for name, value in values.items() if value is not None}
