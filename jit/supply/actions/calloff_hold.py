"""Stop a call-off for a while."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff
from jit.supply.services import call_off


@register
class CallOffHold(Action):
    key = "supply.calloff.hold"
    entity = "supply.calloff"
    label = T("Hold", "暂停")
    icon = "player-pause"
    inputs = Schema((FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),))

    def available(self, *, actor, record):
        return record.state in (CallOff.State.DRAFT, *CallOff.OPEN)

    def run(self, *, actor, record, values):
        return call_off.calloff_hold(actor=actor, calloff=record, reason=values.get("reason") or "")
