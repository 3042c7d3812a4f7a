"""End a case from outside, whatever it waits for."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services


@register
class InstanceTerminate(Action):
    key = "workflows.instance.terminate"
    entity = "workflows.instance"
    label = T("End", "终止")
    icon = "ban"
    confirm = T("End this case for good?", "终止该流程？")
    inputs = Schema((FieldSpec(name="comment", type="long_text", label=T("Reason", "原因"), required=True),))

    def available(self, *, actor, record):
        return record.status == "running"

    def run(self, *, actor, record, values):
        return services.instance_terminate(actor=actor, instance=record, comment=values["comment"])
