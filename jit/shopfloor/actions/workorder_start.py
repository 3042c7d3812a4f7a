"""Start, or go on after a pause."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services import work_order


@register
class WorkOrderStart(Action):
    key = "shopfloor.workorder.start"
    entity = "shopfloor.workorder"
    label = T("Start", "开工")
    icon = "player-play"

    def available(self, *, actor, record):
        return record.state in (WorkOrder.State.RELEASED, WorkOrder.State.PAUSED)

    def run(self, *, actor, record, values):
        return work_order.work_order_start(actor=actor, work_order=record)
