"""What came and is not good: taken apart from the count, into the plant's quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.quantity import number_text
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location, Plant, Unit
from jit.catalog.units import division_fault
from jit.supply.models import ReceiptLine


@dataclass(frozen=True)
class Blocked:
    """So much of a shipment line's count is not good; `reason` is a `ReceiptLine.Blocked`."""

    line_id: UUID
    quantity: Decimal
    reason: str


def blocked_faults(
    blocked: Sequence[Blocked], counted: Mapping[UUID, Decimal], units: Mapping[UUID, Unit]
) -> list[FieldError]:
    """Return what cannot be: an unknown line or one named twice; none, half a piece, more than was counted.

    Args:
        counted: {shipment line id: quantity counted} of the lines received.
        units: {shipment line id: the unit it is counted in}.
    """
    errors: list[FieldError] = []
    seen: set[UUID] = set()
    for index, one in enumerate(blocked):
        at = f"blocked.{index}"
        if one.line_id not in counted:
            words = T("This line is not on the shipment.", "该行不属于此送货单。")
            errors.append(FieldError(f"{at}.line", "reference.unknown", words))
        elif one.line_id in seen:
            words = T("This line stands here twice.", "该行重复。")
            errors.append(FieldError(f"{at}.line", "supply.receipt.blocked_twice", words))
        elif not 0 < one.quantity <= counted[one.line_id]:
            words = T(
                "Above zero and at most the %(n)s counted.",
                "须大于零，且不超过实收的 %(n)s。",
                n=number_text(counted[one.line_id]),
            )
            errors.append(FieldError(f"{at}.quantity", "supply.receipt.blocked_quantity", words))
        elif words := division_fault(one.quantity, units[one.line_id], beside=counted[one.line_id]):
            errors.append(FieldError(f"{at}.quantity", "number.scale", words))
        if one.reason not in ReceiptLine.Blocked.values:
            words = T("Choose a reason.", "请选择原因。")
            errors.append(FieldError(f"{at}.reason", "value.required", words))
        seen.add(one.line_id)
    return errors


def blocked_by_line(blocked: Iterable[Blocked]) -> dict[UUID, Blocked]:
    """Return what is blocked by its shipment line."""
    return {one.line_id: one for one in blocked}


def quarantine_of(*, plant: Plant) -> Location:
    """Return the plant's first quarantine, made on first use. It never goes negative, and no plan sees it."""
    kind = Location.Kind.QUARANTINE
    found = Location.objects.filter(plant=plant, kind=kind.value, archived_at=None).order_by("code").first()
    if found is None:
        found, _ = Location.objects.get_or_create(
            code=f"{plant.code}-{kind.value}",
            defaults={"plant": plant, "kind": kind.value, "name": str(kind.label)},
        )
    return found
