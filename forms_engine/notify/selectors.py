"""Read notifications: always of one person, whoever asks."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet

from forms_engine.kernel.text import Text
from forms_engine.notify.channel import channels
from forms_engine.notify.models import Notification, Preference

ALWAYS = "in_app"


def notification_unread_count(*, user_id: uuid.UUID, most: int = 100) -> int:
    """Return how many messages somebody has not read, counted up to `most` (the bell says "99+")."""
    return Notification.objects.filter(recipient_id=user_id, read_at=None)[:most].count()


def notification_list(*, user_id: uuid.UUID, unread_only: bool = False) -> QuerySet[Notification]:
    """Return somebody's messages, newest first."""
    found = Notification.objects.filter(recipient_id=user_id, archived_at=None).order_by("-created_at")
    return found.filter(read_at=None) if unread_only else found


def notification_words(notification: Notification, language: str) -> tuple[str, str]:
    """Return title and text in the reader's language of now."""
    texts = notification.texts or {}
    title, body = (Text.of(texts.get(part) or "").in_language(language) for part in ("title", "body"))
    return title or notification.title, body or notification.body


def preferences_of(*, user_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, bool]]:
    """Return {person: {channel: wanted}} for every channel there is."""
    rows = Preference.objects.filter(user_id__in=user_ids).values_list("user_id", "channel", "enabled")
    said = {(user, channel): enabled for user, channel, enabled in rows}
    return {
        user: {
            channel.key: channel.key == ALWAYS or said.get((user, channel.key), True) for channel in channels
        }
        for user in user_ids
    }
