"""The supplier says: all of it, in the window."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff, CallOffReply
from jit.supply.services import call_off


@register
class CallOffConfirm(Action):
    key = "supply.calloff.confirm"
    entity = "supply.calloff"
    label = T("Confirm", "确认")
    icon = "check"
    inputs = Schema((FieldSpec("revision", "integer", T("Version seen", "所见版次"), hidden=True),))

    def available(self, *, actor, record):
        return record.state in (CallOff.State.RELEASED, CallOff.State.SENT, CallOff.State.ACKED)

    def run(self, *, actor, record, values):
        return call_off.calloff_reply(
            actor=actor, calloff=record, kind=CallOffReply.Kind.CONFIRM, revision=values.get("revision")
        )
