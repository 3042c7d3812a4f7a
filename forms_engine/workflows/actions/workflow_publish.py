"""Put a drawing in force: it is proved first, and cases that run keep theirs."""

from __future__ import annotations

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services


@register
class WorkflowPublish(Action):
    key = "workflows.workflow.publish"
    entity = "workflows.workflow"
    label = T("Publish a flow", "发布流程")
    icon = "rocket"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(
                name="definition",
                type="long_text",
                label=T("Drawing", "流程定义"),
                required=True,
                help=T("YAML or JSON of a flow.", "流程的 YAML 或 JSON。"),
            ),
        )
    )

    def run(self, *, actor, record, values):
        version = services.workflow_publish(actor=actor, definition=values["definition"])
        return Result(version.workflow_id, {"slug": version.workflow.slug, "number": version.number})
