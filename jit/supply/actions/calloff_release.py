"""A buyer makes a proposal binding; the supplier is told."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff
from jit.supply.services import call_off


@register
class CallOffRelease(Action):
    key = "supply.calloff.release"
    entity = "supply.calloff"
    label = T("Release", "下达")
    icon = "send"

    def available(self, *, actor, record):
        return record.state == CallOff.State.DRAFT

    def run(self, *, actor, record, values):
        return call_off.calloff_release(actor=actor, calloff=record)
