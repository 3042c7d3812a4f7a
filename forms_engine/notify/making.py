"""Turn what was asked into rows: one notification a person, one delivery a channel that reaches him."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from forms_engine.access.actor import Actor
from forms_engine.access.selectors import users_of_role, users_of_supplier
from forms_engine.base import db
from forms_engine.core.pushing import push_on_commit
from forms_engine.journal.events import StoredEvent
from forms_engine.journal.services import events_publish
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text
from forms_engine.notify.channel import Channel, ChannelRefused, Message, channels
from forms_engine.notify.events import DeliveryDue
from forms_engine.notify.models import Delivery, Notification
from forms_engine.notify.selectors import preferences_of

HERE = Actor.system("notify")


def notifications_make(event: StoredEvent) -> int:
    """Make the rows of one `NotificationAsked`; returns how many people are told who had not been yet."""
    asked = event.payload
    known = Notification.objects.filter(key=asked["key"]).values("recipient_id")
    people = list(
        get_user_model()
        .objects.filter(pk__in=_people(asked["to"]), is_active=True)
        .exclude(pk__in=known)
        .order_by("pk")
    )
    told = [_notification(user, asked) for user in people]
    Notification.objects.bulk_create(told)  # a twin at the same moment meets the unique key and comes again
    likes = preferences_of(user_ids=[user.pk for user in people])
    deliveries = [
        Delivery(notification=notification, recipient_id=user.pk, key=notification.key, channel=channel.key)
        for notification, user in zip(told, people, strict=True)
        for channel in channels
        if channel.key in asked["channels"]
        and likes[user.pk][channel.key]
        and channel.address(user) is not None
    ]
    Delivery.objects.bulk_create(deliveries)
    due = [
        DeliveryDue(delivery.pk, channel=delivery.channel, recipient_id=delivery.recipient_id)
        for delivery in deliveries
    ]
    events_publish(due, actor=HERE)
    push_on_commit(f"user:{user.pk}" for user in people)
    return len(told)


def _people(to: dict[str, Any]) -> Sequence[uuid.UUID | str]:
    if "supplier" in to:
        return users_of_supplier(uuid.UUID(to["supplier"]))
    if "role" in to:
        return users_of_role(to["role"])
    return to["users"]


def _notification(user: Any, asked: dict[str, Any]) -> Notification:
    title, body = Text.of(asked["title"]), Text.of(asked["body"])
    return Notification(
        recipient_id=user.pk,
        key=asked["key"],
        supplier_id=user.supplier_id,
        title=title.in_language(user.language)[:300],
        body=body.in_language(user.language),
        texts={"title": asked["title"], "body": asked["body"]},
        link=asked["link"][:500],
    )


def delivery_send(delivery_id: uuid.UUID) -> None:
    """Carry one delivery; runs outside any transaction, since the other side may be slow.

    Raises:
        ChannelBusy: the outbox tries again later and gives up with an alarm.
    """
    delivery = Delivery.objects.select_related("notification").filter(pk=delivery_id).first()
    if delivery is None or delivery.state == Delivery.State.SENT:
        return
    channel = channels.get(delivery.channel)
    user = get_user_model().objects.get(pk=delivery.recipient_id)
    delivery.attempts += 1
    try:
        receipt = channel.send(_message(delivery, user, channel))
    except ChannelRefused as refusal:
        delivery.state, delivery.error = Delivery.State.FAILED, refusal.in_language(user.language)[:300]
    else:
        delivery.state, delivery.sent_at = Delivery.State.SENT, clock.now()
        delivery.reference, delivery.error = receipt.reference[:200], ""
    with db.atomic():
        delivery.save(update_fields=["state", "attempts", "sent_at", "reference", "error"])


def _message(delivery: Delivery, user: Any, channel: Channel) -> Message:
    notification = delivery.notification
    address = channel.address(user)
    if address is None:
        raise ChannelRefused(Text("This person has no address there any more.", "该用户已无此渠道的地址。"))
    link = notification.link
    return Message(
        key=notification.key,
        recipient_id=user.pk,
        name=user.get_full_name() or user.get_username(),
        address=address,
        language=user.language,
        title=notification.title,
        body=notification.body,
        link=f"{settings.PUBLIC_URL}{link}" if link.startswith("/") else link,
    )
