"""Send a case back to an earlier step, saying what to mend."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services
from forms_engine.workflows.engine.errors import AlreadyHandled


@register
class TaskReturn(Action):
    key = "workflows.task.return"
    entity = "workflows.task"
    label = T("Return", "退回")
    icon = "arrow-back-up"
    locks = False  # the case is locked first, by the service
    inputs = Schema(
        (
            FieldSpec(
                name="target",
                type="text",
                label=T("Back to", "退回到"),
                help=T("Empty = the first step offered.", "留空则退回到第一个可选步骤。"),
            ),
            FieldSpec(name="comment", type="long_text", label=T("Comment", "意见")),
            FieldSpec(name="turn", type="integer", label=T("Turn", "轮手"), hidden=True),
        )
    )

    def available(self, *, actor, record):
        return record.state == "open" and "return" in record.verdicts

    def unavailable(self, *, record):
        return AlreadyHandled(T("This was already handled.", "该任务已被处理。"))

    def run(self, *, actor, record, values):
        offered = [target["node"] for target in record.targets]
        return services.task_decide(
            actor=actor,
            task=record,
            verdict="return",
            target=values.get("target") or next(iter(offered), ""),
            comment=values.get("comment") or "",
            turn=values.get("turn"),
        )
