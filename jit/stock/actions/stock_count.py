"""Count what is really at a place; the books follow by an adjustment."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location
from jit.stock import services
from jit.stock.models import Lot


@register
class StockCount(Action):
    key = "stock.balance.count"
    entity = "stock.balance"
    label = T("Count", "盘点")
    icon = "clipboard-check"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(
                "item", "reference", T("Item", "物料"), required=True, options={"target": "catalog.item"}
            ),
            FieldSpec(
                "location",
                "reference",
                T("Location", "库位"),
                required=True,
                options={"target": "catalog.location"},
            ),
            FieldSpec("lot_code", "text", T("Lot", "批号"), options={"max_length": 80}),
            FieldSpec(
                "counted",
                "quantity",
                T("Counted", "实盘数量"),
                required=True,
                options={"min": 0, "unit_from": "item.unit"},
            ),
            FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),
        )
    )

    def run(self, *, actor, record, values):
        item = Item.objects.get(pk=values["item"])
        lot = services.lot_named(item=item, code=values.get("lot_code") or "")
        posting = services.stock_count(
            actor=actor,
            item=item,
            location=Location.objects.select_related("plant").get(pk=values["location"]),
            counted=values["counted"],
            lot=lot if isinstance(lot, Lot) else None,
            reason=values.get("reason") or "",
        )
        return Result(data={"posting": str(posting) if posting else None})
