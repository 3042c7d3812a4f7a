"""Make the call-offs of a data set binding; their suppliers are told."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.services import inbound


@register
class InboundReleased(Action):
    key = "supply.inboundrequirement.release"
    entity = "supply.inboundrequirement"
    label = T("Release the call-offs", "下达叫料单")
    icon = "send"
    record_needed = False
    inputs = Schema(
        (FieldSpec("batch", "text", T("Data set", "数据集"), required=True, options={"max_length": 80}),)
    )

    def run(self, *, actor, record, values):
        released, refused = inbound.inbound_release(actor=actor, batch=values["batch"])
        reasons = [{"number": row.number, "reason": reason.dump()} for row, reason in refused[:100]]
        return Result(data={"released": released, "refused": len(refused), "reasons": reasons})
