"""The dock counts: a receipt posts stock, moves the call-offs on and records every difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, ErrorList, FieldError, MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, Plant, Supplier
from jit.catalog.numbers import number_next
from jit.catalog.selectors import store_of
from jit.stock.models import HandlingUnit, Posting
from jit.stock.services import Line, lot_named, move_post, pair, virtual_location
from jit.supply.events import ShipmentReceived
from jit.supply.models import Agreement, CallOff, Receipt, ReceiptLine, Shipment, ShipmentLine
from jit.supply.selectors import RECEIVABLE
from jit.supply.services.call_off import firm_quantity

Difference = ReceiptLine.Difference


class ShipmentReceivedBefore(Conflict):
    """The same label again: nothing is posted twice."""

    code = "supply.shipment.received_before"


class ReceiptRefused(ErrorList):
    """A count that cannot be taken."""

    code = "supply.receipt.refused"


class PackageRefused(MesError):
    """A package label that cannot be received here."""

    code = "supply.package.refused"


@dataclass(frozen=True)
class _Counted:
    line: ShipmentLine
    quantity: Decimal
    to_location: Location
    goes_to_line: bool


def shipment_arrive(*, actor: Any, shipment: Shipment) -> Shipment:
    """The truck is at the gate."""
    with db.atomic():
        row = _locked(shipment.pk)
        if row.state not in (Shipment.State.SUBMITTED, Shipment.State.LOADED, Shipment.State.DEPARTED):
            return row
        row.state, row.arrived_at = Shipment.State.ARRIVED, clock.now()
        row.save(update_fields=["state", "arrived_at"])
        CallOff.objects.filter(
            pk__in=ShipmentLine.objects.filter(shipment=row).values("calloff_id"), state=CallOff.State.SHIPPED
        ).update(state=CallOff.State.AT_GATE)
    return row


def shipment_receive(
    *,
    actor: Any,
    shipment: Shipment,
    counted: Mapping[UUID, Decimal] | None = None,
    dock: Location | None = None,
    remark: str = "",
) -> Receipt:
    """Receive a shipment as counted; publishes `ShipmentReceived`.

    Args:
        counted: {shipment line id: quantity}; lines left out count as announced. 0 = did not come.
        dock: where it was unloaded; default the announced dock.

    Raises:
        ShipmentReceivedBefore: the label was scanned before; the first receipt stands.
        ReceiptRefused: a negative or impossible count, or a line of another shipment.
    """
    with db.atomic():
        row = _locked(shipment.pk)
        if row.state not in RECEIVABLE:
            raise ShipmentReceivedBefore(
                T(
                    "Shipment %(number)s is %(state)s; nothing was posted again.",
                    "送货单 %(number)s 当前为「%(state)s」，未重复入账。",
                    number=row.number,
                    state=Shipment.State(row.state).label,
                )
            )
        lines = list(
            ShipmentLine.objects.select_related("item", "calloff__area")
            .filter(shipment=row)
            .order_by("line_no")
        )
        counts = _counts(lines, dict(counted or {}))
        receipt = _receipt_made(actor, row, dock or row.dock, remark)
        taken = [_placed(line, counts[line.pk]) for line in lines]
        receipt.posting_id = _posted(actor, receipt, row.plant or receipt.dock.plant, taken)
        _lines_written(receipt, taken)
        discrepant = any(one.quantity != one.line.quantity - one.line.received_quantity for one in taken)
        for one in taken:
            one.line.received_quantity += one.quantity
        ShipmentLine.objects.bulk_update(lines, ["received_quantity"])
        receipt.state = Receipt.State.DISCREPANT if discrepant else Receipt.State.ACCEPTED
        receipt.save(update_fields=["posting", "state"])
        row.state = Shipment.State.DISCREPANT if discrepant else Shipment.State.RECEIVED
        row.received_at = row.received_at or receipt.received_at
        row.arrived_at = row.arrived_at or receipt.received_at
        row.dock_id = receipt.dock_id
        row.save(update_fields=["state", "received_at", "arrived_at", "dock"])
        _calloffs_received({one.line.calloff_id: Decimal(0) for one in taken if one.line.calloff_id}, taken)
        HandlingUnit.objects.filter(
            shipment_line_id__in=[line.pk for line in lines], state__in=("PACKED", "IN_TRANSIT")
        ).update(state=HandlingUnit.State.RECEIVED, received_at=receipt.received_at)
        event_publish(
            ShipmentReceived(
                record_id=row.pk,
                supplier_id=str(row.supplier_id),
                number=row.number,
                receipt=receipt.number,
                is_discrepant=discrepant,
            ),
            actor=actor,
        )
    return receipt


def _locked(shipment_id: UUID) -> Shipment:
    return Shipment.objects.select_for_update(of=("self",)).get(pk=shipment_id)


def _counts(lines: Sequence[ShipmentLine], given: dict[UUID, Decimal]) -> dict[UUID, Decimal]:
    errors: list[FieldError] = []
    known = {line.pk: line.quantity - line.received_quantity for line in lines}
    for key, quantity in given.items():
        if key not in known:
            errors.append(
                FieldError(
                    "counted",
                    "reference.unknown",
                    T("This line is not on the shipment.", "该行不属于此送货单。"),
                )
            )
        elif quantity < 0:
            errors.append(
                FieldError("counted", "number.range", T("A count is zero or more.", "实收数量不能为负。"))
            )
        else:
            known[key] = quantity
    if errors:
        raise ReceiptRefused(errors)
    return known


def _receipt_made(actor: Any, shipment: Shipment, dock: Location, remark: str) -> Receipt:
    receipt = Receipt(
        number=number_next("GR"),
        shipment=shipment,
        supplier_id=shipment.supplier_id,
        dock=dock,
        received_at=clock.now(),
        received_by=actor.name,
        remark=remark,
    )
    receipt.save(force_insert=True)
    return receipt


def _placed(line: ShipmentLine, quantity: Decimal) -> _Counted:
    """Called for a line side, it goes straight there; otherwise to the plant's store (T09)."""
    area = line.calloff.area if line.calloff else None
    to_line = area is not None and area.kind == Location.Kind.LINE_SIDE
    return _Counted(line, quantity, area or _store(line.shipment.plant), to_line)


def _store(plant: Plant) -> Location:
    found = store_of(plant=plant)
    if found is None:
        raise ReceiptRefused(
            [FieldError("plant", "supply.receipt.no_store", T("The plant has no store.", "该工厂没有仓库。"))]
        )
    return found


def _posted(actor: Any, receipt: Receipt, plant: Plant, taken: Sequence[_Counted]) -> UUID | None:
    supplier_side = virtual_location(plant=plant, kind=Location.Kind.SUPPLIER)
    lines: list[Line] = []
    for one in taken:
        if one.quantity == 0:
            continue
        lot = lot_named(
            item=one.line.item,
            code=one.line.lot_code,
            supplier_id=one.line.supplier_id,
            expires_at=one.line.expires_at,
        )
        lines += pair(
            item_id=one.line.item_id,
            from_id=supplier_side.pk,
            to_id=one.to_location.pk,
            quantity=one.quantity,
            lot_id=lot.pk if lot else None,
        )
    if not lines:
        return None
    identity, _ = move_post(
        actor=actor,
        kind=Posting.Kind.RECEIPT,
        lines=lines,
        document=receipt.number,
        document_id=receipt.pk,
        occurred_at=receipt.received_at,
    )
    return identity


def _lines_written(receipt: Receipt, taken: Sequence[_Counted]) -> None:
    rows = []
    for one in taken:
        expected = one.line.quantity - one.line.received_quantity
        lot = lot_named(item=one.line.item, code=one.line.lot_code)
        rows.append(
            ReceiptLine(
                receipt=receipt,
                supplier_id=one.line.supplier_id,
                shipment_line=one.line,
                calloff_id=one.line.calloff_id,
                item_id=one.line.item_id,
                lot=lot,
                expected_quantity=expected,
                counted_quantity=one.quantity,
                difference=_difference(expected, one.quantity),
                to_location=one.to_location,
                goes_to_line=one.goes_to_line,
            )
        )
    ReceiptLine.objects.bulk_create(rows)


def _difference(expected: Decimal, counted: Decimal) -> str:
    if counted == expected:
        return Difference.NONE.value
    return (Difference.SHORT if counted < expected else Difference.OVER).value


def _calloffs_received(totals: dict[UUID, Decimal], taken: Sequence[_Counted]) -> None:
    for one in taken:
        if one.line.calloff_id:
            totals[one.line.calloff_id] += one.quantity
    rows = list(
        CallOff.objects.select_for_update(of=("self",)).filter(pk__in=sorted(totals, key=str)).order_by("pk")
    )
    for row in rows:
        row.received_quantity += totals[row.pk]
        # A receipt straight from the notice (no departure scan) counts as shipped too.
        row.shipped_quantity = max(row.shipped_quantity, row.packed_quantity)
        if row.shipped_quantity >= firm_quantity(row):
            row.state = CallOff.State.RECEIVED
            row.received_at = clock.now()
        row.save(update_fields=["received_quantity", "shipped_quantity", "state", "received_at"])


def package_receive(*, actor: Any, code: str, dock: Location | None = None) -> tuple[HandlingUnit, Shipment]:
    """Receive one package by its licence plate; a repeat is refused and posts nothing.

    Raises: PackageRefused: unknown, void, or received before.
    """
    with db.atomic():
        unit = HandlingUnit.objects.select_for_update(of=("self",)).filter(code=code).first()
        if unit is None or unit.shipment_line_id is None:
            raise PackageRefused(
                T("No package has the label %(code)s.", "没有箱码为 %(code)s 的包装。", code=code)
            )
        if unit.state not in (HandlingUnit.State.PACKED, HandlingUnit.State.IN_TRANSIT):
            raise PackageRefused(
                T(
                    "Package %(code)s is %(state)s already.",
                    "箱 %(code)s 已是「%(state)s」。",
                    code=code,
                    state=HandlingUnit.State(unit.state).label,
                )
            )
        line = ShipmentLine.objects.select_related("item", "calloff__area", "shipment__plant").get(
            pk=unit.shipment_line_id
        )
        shipment = _locked(line.shipment_id)
        if shipment.state not in RECEIVABLE:
            raise PackageRefused(
                T("Shipment %(number)s is closed.", "送货单 %(number)s 已关闭。", number=shipment.number)
            )
        receipt = Receipt.objects.filter(
            shipment=shipment, state=Receipt.State.COUNTED
        ).first() or _receipt_made(actor, shipment, dock or shipment.dock, "")
        one = _placed(line, unit.quantity)
        posting = _posted(actor, receipt, receipt.dock.plant, [one])
        _lines_written(
            receipt,
            [_Counted(_expecting(line, unit.quantity), unit.quantity, one.to_location, one.goes_to_line)],
        )
        line.received_quantity += unit.quantity
        line.save(update_fields=["received_quantity"])
        unit.state, unit.location, unit.received_at = (
            HandlingUnit.State.RECEIVED,
            one.to_location,
            clock.now(),
        )
        unit.save(update_fields=["state", "location", "received_at"])
        _calloffs_received({line.calloff_id: Decimal(0)} if line.calloff_id else {}, [one])
        _shipment_progress(actor, shipment, receipt, posting)
    return unit, shipment


def _expecting(line: ShipmentLine, quantity: Decimal) -> ShipmentLine:
    """The line as this one package announces it, so that a package is no difference in itself."""
    return ShipmentLine(
        pk=line.pk,
        supplier_id=line.supplier_id,
        calloff_id=line.calloff_id,
        item=line.item,
        item_id=line.item_id,
        lot_code=line.lot_code,
        quantity=quantity,
        received_quantity=Decimal(0),
    )


def _shipment_progress(actor: Any, shipment: Shipment, receipt: Receipt, posting: UUID | None) -> None:
    totals = ShipmentLine.objects.filter(shipment=shipment).aggregate(
        announced=Sum("quantity"), received=Sum("received_quantity")
    )
    complete = totals["received"] >= totals["announced"]
    shipment.state = Shipment.State.RECEIVED if complete else Shipment.State.RECEIVING
    shipment.arrived_at = shipment.arrived_at or clock.now()
    if complete:
        shipment.received_at = clock.now()
        receipt.state = Receipt.State.ACCEPTED
    shipment.save(update_fields=["state", "arrived_at", "received_at"])
    receipt.posting_id = posting
    receipt.save(update_fields=["posting", "state"])
    if complete:
        event_publish(
            ShipmentReceived(
                record_id=shipment.pk,
                supplier_id=str(shipment.supplier_id),
                number=shipment.number,
                receipt=receipt.number,
                is_discrepant=False,
            ),
            actor=actor,
        )


def receipt_unannounced(
    *,
    actor: Any,
    item: Item,
    quantity: Decimal,
    dock: Location,
    supplier: Supplier,
    to_location: Location | None = None,
    lot_code: str = "",
    remark: str = "",
) -> Receipt:
    """Receive goods nobody announced: booked, and recorded as a difference of its own kind."""
    if not quantity > 0:
        raise ReceiptRefused(
            [
                FieldError(
                    "quantity", "number.range", T("The quantity must be above zero.", "数量必须大于零。")
                )
            ]
        )
    with db.atomic():
        place = to_location or _store(dock.plant)
        receipt = Receipt(
            number=number_next("GR"),
            supplier=supplier,
            dock=dock,
            state=Receipt.State.DISCREPANT,
            received_at=clock.now(),
            received_by=actor.name,
            remark=remark,
        )
        receipt.save(force_insert=True)
        lot = lot_named(item=item, code=lot_code, supplier_id=supplier.pk)
        other = virtual_location(plant=dock.plant, kind=Location.Kind.SUPPLIER)
        receipt.posting_id, _ = move_post(
            actor=actor,
            kind=Posting.Kind.RECEIPT,
            document=receipt.number,
            document_id=receipt.pk,
            lines=pair(
                item_id=item.pk,
                from_id=other.pk,
                to_id=place.pk,
                quantity=quantity,
                lot_id=lot.pk if lot else None,
            ),
        )
        receipt.save(update_fields=["posting"])
        ReceiptLine.objects.create(
            receipt=receipt,
            supplier=supplier,
            item=item,
            lot=lot,
            counted_quantity=quantity,
            difference=Difference.UNKNOWN,
            to_location=place,
            remark=remark,
        )
    return receipt


def agreement_recount(*, agreement_ids: Sequence[UUID]) -> None:
    """Bring the cumulative quantities of agreements up to their documents; they never fall (I6)."""
    with db.atomic():
        for agreement in (
            Agreement.objects.select_for_update(of=("self",))
            .filter(pk__in=list(agreement_ids))
            .order_by("pk")
        ):
            totals = CallOff.objects.filter(agreement=agreement).aggregate(
                shipped=Sum("shipped_quantity"), received=Sum("received_quantity")
            )
            agreement.cumulative_shipped = max(agreement.cumulative_shipped, totals["shipped"] or Decimal(0))
            agreement.cumulative_received = max(
                agreement.cumulative_received, totals["received"] or Decimal(0)
            )
            agreement.save(update_fields=["cumulative_shipped", "cumulative_received"])


def calloffs_of(*, shipment_id: UUID) -> list[UUID]:
    """Return the call-offs a shipment delivers."""
    return list(
        ShipmentLine.objects.filter(shipment_id=shipment_id, calloff__isnull=False)
        .values_list("calloff_id", flat=True)
        .distinct()
    )
