"""Amounts in other units than the stock's: exact, or refused (I22)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Q

from forms_engine.fields.base import CleanContext
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.quantity import Quantity, number_text
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Unit, UnitConversion


class UnitNotConvertible(MesError):
    """There is no exact way from one unit to the other."""

    code = "catalog.unit.no_conversion"


class UnitUnknown(MesError):
    """No unit has this code or name."""

    code = "catalog.unit.unknown"


def typed_amount(target: str, owner: Any, amount: Quantity, ctx: CleanContext) -> Decimal:
    """Return an amount as typed ("2 BOX", "500 克") in the stock unit of the item `owner`.

    Many rows of an import ask for few items: what was found stays in the context.

    Raises: UnitUnknown, UnitNotConvertible.
    """
    key = ("unit", owner)
    item = ctx.scratch.get(key)
    if item is None:
        item = ctx.scratch[key] = Item.objects.select_related("unit").get(pk=owner)
    return unit_converted(item=item, quantity=amount.value, from_unit=_unit_named(amount.unit, ctx))


def _unit_named(name: str, ctx: CleanContext) -> Unit:
    """Find a unit by its code or its name, capitals or not."""
    key = ("unit", name.casefold())
    found = ctx.scratch.get(key)
    if found is None:
        rows = Unit.objects.filter(Q(code__iexact=name) | Q(name__iexact=name), archived_at=None)
        found = min(rows, key=lambda row: (row.code != name, row.code), default=None)
        if found is None:
            raise UnitUnknown(T("There is no unit “%(name)s”.", "没有单位“%(name)s”。", name=name))
        ctx.scratch[key] = found
    return found


def unit_converted(*, item: Item, quantity: Decimal, from_unit: Unit) -> Decimal:
    """Return a quantity in the item's stock unit, exactly.

    Raises: UnitNotConvertible when there is no rule, or the result needs more than six decimals (I22).
    """
    if from_unit.pk == item.unit_id:
        return quantity
    rule, inverse = _conversion(item, from_unit)
    if rule is None:
        raise UnitNotConvertible(
            T(
                "There is no conversion from %(unit)s for %(item)s.",
                "%(item)s 没有从 %(unit)s 的换算。",
                unit=from_unit.code,
                item=item.code,
            ),
            field="unit",
        )
    up, down = (rule.denominator, rule.numerator) if inverse else (rule.numerator, rule.denominator)
    scaled = int(quantity * 10**6) * up
    if scaled % down:
        raise UnitNotConvertible(
            T(
                "%(quantity)s %(unit)s is no exact quantity of %(item)s.",
                "%(quantity)s %(unit)s 无法精确换算为 %(item)s 的库存单位。",
                quantity=f"{quantity:f}",
                unit=from_unit.code,
                item=item.code,
            ),
            field="quantity",
        )
    return Decimal(scaled // down) / 10**6


def division_fault(quantity: Decimal, unit: Unit, *, beside: Decimal | None = None) -> T | None:
    """Return why a quantity divides its unit too finely (half a piece), None if it does not.

    Args: beside: what was ordered or announced of it; what is in parts there may be so here.
    """
    if quantity % 1 == 0 or (beside is not None and beside % 1 != 0):
        return None
    if quantity == round(quantity, unit.decimals):
        return None
    words = {"quantity": number_text(quantity), "unit": unit.code, "n": unit.decimals}
    if unit.decimals:
        return T(
            "%(quantity)s %(unit)s: at most %(n)s decimals.",
            "%(quantity)s %(unit)s：最多 %(n)s 位小数。",
            **words,
        )
    return T(
        "%(unit)s are counted whole, not %(quantity)s.", "%(unit)s按整数计，不能填 %(quantity)s。", **words
    )


def _conversion(item: Item, from_unit: Unit) -> tuple[UnitConversion | None, bool]:
    """The item's own rule wins over the general one, a direct one over its inverse."""
    for owner in (item, None):
        direct = UnitConversion.objects.filter(
            item=owner, from_unit=from_unit, to_unit_id=item.unit_id
        ).first()
        if direct is not None:
            return direct, False
        back = UnitConversion.objects.filter(item=owner, from_unit_id=item.unit_id, to_unit=from_unit).first()
        if back is not None:
            return back, True
    return None, False
