"""Make notifications, and carry them."""

from __future__ import annotations

from forms_engine.journal.events import StoredEvent
from forms_engine.journal.subscription import subscribe
from forms_engine.notify import making


@subscribe("notify.notification.asked", name="notify.make")
def make(event: StoredEvent) -> None:
    """Lay out who is told by which channel."""
    making.notifications_make(event)


@subscribe("notify.delivery.due", name="notify.send", outside=True)
def send(event: StoredEvent) -> None:
    """Talk to the world outside, without holding a transaction open."""
    making.delivery_send(event.record_id)
