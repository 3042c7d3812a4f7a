"""I have seen this message."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text
from forms_engine.notify import services


@register
class NotificationRead(Action):
    """Marks one message of one's own as read."""

    key = "notify.notification.read"
    entity = "notify.notification"
    label = Text("Mark as read", "标为已读")
    icon = "check"

    def available(self, *, actor, record):
        return record.read_at is None and record.recipient_id == actor.user_id

    def run(self, *, actor, record, values):
        return {"read": services.notification_read(actor=actor, ids=[record.pk])}
