"""A whole shipment at the dock: it arrives, and is received as counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.base.sql import execute
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, FieldError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location
from jit.catalog.units import division_fault
from jit.stock.models import HandlingUnit
from jit.supply.events import ShipmentReceived
from jit.supply.models import CallOff, Receipt, Shipment, ShipmentLine
from jit.supply.selectors import RECEIVABLE
from jit.supply.services.receipt.blocked import Blocked, blocked_by_line, blocked_faults
from jit.supply.services.receipt.booking import (
    ReceiptRefused,
    calloffs_receive,
    counts_post,
    line_placed,
    lines_write,
    receipt_begin,
    receipt_write,
    shipment_locked,
)

#: `bulk_update` builds a CASE for each line: most of what a receipt cost.
RECEIVED = """
UPDATE supply_shipmentline AS line SET received_quantity = v.quantity
FROM unnest(%s::uuid[], %s::numeric[]) AS v(id, quantity) WHERE line.id = v.id
"""


class ShipmentReceivedBefore(Conflict):
    """The same label again: nothing is posted twice."""

    code = "supply.shipment.received_before"


def shipment_arrive(*, actor: Any, shipment: Shipment) -> Shipment:
    """The truck is at the gate."""
    with db.atomic():
        row = shipment_locked(shipment.pk)
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
    blocked: Sequence[Blocked] = (),
) -> Receipt:
    """Receive a shipment as counted; publishes `ShipmentReceived`.

    Args:
        counted: {shipment line id: quantity}; lines left out count as announced. 0 = did not come.
        dock: where it was unloaded; default the announced dock.
        blocked: what of the counts is not good; it goes to the quarantine and counts as not received.

    Raises:
        ShipmentReceivedBefore: the label was scanned before; the first receipt stands.
        ReceiptRefused: a negative or impossible count, a line of another shipment, more blocked than counted.
    """
    with db.atomic():
        row = shipment_locked(shipment.pk)
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
            ShipmentLine.objects.select_related("item__unit", "calloff__area")
            .filter(shipment=row)
            .order_by("line_no")
        )
        counts = _counts(lines, dict(counted or {}), blocked)
        bad = blocked_by_line(blocked)
        receipt = receipt_begin(actor, row, dock or row.dock, remark)
        taken = [line_placed(line, counts[line.pk], bad.get(line.pk)) for line in lines]
        receipt.posting_id = counts_post(actor, receipt, row.plant or receipt.dock.plant, taken)
        discrepant = bool(bad) or any(
            one.quantity != one.line.quantity - one.line.received_quantity for one in taken
        )
        receipt.state = Receipt.State.DISCREPANT if discrepant else Receipt.State.ACCEPTED
        receipt_write(receipt)
        lines_write(receipt, taken)
        for one in taken:
            one.line.received_quantity += one.quantity
        execute(RECEIVED, [[line.pk for line in lines], [line.received_quantity for line in lines]])
        row.state = Shipment.State.DISCREPANT if discrepant else Shipment.State.RECEIVED
        row.received_at = row.received_at or receipt.received_at
        row.arrived_at = row.arrived_at or receipt.received_at
        row.dock_id = receipt.dock_id
        row.save(update_fields=["state", "received_at", "arrived_at", "dock"])
        calloffs_receive({one.line.calloff_id: Decimal(0) for one in taken if one.line.calloff_id}, taken)
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


def _counts(
    lines: Sequence[ShipmentLine], given: dict[UUID, Decimal], blocked: Sequence[Blocked]
) -> dict[UUID, Decimal]:
    errors: list[FieldError] = []
    by_id = {line.pk: line for line in lines}
    known = {line.pk: line.quantity - line.received_quantity for line in lines}
    for index, (key, quantity) in enumerate(given.items()):
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
        elif words := division_fault(quantity, by_id[key].item.unit, beside=known[key]):
            errors.append(FieldError(f"counted.{index}.received_quantity", "number.scale", words))
        else:
            known[key] = quantity
    errors += blocked_faults(blocked, known, {line.pk: line.item.unit for line in lines})
    if errors:
        raise ReceiptRefused(errors)
    return known
