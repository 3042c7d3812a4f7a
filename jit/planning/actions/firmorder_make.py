"""A firm order to make becomes a work order."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.text import Text as T
from jit.planning.models import FirmOrder
from jit.planning.services import firming


@register
class FirmOrderMake(Action):
    key = "planning.firmorder.make"
    entity = "planning.firmorder"
    label = T("Make a work order", "转为工单")
    icon = "tool"

    def available(self, *, actor, record):
        return record.state == FirmOrder.State.FIRM and record.kind == FirmOrder.Kind.MAKE

    def run(self, *, actor, record, values):
        made = firming.order_make(actor=actor, firm_order=record)
        return Result(record_id=record.pk, data={"work_order": str(made.pk), "number": made.number})
