"""What every receipt does: place, post, write its lines, move the call-offs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.kernel import clock
from forms_engine.kernel.errors import ErrorList, FieldError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location, Plant
from jit.catalog.numbers import number_next
from jit.catalog.selectors import store_of
from jit.stock.models import Posting
from jit.stock.services import Line, lot_named, move_post, pair, virtual_location
from jit.supply.models import CallOff, Receipt, ReceiptLine, Shipment, ShipmentLine
from jit.supply.services.call_off import firm_quantity
from jit.supply.services.receipt.blocked import Blocked, quarantine_of

Difference = ReceiptLine.Difference


class ReceiptRefused(ErrorList):
    """A count that cannot be taken."""

    code = "supply.receipt.refused"


@dataclass(frozen=True)
class Counted:
    """What was there of a line, good or not, where its good part goes, and what of it does not."""

    line: ShipmentLine
    quantity: Decimal
    to_location: Location
    goes_to_line: bool
    blocked: Blocked | None = None

    @property
    def blocked_quantity(self) -> Decimal:
        return self.blocked.quantity if self.blocked else Decimal(0)

    @property
    def good(self) -> Decimal:
        return self.quantity - self.blocked_quantity


def shipment_locked(shipment_id: UUID) -> Shipment:
    """Read a shipment for writing."""
    return Shipment.objects.select_for_update(of=("self",)).get(pk=shipment_id)


def receipt_begin(actor: Any, shipment: Shipment, dock: Location, remark: str) -> Receipt:
    """Make the receipt of a shipment; written once its posting and state are known (`receipt_write`).

    Written before, its history would tell one doing as two: created, then changed.
    """
    return Receipt(
        number=number_next("GR"),
        shipment=shipment,
        supplier_id=shipment.supplier_id,
        dock=dock,
        received_at=clock.now(),
        received_by=actor.name,
        remark=remark,
    )


def receipt_write(receipt: Receipt) -> None:
    """Write a receipt that was begun, or the posting and state of one written before."""
    if receipt._state.adding:
        receipt.save(force_insert=True)
    else:
        receipt.save(update_fields=["posting", "state"])


def line_placed(line: ShipmentLine, quantity: Decimal, blocked: Blocked | None = None) -> Counted:
    """Called for a line side, it goes straight there; otherwise to the plant's store (T09)."""
    area = line.calloff.area if line.calloff else None
    to_line = area is not None and area.kind == Location.Kind.LINE_SIDE
    return Counted(line, quantity, area or store_or_refuse(line.shipment.plant), to_line, blocked)


def store_or_refuse(plant: Plant) -> Location:
    """Return the plant's store. Raises: ReceiptRefused."""
    found = store_of(plant=plant)
    if found is None:
        raise ReceiptRefused(
            [FieldError("plant", "supply.receipt.no_store", T("The plant has no store.", "该工厂没有仓库。"))]
        )
    return found


def counts_post(actor: Any, receipt: Receipt, plant: Plant, taken: Sequence[Counted]) -> UUID | None:
    """Post what was counted from the supplier: good to its places, blocked to the quarantine.

    None when nothing came.
    """
    supplier_side = virtual_location(plant=plant, kind=Location.Kind.SUPPLIER)
    quarantine = quarantine_of(plant=plant) if any(one.blocked for one in taken) else None
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
        for place, quantity in ((one.to_location, one.good), (quarantine, one.blocked_quantity)):
            if place is not None and quantity > 0:
                lines += pair(
                    item_id=one.line.item_id,
                    from_id=supplier_side.pk,
                    to_id=place.pk,
                    quantity=quantity,
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


def lines_write(receipt: Receipt, taken: Sequence[Counted]) -> None:
    """Write one receipt line for each counted line, with its difference."""
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
                blocked_quantity=one.blocked_quantity,
                blocked_reason=one.blocked.reason if one.blocked else "",
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


def calloffs_receive(totals: dict[UUID, Decimal], taken: Sequence[Counted]) -> None:
    """Move call-offs on by what good was received of them; `totals` starts with a zero for each.

    What is blocked is not received: like what is short, the next run calls for it again.
    """
    for one in taken:
        if one.line.calloff_id:
            totals[one.line.calloff_id] += one.good
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
