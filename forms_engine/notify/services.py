"""Tell people, and let them say what they have read and want to hear."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.core.pushing import push_on_commit
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text
from forms_engine.notify.channel import channels as all_channels
from forms_engine.notify.events import NotificationAsked
from forms_engine.notify.models import Notification, Preference

EVERYWHERE = ("in_app", "email")
Recipients = Iterable[uuid.UUID | str] | str | uuid.UUID


def notify(
    *,
    to: Recipients,
    title: Text,
    body: Text | str = "",
    link: str = "",
    key: str,
    channels: Iterable[str] = EVERYWHERE,
    actor: Actor | None = None,
) -> None:
    """Ask that somebody is told; part of the caller's transaction, also behind a supplier's walls.

    Args:
        to: ids of users; or one role key ("buyer": everybody who has the role); or one UUID: a supplier,
            all his users.
        key: names the doing; asked twice with one key, a person is told once by each channel.
        link: path inside Takt, e.g. `/e/supply.calloff/<id>/`.
        channels: where, unless the person does not want it there.
    """
    asked = NotificationAsked(
        record_id=new_id(),
        to=_recipients(to),
        title=Text.of(title).dump(),
        body=Text.of(body).dump(),
        link=link,
        key=key[:200],
        channels=tuple(channels),
    )
    event_publish(asked, actor=actor or Actor.system("notify"))


def _recipients(to: Recipients) -> dict[str, Any]:
    if isinstance(to, uuid.UUID):
        return {"supplier": str(to)}
    if isinstance(to, str):
        return {"supplier": to} if _is_id(to) else {"role": to}
    return {"users": [str(each) for each in to]}


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@db.atomic
def notification_read(*, actor: Actor, ids: Iterable[uuid.UUID | str] | None = None) -> int:
    """Mark the actor's own messages as read, all of them without `ids`; returns how many were unread."""
    mine = Notification.objects.filter(recipient_id=actor.user_id, read_at=None)
    if ids is not None:
        mine = mine.filter(pk__in=list(ids))
    count = mine.update(read_at=clock.now())
    if count:
        push_on_commit([f"user:{actor.user_id}"])
    return count


@db.atomic
def preference_set(*, actor: Actor, channel: str, enabled: bool) -> None:
    """Say whether the actor wants to hear by a channel. Raises: UnknownKey."""
    all_channels.get(channel)
    Preference.objects.update_or_create(
        user_id=actor.user_id,
        channel=channel,
        defaults={"enabled": enabled, "supplier_id": actor.supplier_id},
    )
