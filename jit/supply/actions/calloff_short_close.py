"""Say that the rest will not come; the next run nets what is missing."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff
from jit.supply.services import call_off


@register
class CallOffShortClose(Action):
    key = "supply.calloff.short_close"
    entity = "supply.calloff"
    label = T("Close short", "短缺关闭")
    icon = "circle-minus"
    inputs = Schema(
        (FieldSpec("reason", "text", T("Reason", "原因"), required=True, options={"max_length": 200}),)
    )

    def available(self, *, actor, record):
        return record.state in (
            *CallOff.OPEN,
            CallOff.State.DECLINED,
            CallOff.State.SHIPPED,
            CallOff.State.AT_GATE,
        )

    def run(self, *, actor, record, values):
        return call_off.calloff_short_close(actor=actor, calloff=record, reason=values["reason"])
