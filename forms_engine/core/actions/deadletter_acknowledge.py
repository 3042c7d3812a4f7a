"""I have seen that this could not be delivered."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.journal import services
from forms_engine.kernel.text import Text


@register
class DeadLetterAcknowledge(Action):
    """Switches the alarm off; the delivery stays given up."""

    key = "journal.deadletter.acknowledge"
    entity = "journal.deadletter"
    label = Text("Acknowledge", "确认告警")
    icon = "check"

    def available(self, *, actor, record):
        return record.alarm

    def run(self, *, actor, record, values):
        return services.deadletter_acknowledge(actor=actor, letter=record)
