"""A buyer requires another quantity; the supplier sees the difference."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff
from jit.supply.services import call_off


@register
class CallOffChange(Action):
    key = "supply.calloff.change"
    entity = "supply.calloff"
    label = T("Change quantity", "改数量")
    icon = "edit"
    inputs = Schema(
        (
            FieldSpec("quantity", "quantity", T("New quantity", "新数量"), required=True, options={"min": 0}),
            FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),
        )
    )

    def available(self, *, actor, record):
        return record.state in (CallOff.State.DRAFT, *CallOff.OPEN, CallOff.State.DECLINED)

    def run(self, *, actor, record, values):
        return call_off.calloff_change(
            actor=actor, calloff=record, quantity=values["quantity"], reason=values.get("reason") or ""
        )
