"""Let a held call-off go on."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff
from jit.supply.services import call_off


@register
class CallOffResume(Action):
    key = "supply.calloff.resume"
    entity = "supply.calloff"
    label = T("Resume", "恢复")
    icon = "player-play"

    def available(self, *, actor, record):
        return record.state == CallOff.State.HOLD

    def run(self, *, actor, record, values):
        return call_off.calloff_resume(actor=actor, calloff=record)
