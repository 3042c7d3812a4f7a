"""Begin a flow by hand: the button on a record."""

from __future__ import annotations

import uuid

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services


@register
class InstanceStart(Action):
    key = "workflows.instance.start"
    entity = "workflows.instance"
    label = T("Begin a flow", "发起流程")
    icon = "player-play"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(name="workflow", type="text", label=T("Flow", "流程"), required=True),
            FieldSpec(name="subject", type="text", label=T("Record", "记录")),
        )
    )

    def run(self, *, actor, record, values):
        instance = services.instance_start(
            actor=actor,
            workflow=values["workflow"],
            subject_id=_subject(values.get("subject")),
            cause=f"button:{new_id()}",
        )
        return Result(instance.pk, {"id": str(instance.pk)}) if instance else Result()


def _subject(text: str | None) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise FieldError(
            "subject", "value.invalid", T("This is no record.", "不是有效的记录标识。")
        ) from None
