"""The supplier has opened the call-off: the answer clock rests."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff
from jit.supply.services import call_off


@register
class CallOffSee(Action):
    key = "supply.calloff.see"
    entity = "supply.calloff"
    label = T("Seen", "已查看")
    icon = "eye"

    def available(self, *, actor, record):
        return record.acked_at is None or record.state in (CallOff.State.RELEASED, CallOff.State.SENT)

    def run(self, *, actor, record, values):
        return call_off.calloff_see(actor=actor, calloff=record)
