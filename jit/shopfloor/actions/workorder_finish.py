"""End an order; short only with a reason."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services import work_order


@register
class WorkOrderFinish(Action):
    key = "shopfloor.workorder.finish"
    entity = "shopfloor.workorder"
    label = T("Finish", "完工")
    icon = "flag"
    inputs = Schema((FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),))

    def available(self, *, actor, record):
        return record.state in (WorkOrder.State.RELEASED, WorkOrder.State.STARTED, WorkOrder.State.PAUSED)

    def run(self, *, actor, record, values):
        return work_order.work_order_finish(actor=actor, work_order=record, reason=values.get("reason") or "")
