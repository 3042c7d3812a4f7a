"""A planner fixes what a run proposes; no run changes it any more."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.planning.services import firming


@register
class FirmOrderFirm(Action):
    key = "planning.firmorder.firm"
    entity = "planning.firmorder"
    label = T("Fix order", "确定订单")
    icon = "lock"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec("order", "integer", T("Planned order", "计划订单"), required=True),
            FieldSpec("item", "reference", T("Item", "物料"), options={"target": "catalog.item"}),
        )
    )

    def run(self, *, actor, record, values):
        made = firming.order_firm(actor=actor, order_id=values["order"], item_id=values.get("item"))
        return Result(record_id=made.pk, data={"number": made.number})
