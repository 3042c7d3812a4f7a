"""Give a task to somebody else when its holder is away or has left (administrators)."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services
from forms_engine.workflows.engine.errors import AlreadyHandled
from forms_engine.workflows.selectors import people_of


@register
class TaskReassign(Action):
    key = "workflows.task.reassign"
    entity = "workflows.task"
    label = T("Reassign", "改派")
    icon = "users"
    locks = False  # the case is locked first, by the service
    inputs = Schema(
        (
            FieldSpec(
                name="to",
                type="text",
                label=T("To whom", "转交给"),
                required=True,
                help=T("Log-in name.", "登录名。"),
            ),
            FieldSpec(name="comment", type="long_text", label=T("Reason", "原因"), required=True),
        )
    )

    def available(self, *, actor, record):
        return record.state == "open"

    def unavailable(self, *, record):
        return AlreadyHandled(T("This was already handled.", "该任务已被处理。"))

    def run(self, *, actor, record, values):
        found = people_of([{"kind": "person", "value": values["to"]}])
        if not found:
            raise FieldError(
                "to", "workflows.person.unknown", T("There is no such person.", "找不到该人员。")
            )
        return services.task_reassign(actor=actor, task=record, to=found[0], comment=values["comment"])
