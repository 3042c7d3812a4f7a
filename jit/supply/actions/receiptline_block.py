"""Found not good after the receipt: out of usable stock, and the supplier sees it."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import ReceiptLine
from jit.supply.services import receipt


@register
class ReceiptLineBlock(Action):
    key = "supply.receiptline.block"
    entity = "supply.receiptline"
    label = T("Not good", "判为不合格")
    icon = "alert-triangle"
    inputs = Schema(
        (
            FieldSpec(
                "quantity",
                "quantity",
                T("How many more are not good", "另有不合格数量"),
                required=True,
            ),
            FieldSpec(
                "reason",
                "choice",
                T("Why", "原因"),
                required=True,
                options={
                    "choices": [{"value": one.value, "label": one.label} for one in ReceiptLine.Blocked]
                },
            ),
        )
    )

    def available(self, *, actor, record):
        return record.blocked_quantity < record.counted_quantity

    def run(self, *, actor, record, values):
        return receipt.receipt_block(
            actor=actor, line=record, quantity=values["quantity"], reason=values["reason"]
        )
