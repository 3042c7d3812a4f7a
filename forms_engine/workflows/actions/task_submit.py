"""Hand in what a step asked to be filled in or mended."""

from __future__ import annotations

import json

from forms_engine.core.action import Action, register
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services
from forms_engine.workflows.engine.errors import AlreadyHandled


@register
class TaskSubmit(Action):
    key = "workflows.task.submit"
    entity = "workflows.task"
    label = T("Submit", "提交")
    icon = "send"
    locks = False  # the case is locked first, by the service
    inputs = Schema(
        (
            FieldSpec(
                name="values",
                type="long_text",
                label=T("Values", "填写内容"),
                hidden=True,
                help=T("Fields of the record as a JSON object.", "记录字段，JSON 对象。"),
            ),
            FieldSpec(name="comment", type="long_text", label=T("Comment", "意见")),
            FieldSpec(name="turn", type="integer", label=T("Turn", "轮手"), hidden=True),
        )
    )

    def available(self, *, actor, record):
        return record.state == "open" and "submit" in record.verdicts

    def unavailable(self, *, record):
        return AlreadyHandled(T("This was already handled.", "该任务已被处理。"))

    def run(self, *, actor, record, values):
        return services.task_decide(
            actor=actor,
            task=record,
            verdict="submit",
            comment=values.get("comment") or "",
            turn=values.get("turn"),
            values=_object(values.get("values")),
        )


def _object(text: str | None) -> dict | None:
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise FieldError("values", "value.invalid", T("This is no JSON object.", "不是 JSON 对象。"))
    return found
