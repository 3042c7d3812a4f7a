"""Say no to what waits in the inbox, with a reason."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services
from forms_engine.workflows.engine.errors import AlreadyHandled


@register
class TaskReject(Action):
    key = "workflows.task.reject"
    entity = "workflows.task"
    label = T("Reject", "拒绝")
    icon = "x"
    locks = False  # the case is locked first, by the service
    inputs = Schema(
        (
            FieldSpec(name="comment", type="long_text", label=T("Comment", "意见")),
            FieldSpec(name="turn", type="integer", label=T("Turn", "轮手"), hidden=True),
        )
    )

    def available(self, *, actor, record):
        return record.state == "open" and "reject" in record.verdicts

    def unavailable(self, *, record):
        return AlreadyHandled(T("This was already handled.", "该任务已被处理。"))

    def run(self, *, actor, record, values):
        return services.task_decide(
            actor=actor,
            task=record,
            verdict="reject",
            comment=values.get("comment") or "",
            turn=values.get("turn"),
        )
