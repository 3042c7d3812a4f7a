"""Carry stock from one place to another."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location
from jit.stock import services


@register
class StockTransfer(Action):
    key = "stock.balance.transfer"
    entity = "stock.balance"
    label = T("Transfer", "移库")
    icon = "transfer"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(
                "item", "reference", T("Item", "物料"), required=True, options={"target": "catalog.item"}
            ),
            FieldSpec(
                "from_location",
                "reference",
                T("From", "从"),
                required=True,
                options={"target": "catalog.location"},
            ),
            FieldSpec(
                "to_location",
                "reference",
                T("To", "到"),
                required=True,
                options={"target": "catalog.location"},
            ),
            FieldSpec("lot_code", "text", T("Lot", "批号"), options={"max_length": 80}),
            FieldSpec(
                "quantity",
                "quantity",
                T("Quantity", "数量"),
                required=True,
                options={"unit_from": "item.unit"},
            ),
        )
    )

    def run(self, *, actor, record, values):
        item = Item.objects.get(pk=values["item"])
        posting = services.stock_transfer(
            actor=actor,
            item=item,
            from_location=Location.objects.get(pk=values["from_location"]),
            to_location=Location.objects.get(pk=values["to_location"]),
            quantity=values["quantity"],
            lot=services.lot_named(item=item, code=values.get("lot_code") or ""),
        )
        return Result(data={"posting": str(posting)})
