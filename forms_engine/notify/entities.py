"""Nouns of this room, for lists and rights."""

from __future__ import annotations

from forms_engine.core.entity import ModelEntity, entity_register
from forms_engine.notify.models import Delivery, Notification

entity_register(
    ModelEntity(
        "notify.notification",
        model=Notification,
        scope="supplier",
        title="title",
        business_key=("key",),
        search=("title", "body"),
        columns=("title", "recipient", "created_at", "read_at"),
        icon="bell",
        read_only=True,
    )
)
entity_register(
    ModelEntity(
        "notify.delivery",
        model=Delivery,
        title="key",
        business_key=("key",),
        columns=("key", "channel", "state", "attempts", "sent_at", "error"),
        icon="mail",
        read_only=True,
        archivable=False,
    )
)
