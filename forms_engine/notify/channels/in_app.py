"""The bell in the application: the notification's own row is the message, the page is told to look."""

from __future__ import annotations

from typing import Any

from forms_engine.kernel.text import Text
from forms_engine.notify.channel import Channel, Message, Receipt, register


@register
class InApp(Channel):
    """Nothing leaves the plant: the row is there before the channel is asked."""

    key = "in_app"
    label = Text("In the application", "应用内")
    icon = "bell"
    timeout_seconds = 1.0

    def address(self, user: Any) -> str | None:
        return str(user.pk) if user.is_active else None

    def send(self, message: Message) -> Receipt:
        return Receipt(reference=str(message.recipient_id))
