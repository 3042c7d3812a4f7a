"""Freeze the components; the floor may start."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services import work_order


@register
class WorkOrderRelease(Action):
    key = "shopfloor.workorder.release"
    entity = "shopfloor.workorder"
    label = T("Release", "下达")
    icon = "send"

    def available(self, *, actor, record):
        return record.state in (WorkOrder.State.PLANNED, WorkOrder.State.FIRM)

    def run(self, *, actor, record, values):
        return work_order.work_order_release(actor=actor, work_order=record)
