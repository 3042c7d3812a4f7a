"""A buyer withdraws a call-off that is not packed yet."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff
from jit.supply.services import call_off


@register
class CallOffCancel(Action):
    key = "supply.calloff.cancel"
    entity = "supply.calloff"
    label = T("Cancel", "取消")
    icon = "ban"
    confirm = T("Withdraw this call-off?", "确定取消该叫料单？")
    inputs = Schema((FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),))

    def available(self, *, actor, record):
        return record.state in CallOff.BEFORE_SHIPPED

    def run(self, *, actor, record, values):
        return call_off.calloff_cancel(actor=actor, calloff=record, reason=values.get("reason") or "")
