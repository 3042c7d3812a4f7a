"""Try once more to deliver what was given up."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.journal import services
from forms_engine.kernel.text import Text


@register
class DeadLetterRetry(Action):
    """Puts the delivery back into the outbox and switches its alarm off."""

    key = "journal.deadletter.retry"
    entity = "journal.deadletter"
    label = Text("Send again", "重新投递")
    icon = "refresh"

    def run(self, *, actor, record, values):
        return services.deadletter_retry(actor=actor, letter=record)
