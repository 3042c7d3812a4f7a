"""Take back one's own request while the flow allows it."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services


@register
class InstanceWithdraw(Action):
    key = "workflows.instance.withdraw"
    entity = "workflows.instance"
    label = T("Withdraw", "撤回")
    icon = "arrow-back"
    confirm = T("Take this request back?", "撤回该申请？")
    inputs = Schema((FieldSpec(name="comment", type="long_text", label=T("Comment", "意见")),))

    def available(self, *, actor, record):
        return record.status == "running"

    def run(self, *, actor, record, values):
        return services.instance_withdraw(actor=actor, instance=record, comment=values.get("comment") or "")
