"""What the notify room says and asks of itself; both travel through the outbox."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from forms_engine.journal.events import Event


@dataclass(frozen=True)
class NotificationAsked(Event):
    """Somebody is to be told something. `to`: {"users": [ids]}, {"role": key} or {"supplier": id}."""

    topic = "notify.notification.asked"
    to: dict[str, Any]
    title: dict[str, str]
    body: dict[str, str]
    link: str
    key: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class DeliveryDue(Event):
    """A message waits for its channel; `record_id` is the delivery."""

    topic = "notify.delivery.due"
    channel: str
    recipient_id: uuid.UUID
