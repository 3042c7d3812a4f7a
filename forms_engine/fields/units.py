"""Amounts typed in another unit than the record keeps: the engine asks, whoever knows the units answers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from forms_engine.fields.base import CleanContext, refuse
from forms_engine.kernel.quantity import Quantity, number_fit

#: (entity of the record the unit hangs on, its id, amount, unit as typed, context) → amount in its own unit.
Converter = Callable[[str, Any, Quantity, CleanContext], Decimal]

_converter: list[Converter] = []


def units_through(convert: Converter) -> None:
    """Say who converts. It raises a MesError for an unknown unit, a missing rule or an inexact result."""
    _converter[:] = [convert]


def amount_in_own_unit(amount: Quantity, *, target: str, owner: Any, ctx: CleanContext) -> Decimal:
    """Return the amount in the unit of the record `owner` of entity `target`, exactly.

    Raises:
        FieldError quantity.unit_unowned: nothing is chosen yet whose unit could be meant, or nobody converts.
        MesError: what the converter raises.
    """
    if owner is None or not _converter:
        raise refuse(
            "quantity.unit_unowned",
            "Choose the item first, or enter the number only.",
            "请先选择物料，或只输入数字。",
        )
    return number_fit(_converter[0](target, owner, amount, ctx))
