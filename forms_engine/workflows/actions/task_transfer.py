"""Hand a task to a colleague; both names stay in the history."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services
from forms_engine.workflows.engine.errors import AlreadyHandled
from forms_engine.workflows.selectors import people_of


@register
class TaskTransfer(Action):
    key = "workflows.task.transfer"
    entity = "workflows.task"
    label = T("Hand on", "转交")
    icon = "arrow-forward-up"
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
            FieldSpec(name="comment", type="long_text", label=T("Comment", "意见")),
            FieldSpec(name="turn", type="integer", label=T("Turn", "轮手"), hidden=True),
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
        return services.task_transfer(
            actor=actor,
            task=record,
            to=found[0],
            comment=values.get("comment") or "",
            turn=values.get("turn"),
        )
