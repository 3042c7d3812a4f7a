"""The supplier packs, announces and sends: the shipment notice (ASN) and its labelled packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, ErrorList, FieldError
from forms_engine.kernel.text import Text as T
from jit.catalog.numbers import number_next, numbers_next
from jit.stock.models import HandlingUnit
from jit.supply.events import ShipmentAnnounced, ShipmentDeparted
from jit.supply.models import CallOff, Shipment, ShipmentLine
from jit.supply.services.call_off import firm_quantity, fraction_fault
from jit.supply.services.journey import is_late_report, journey_faults

SHIPPABLE = (
    CallOff.State.RELEASED,
    CallOff.State.SENT,
    CallOff.State.ACKED,
    CallOff.State.CONFIRMED,
    CallOff.State.PARTIAL,
    CallOff.State.PREP,
    CallOff.State.PACKED,
)
MAX_PACKAGES = 2_000


class ShipmentRefused(ErrorList):
    """One or more lines of a shipment notice cannot be taken."""

    code = "supply.shipment.refused"


class DeliveryNoteTaken(Conflict):
    """The supplier has used this delivery note number before."""

    code = "supply.shipment.note_taken"


class ShipmentNotOpen(Conflict):
    """The shipment is in a state that does not allow this."""

    code = "supply.shipment.not_open"


@dataclass(frozen=True)
class PackedLine:
    """What the supplier packed for one call-off: stock units, lot, packages (0 = by pack size)."""

    calloff_id: UUID
    quantity: Decimal
    lot_code: str = ""
    expires_at: datetime | None = None
    packages: int = 0


def shipment_announce(
    *,
    actor: Any,
    lines: Sequence[PackedLine],
    delivery_note: str = "",
    carrier: str = "",
    plate: str = "",
    driver_phone: str = "",
    arrives_at: datetime | None = None,
) -> Shipment:
    """Announce what was packed for call-offs of one supplier and one dock; publishes `ShipmentAnnounced`.

    Every line becomes labelled packages; the call-offs move to PACKED once their firm quantity is packed.

    Raises:
        ShipmentRefused: all faults at once: lines (unknown or closed call-off, too much, another dock),
            an arrival that cannot be, a plate or telephone number that is none.
        DeliveryNoteTaken: the delivery note number was used before.
    """
    with db.atomic():
        wanted = sorted({line.calloff_id for line in lines}, key=str)
        rows = {
            row.pk: row
            for row in CallOff.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
        }
        faults = journey_faults(plate=plate, driver_phone=driver_phone, arrives_at=arrives_at)
        _check(lines, rows, faults)
        first = rows[lines[0].calloff_id]
        number = number_next("ASN")
        shipment = Shipment(
            number=number,
            supplier_id=first.supplier_id,
            delivery_note=delivery_note.strip() or number,
            state=Shipment.State.SUBMITTED,
            plant_id=first.plant_id,
            dock_id=first.dock_id,
            dock_name=first.dock_name,
            carrier=carrier,
            plate=plate.strip(),
            driver_phone=driver_phone.strip(),
            arrives_at=arrives_at or min(row.promised_at or row.window_end for row in rows.values()),
        )
        try:
            with db.atomic():
                shipment.save(force_insert=True)
        except IntegrityError as error:
            raise DeliveryNoteTaken(
                T(
                    "Delivery note %(note)s was used before.",
                    "送货单号 %(note)s 已使用过。",
                    note=delivery_note,
                ),
                field="delivery_note",
            ) from error
        made = [
            _line(shipment, index, line, rows[line.calloff_id]) for index, line in enumerate(lines, start=1)
        ]
        ShipmentLine.objects.bulk_create(made)
        HandlingUnit.objects.bulk_create(_packages(made, rows))
        for line in lines:
            row = rows[line.calloff_id]
            row.packed_quantity += line.quantity
            row.state = (
                CallOff.State.PACKED if row.packed_quantity >= firm_quantity(row) else CallOff.State.PREP
            )
        for row in rows.values():
            row.save(update_fields=["packed_quantity", "state"])
        event_publish(
            ShipmentAnnounced(record_id=shipment.pk, supplier_id=str(shipment.supplier_id), number=number),
            actor=actor,
        )
    return shipment


def _check(lines: Sequence[PackedLine], rows: dict[UUID, CallOff], faults: Sequence[FieldError]) -> None:
    errors = list(faults)
    if not lines:
        words = T("Choose at least one call-off.", "请至少选择一张叫料单。")
        raise ShipmentRefused([FieldError("lines", "value.required", words), *errors])
    rest = {pk: firm_quantity(row) - row.packed_quantity for pk, row in rows.items()}
    dock = next(iter(rows.values())).dock_id if rows else None
    for index, line in enumerate(lines):
        row = rows.get(line.calloff_id)
        at = f"lines.{index}"
        if row is None:
            # Another supplier's call-off and none at all answer alike.
            errors.append(
                FieldError(
                    f"{at}.calloff", "reference.unknown", T("There is no such call-off.", "叫料单不存在。")
                )
            )
            continue
        if row.state not in SHIPPABLE:
            errors.append(
                FieldError(
                    f"{at}.calloff",
                    "supply.calloff.not_open",
                    T(
                        "Call-off %(number)s cannot be shipped any more.",
                        "叫料单 %(number)s 已不能发货。",
                        number=row.number,
                    ),
                )
            )
            continue
        if row.dock_id != dock:
            errors.append(
                FieldError(
                    f"{at}.calloff",
                    "supply.shipment.docks",
                    T("One notice goes to one dock.", "一张送货单只能送到一个码头。"),
                )
            )
        if not 0 < line.quantity <= rest[row.pk]:
            errors.append(
                FieldError(
                    f"{at}.quantity",
                    "supply.shipment.quantity",
                    T(
                        "At most %(rest)s are open on %(number)s.",
                        "%(number)s 最多还可发 %(rest)s。",
                        rest=f"{rest[row.pk]:f}",
                        number=row.number,
                    ),
                )
            )
            continue
        if words := fraction_fault(row, line.quantity):
            errors.append(FieldError(f"{at}.quantity", "number.scale", words))
        if line.packages > MAX_PACKAGES or line.packages < 0:
            errors.append(
                FieldError(
                    f"{at}.packages",
                    "number.range",
                    T("0 to %(most)s packages.", "箱数须在 0 到 %(most)s 之间。", most=MAX_PACKAGES),
                )
            )
        rest[row.pk] -= line.quantity
    if errors:
        raise ShipmentRefused(errors)


def _line(shipment: Shipment, index: int, line: PackedLine, row: CallOff) -> ShipmentLine:
    packages = line.packages or int((line.quantity / row.pack_quantity).to_integral_value(ROUND_CEILING))
    return ShipmentLine(
        shipment=shipment,
        supplier_id=row.supplier_id,
        line_no=index * 10,
        calloff=row,
        item_id=row.item_id,
        item_code=row.item_code,
        item_name=row.item_name,
        unit_code=row.unit_code,
        lot_code=line.lot_code.strip(),
        expires_at=line.expires_at,
        quantity=line.quantity,
        packages=min(max(packages, 1), MAX_PACKAGES),
    )


def _packages(lines: Sequence[ShipmentLine], rows: dict[UUID, CallOff]) -> list[HandlingUnit]:
    """Split each line over its packages: full packs first, what is left in the last one."""
    plates = iter(numbers_next("HU", sum(line.packages for line in lines)))
    made: list[HandlingUnit] = []
    for line in lines:
        for share in shares(line.quantity, line.packages, rows[line.calloff_id].pack_quantity):
            made.append(
                HandlingUnit(
                    code=next(plates),
                    supplier_id=line.supplier_id,
                    item_id=line.item_id,
                    lot_code=line.lot_code,
                    quantity=share,
                    state=HandlingUnit.State.PACKED,
                    shipment_line_id=line.pk,
                )
            )
    return made


def shares(quantity: Decimal, packages: int, pack: Decimal) -> list[Decimal]:
    """Split a quantity over packages so that they sum to it exactly.

    Full packs of `pack` and a rest where that gives `packages` packages, else equal parts to six decimals
    with the difference in the last one.
    """
    full = int(quantity // pack)
    rest = quantity - full * pack
    if full + (1 if rest else 0) == packages:
        return [pack] * full + ([rest] if rest else [])
    equal = (quantity / packages).quantize(Decimal("0.000001"), rounding="ROUND_DOWN")
    return [equal] * (packages - 1) + [quantity - equal * (packages - 1)]


def shipment_depart(
    *,
    actor: Any,
    shipment: Shipment,
    plate: str = "",
    driver_phone: str = "",
    arrives_at: datetime | None = None,
    departed_at: datetime | None = None,
) -> Shipment:
    """The truck has left; publishes `ShipmentDeparted`. What is not said stays as it was announced.

    Args: departed_at: default now; a departure of some time ago is marked as reported late.

    Raises: ShipmentNotOpen; ShipmentRefused: times that cannot be, a plate or number that is none.
    """
    if faults := journey_faults(
        plate=plate, driver_phone=driver_phone, arrives_at=arrives_at, departed_at=departed_at
    ):
        raise ShipmentRefused(faults)
    with db.atomic():
        row = Shipment.objects.select_for_update(of=("self",)).get(pk=shipment.pk)
        if row.state not in (Shipment.State.SUBMITTED, Shipment.State.LOADED):
            raise ShipmentNotOpen(
                T(
                    "Shipment %(number)s has left already or is closed.",
                    "送货单 %(number)s 已发车或已关闭。",
                    number=row.number,
                )
            )
        row.state = Shipment.State.DEPARTED
        row.departed_at = min(departed_at or clock.now(), clock.now())
        row.reported_late = is_late_report(row.departed_at)
        row.plate = plate.strip() or row.plate
        row.driver_phone = driver_phone.strip() or row.driver_phone
        row.arrives_at = arrives_at or row.arrives_at
        row.save(
            update_fields=["state", "departed_at", "reported_late", "plate", "driver_phone", "arrives_at"]
        )
        lines = list(ShipmentLine.objects.filter(shipment_id=row.pk).order_by("line_no"))
        for calloff in _calloffs_locked(lines):
            calloff.shipped_quantity += sum(
                (line.quantity for line in lines if line.calloff_id == calloff.pk), Decimal(0)
            )
            if calloff.shipped_quantity >= firm_quantity(calloff):
                calloff.state = CallOff.State.SHIPPED
            calloff.save(update_fields=["shipped_quantity", "state"])
        HandlingUnit.objects.filter(shipment_line_id__in=[line.pk for line in lines]).update(
            state=HandlingUnit.State.IN_TRANSIT
        )
        event_publish(
            ShipmentDeparted(record_id=row.pk, supplier_id=str(row.supplier_id), number=row.number),
            actor=actor,
        )
    return row


def shipment_cancel(*, actor: Any, shipment: Shipment, reason: str = "") -> Shipment:
    """Take an announcement back before it leaves: the call-offs are open again, the labels void."""
    with db.atomic():
        row = Shipment.objects.select_for_update(of=("self",)).get(pk=shipment.pk)
        if row.state not in (Shipment.State.DRAFT, Shipment.State.SUBMITTED, Shipment.State.LOADED):
            raise ShipmentNotOpen(
                T(
                    "Shipment %(number)s has left already or is closed.",
                    "送货单 %(number)s 已发车或已关闭。",
                    number=row.number,
                )
            )
        row.state = Shipment.State.CANCELLED
        row.save(update_fields=["state"])
        lines = list(ShipmentLine.objects.filter(shipment_id=row.pk))
        for calloff in _calloffs_locked(lines):
            calloff.packed_quantity -= sum(
                (line.quantity for line in lines if line.calloff_id == calloff.pk), Decimal(0)
            )
            if calloff.state in (CallOff.State.PREP, CallOff.State.PACKED):
                answered = calloff.confirmed_quantity is not None
                calloff.state = CallOff.State.CONFIRMED if answered else CallOff.State.SENT
            calloff.save(update_fields=["packed_quantity", "state"])
        HandlingUnit.objects.filter(shipment_line_id__in=[line.pk for line in lines]).update(
            state=HandlingUnit.State.VOID
        )
    return row


def _calloffs_locked(lines: Sequence[ShipmentLine]) -> list[CallOff]:
    ids = sorted({line.calloff_id for line in lines if line.calloff_id}, key=str)
    return list(CallOff.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
