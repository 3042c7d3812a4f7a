"""One package received by its licence plate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location
from jit.stock.models import HandlingUnit
from jit.supply.events import ShipmentReceived
from jit.supply.models import Receipt, ReceiptLine, Shipment, ShipmentLine
from jit.supply.selectors import RECEIVABLE
from jit.supply.services.receipt.booking import (
    Counted,
    calloffs_receive,
    counts_post,
    line_placed,
    lines_write,
    receipt_begin,
    receipt_write,
    shipment_locked,
)


class PackageRefused(MesError):
    """A package label that cannot be received here."""

    code = "supply.package.refused"


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
        shipment = shipment_locked(line.shipment_id)
        if shipment.state not in RECEIVABLE:
            raise PackageRefused(
                T("Shipment %(number)s is closed.", "送货单 %(number)s 已关闭。", number=shipment.number)
            )
        receipt = Receipt.objects.filter(
            shipment=shipment, state=Receipt.State.COUNTED
        ).first() or receipt_begin(actor, shipment, dock or shipment.dock, "")
        one = line_placed(line, unit.quantity)
        receipt.posting_id = counts_post(actor, receipt, receipt.dock.plant, [one])
        line.received_quantity += unit.quantity
        line.save(update_fields=["received_quantity"])
        is_complete = _is_complete(shipment)
        # Of packages received before, some pieces may have been found not good meanwhile.
        is_discrepant = ReceiptLine.objects.filter(receipt=receipt.pk, blocked_quantity__gt=0).exists()
        done = Receipt.State.DISCREPANT if is_discrepant else Receipt.State.ACCEPTED
        receipt.state = done if is_complete else Receipt.State.COUNTED
        receipt_write(receipt)
        lines_write(
            receipt,
            [Counted(_expecting(line, unit.quantity), unit.quantity, one.to_location, one.goes_to_line)],
        )
        unit.state, unit.location, unit.received_at = (
            HandlingUnit.State.RECEIVED,
            one.to_location,
            clock.now(),
        )
        unit.save(update_fields=["state", "location", "received_at"])
        calloffs_receive({line.calloff_id: Decimal(0)} if line.calloff_id else {}, [one])
        _shipment_progress(actor, shipment, receipt, is_complete, is_discrepant)
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


def _is_complete(shipment: Shipment) -> bool:
    totals = ShipmentLine.objects.filter(shipment=shipment).aggregate(
        announced=Sum("quantity"), received=Sum("received_quantity")
    )
    return bool(totals["received"] >= totals["announced"])


def _shipment_progress(
    actor: Any, shipment: Shipment, receipt: Receipt, is_complete: bool, is_discrepant: bool
) -> None:
    done = Shipment.State.DISCREPANT if is_discrepant else Shipment.State.RECEIVED
    shipment.state = done if is_complete else Shipment.State.RECEIVING
    shipment.arrived_at = shipment.arrived_at or clock.now()
    if is_complete:
        shipment.received_at = clock.now()
    shipment.save(update_fields=["state", "arrived_at", "received_at"])
    if is_complete:
        event_publish(
            ShipmentReceived(
                record_id=shipment.pk,
                supplier_id=str(shipment.supplier_id),
                number=shipment.number,
                receipt=receipt.number,
                is_discrepant=is_discrepant,
            ),
            actor=actor,
        )
