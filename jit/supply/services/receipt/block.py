"""Found not good after the receipt: carried to the quarantine, and the call-off corrected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.quantity import number_text
from forms_engine.kernel.text import Text as T
from jit.catalog.units import division_fault
from jit.stock.models import Posting
from jit.stock.services import move_post, pair
from jit.supply.events import ReceiptBlocked
from jit.supply.models import CallOff, Receipt, ReceiptLine, Shipment
from jit.supply.services.receipt.blocked import quarantine_of
from jit.supply.services.receipt.booking import ReceiptRefused


def receipt_block(*, actor: Any, line: ReceiptLine, quantity: Decimal, reason: str) -> ReceiptLine:
    """Take pieces of a receipt line out of usable stock; publishes `ReceiptBlocked`.

    The call-off has received so much less, and the next run calls for it again. Of several reasons for one
    line the last one stands on it; the journal keeps the others.

    Raises: ReceiptRefused: none or more than was good, no such reason; StockShort when it has left its place.
    """
    with db.atomic():
        row = ReceiptLine.objects.select_related("item__unit").select_for_update(of=("self",)).get(pk=line.pk)
        _check(row, quantity, reason)
        receipt = Receipt.objects.select_related("dock__plant").get(pk=row.receipt_id)
        move_post(
            actor=actor,
            kind=Posting.Kind.TRANSFER,
            document=receipt.number,
            document_id=receipt.pk,
            reason=str(ReceiptLine.Blocked(reason).label),
            lines=pair(
                item_id=row.item_id,
                from_id=row.to_location_id,
                to_id=quarantine_of(plant=receipt.dock.plant).pk,
                quantity=quantity,
                lot_id=row.lot_id,
            ),
        )
        row.blocked_quantity += quantity
        row.blocked_reason = reason
        row.save(update_fields=["blocked_quantity", "blocked_reason"])
        _documents_correct(receipt, row.calloff_id, quantity)
        event_publish(
            ReceiptBlocked(
                record_id=receipt.pk,
                supplier_id=str(row.supplier_id or ""),
                number=receipt.number,
                quantity=number_text(quantity),
                reason=reason,
            ),
            actor=actor,
        )
    return row


def _check(row: ReceiptLine, quantity: Decimal, reason: str) -> None:
    errors = []
    good = row.counted_quantity - row.blocked_quantity
    if not 0 < quantity <= good:
        words = T(
            "Above zero and at most the %(n)s that were good.",
            "须大于零，且不超过合格的 %(n)s。",
            n=number_text(good),
        )
        errors.append(FieldError("quantity", "supply.receipt.blocked_quantity", words))
    elif words := division_fault(quantity, row.item.unit, beside=good):
        errors.append(FieldError("quantity", "number.scale", words))
    if reason not in ReceiptLine.Blocked.values:
        errors.append(FieldError("reason", "value.required", T("Choose a reason.", "请选择原因。")))
    if errors:
        raise ReceiptRefused(errors)


def _documents_correct(receipt: Receipt, calloff_id: UUID | None, quantity: Decimal) -> None:
    """Say on receipt, notice and call-off that less was good; a notice still open says so at its end."""
    if receipt.state == Receipt.State.ACCEPTED:
        receipt.state = Receipt.State.DISCREPANT
        receipt.save(update_fields=["state"])
    shipment = Shipment.objects.select_for_update(of=("self",)).filter(pk=receipt.shipment_id).first()
    if shipment is not None and shipment.state == Shipment.State.RECEIVED:
        shipment.state = Shipment.State.DISCREPANT
        shipment.save(update_fields=["state"])
    call = CallOff.objects.select_for_update(of=("self",)).filter(pk=calloff_id).first()
    if call is not None:
        call.received_quantity = max(call.received_quantity - quantity, Decimal(0))
        call.save(update_fields=["received_quantity"])
