"""Let a stuck case try again, once its cause is mended."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from forms_engine.workflows import services


@register
class InstanceRetry(Action):
    key = "workflows.instance.retry"
    entity = "workflows.instance"
    label = T("Try again", "重试")
    icon = "refresh"

    def available(self, *, actor, record):
        return record.status == "running" and record.is_stuck

    def run(self, *, actor, record, values):
        return services.instance_retry(actor=actor, instance=record)
