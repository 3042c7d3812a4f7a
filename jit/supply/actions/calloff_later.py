"""The supplier says: all of it, but later."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff, CallOffReply
from jit.supply.services import call_off


@register
class CallOffLater(Action):
    key = "supply.calloff.later"
    entity = "supply.calloff"
    label = T("Later", "改时间")
    icon = "clock"
    inputs = Schema(
        (
            FieldSpec("promised_at", "datetime", T("It will be there at", "预计到达时间"), required=True),
            FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),
            FieldSpec("revision", "integer", T("Version seen", "所见版次"), hidden=True),
        )
    )

    def available(self, *, actor, record):
        return record.state in (CallOff.State.RELEASED, CallOff.State.SENT, CallOff.State.ACKED)

    def run(self, *, actor, record, values):
        return call_off.calloff_reply(
            actor=actor,
            calloff=record,
            kind=CallOffReply.Kind.LATER,
            promised_at=values["promised_at"],
            reason=values.get("reason") or "",
            revision=values.get("revision"),
        )
