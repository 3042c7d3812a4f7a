"""Goods nobody announced."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from forms_engine.base import db
from forms_engine.kernel import clock
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, Supplier
from jit.catalog.numbers import number_next
from jit.catalog.units import division_fault
from jit.stock.models import Posting
from jit.stock.services import lot_named, move_post, pair, virtual_location
from jit.supply.models import Receipt, ReceiptLine
from jit.supply.services.receipt.booking import Difference, ReceiptRefused, store_or_refuse


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
    if words := division_fault(quantity, item.unit):
        raise ReceiptRefused([FieldError("quantity", "number.scale", words)])
    with db.atomic():
        place = to_location or store_or_refuse(dock.plant)
        receipt = Receipt(
            number=number_next("GR"),
            supplier=supplier,
            dock=dock,
            state=Receipt.State.DISCREPANT,
            received_at=clock.now(),
            received_by=actor.name,
            remark=remark,
        )
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
        receipt.save(force_insert=True)
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
