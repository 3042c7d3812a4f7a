"""The supplier says: less than that."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff, CallOffReply
from jit.supply.services import call_off


@register
class CallOffLess(Action):
    key = "supply.calloff.less"
    entity = "supply.calloff"
    label = T("Less", "少发")
    icon = "arrow-down"
    inputs = Schema(
        (
            FieldSpec("quantity", "quantity", T("Quantity that will come", "可发数量"), required=True),
            FieldSpec("reason", "text", T("Reason", "原因"), required=True, options={"max_length": 200}),
            FieldSpec("revision", "integer", T("Version seen", "所见版次"), hidden=True),
        )
    )

    def available(self, *, actor, record):
        return record.state in (CallOff.State.RELEASED, CallOff.State.SENT, CallOff.State.ACKED)

    def run(self, *, actor, record, values):
        return call_off.calloff_reply(
            actor=actor,
            calloff=record,
            kind=CallOffReply.Kind.LESS,
            quantity=values["quantity"],
            reason=values["reason"],
            revision=values.get("revision"),
        )
