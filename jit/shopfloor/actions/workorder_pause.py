"""Stop for a while."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services import work_order


@register
class WorkOrderPause(Action):
    key = "shopfloor.workorder.pause"
    entity = "shopfloor.workorder"
    label = T("Pause", "暂停")
    icon = "player-pause"

    def available(self, *, actor, record):
        return record.state == WorkOrder.State.STARTED

    def run(self, *, actor, record, values):
        return work_order.work_order_pause(actor=actor, work_order=record)
