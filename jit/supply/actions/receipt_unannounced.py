"""Receive goods nobody announced."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, Supplier
from jit.supply.services import receipt


@register
class ReceiptUnannounced(Action):
    key = "supply.receipt.unannounced"
    entity = "supply.receipt"
    label = T("Receive unannounced", "无单收货")
    icon = "package-import"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(
                "item", "reference", T("Item", "物料"), required=True, options={"target": "catalog.item"}
            ),
            FieldSpec(
                "supplier",
                "reference",
                T("Supplier", "供应商"),
                required=True,
                options={"target": "catalog.supplier"},
            ),
            FieldSpec(
                "dock", "reference", T("Dock", "码头"), required=True, options={"target": "catalog.location"}
            ),
            FieldSpec(
                "quantity",
                "quantity",
                T("Quantity", "数量"),
                required=True,
                options={"unit_from": "item.unit"},
            ),
            FieldSpec("lot_code", "text", T("Lot", "批号"), options={"max_length": 80}),
            FieldSpec("remark", "text", T("Remark", "备注"), options={"max_length": 200}),
        )
    )

    def run(self, *, actor, record, values):
        return receipt.receipt_unannounced(
            actor=actor,
            item=Item.objects.get(pk=values["item"]),
            quantity=values["quantity"],
            dock=Location.objects.select_related("plant").get(pk=values["dock"]),
            supplier=Supplier.objects.get(pk=values["supplier"]),
            lot_code=values.get("lot_code") or "",
            remark=values.get("remark") or "",
        )
