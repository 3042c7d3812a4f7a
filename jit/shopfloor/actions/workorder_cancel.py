"""Take an order back before it starts."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services import work_order


@register
class WorkOrderCancel(Action):
    key = "shopfloor.workorder.cancel"
    entity = "shopfloor.workorder"
    label = T("Cancel", "取消")
    icon = "ban"
    confirm = T("Cancel this work order?", "确定取消该工单？")

    def available(self, *, actor, record):
        return record.state in (WorkOrder.State.PLANNED, WorkOrder.State.FIRM, WorkOrder.State.RELEASED)

    def run(self, *, actor, record, values):
        return work_order.work_order_cancel(actor=actor, work_order=record)
