"""A planner gives a firm order back to the run."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.planning.models import FirmOrder
from jit.planning.services import firming


@register
class FirmOrderUnfirm(Action):
    key = "planning.firmorder.unfirm"
    entity = "planning.firmorder"
    label = T("Give back", "退回计划")
    icon = "lock-open"

    def available(self, *, actor, record):
        return record.state == FirmOrder.State.FIRM

    def run(self, *, actor, record, values):
        return firming.order_unfirm(actor=actor, firm_order=record)
