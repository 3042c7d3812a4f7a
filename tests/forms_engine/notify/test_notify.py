"""A person is told once by each channel he wants, whatever fails on the way."""

from __future__ import annotations

import pytest
from django.core import mail

from forms_engine.access.actor import Actor
from forms_engine.access.models import Role, User, UserRole
from forms_engine.access.walls import walls
from forms_engine.base import db
from forms_engine.journal.delivery import deliver_all, outbox_drain
from forms_engine.journal.models import Delivery as OutboxDelivery
from forms_engine.journal.selectors import deadletter_open
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text
from forms_engine.notify.channel import ChannelBusy, channels
from forms_engine.notify.models import Delivery, Notification
from forms_engine.notify.selectors import (
    notification_list,
    notification_unread_count,
    notification_words,
)
from forms_engine.notify.services import notification_read, notify, preference_set

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
committed = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])

TITLE = Text("Call-off %(number)s changed", "要货单 %(number)s 已变更", number="CO-1")


@pytest.fixture
def buyer() -> User:
    """A buyer who reads Chinese and has mail."""
    return make_user("wang", role="buyer", email="wang@plant.example")


def make_user(name: str, *, role: str = "", **values) -> User:
    user = User.objects.create(username=name, **values)
    if role:
        held, _ = Role.objects.get_or_create(key=role, defaults={"label": {"en": role, "zh": role}})
        UserRole.objects.create(user=user, role=held)
    return user


def tell(to, **more) -> None:
    notify(
        **{"to": to, "title": TITLE, "body": Text("See it", "请查看"), "link": "/e/x/", "key": "co-1:2"}
        | more
    )


def states() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("channel").values_list("channel", "state"))


def test_a_role_is_told_in_the_application_and_by_mail(buyer):
    make_user("other")
    tell("buyer")
    assert not Notification.objects.exists()  # nothing leaves before the outbox carries it
    outbox_drain()
    told = Notification.objects.get()
    assert (told.recipient_id, told.title, told.body) == (buyer.pk, "要货单 CO-1 已变更", "请查看")
    assert notification_words(told, "en") == ("Call-off CO-1 changed", "See it")
    assert states() == [("email", "SENT"), ("in_app", "SENT")]
    assert mail.outbox[0].to == ["wang@plant.example"] and "/e/x/" in mail.outbox[0].body


def test_asked_twice_a_person_is_told_once(buyer):
    for _ in range(3):
        tell([buyer.pk])
        outbox_drain()
    assert Notification.objects.count() == 1 and len(mail.outbox) == 1


def test_what_is_rolled_back_is_never_told(buyer):
    with pytest.raises(ZeroDivisionError), db.atomic():
        tell([buyer.pk])
        raise ZeroDivisionError
    assert outbox_drain() == 0 and not mail.outbox


def test_who_does_not_want_mail_gets_none_but_the_bell_always_rings(buyer):
    actor = Actor.person(buyer, ["buyer"])
    preference_set(actor=actor, channel="email", enabled=False)
    preference_set(actor=actor, channel="in_app", enabled=False)
    tell([buyer.pk])
    outbox_drain()
    assert states() == [("in_app", "SENT")] and not mail.outbox


def test_without_an_address_only_the_bell_rings():
    tell([make_user("nomail").pk, make_user("gone", is_active=False).pk])
    outbox_drain()
    assert states() == [("in_app", "SENT")]


def test_a_mail_server_that_is_down_is_tried_again_and_then_raises_an_alarm(buyer, monkeypatch):
    def down(message):
        raise ChannelBusy(Text("Down", "停机"))

    monkeypatch.setattr(channels.get("email"), "send", down)
    tell([buyer.pk])
    for _ in range(10):
        deliver_all()
        OutboxDelivery.objects.update(run_after=Notification.objects.values("created_at")[:1])
    assert states() == [("email", "WAITING"), ("in_app", "SENT")]
    assert deadletter_open().get().subscriber == "notify.send"


def test_an_impossible_address_fails_at_once_and_says_why():
    tell([make_user("bad", email="nowhere").pk])
    outbox_drain()
    failed = Delivery.objects.get(channel="email")
    assert (failed.state, failed.attempts, failed.error) == ("FAILED", 1, "邮件服务器拒绝该地址。")


def test_a_second_run_of_the_same_delivery_sends_nothing_more(buyer):
    tell([buyer.pk])
    outbox_drain()
    OutboxDelivery.objects.filter(subscriber="notify.send").update(state="WAITING")
    outbox_drain()
    assert len(mail.outbox) == 1


def test_one_reads_only_ones_own(buyer):
    other = make_user("other")
    tell([buyer.pk, other.pk])
    outbox_drain()
    assert notification_unread_count(user_id=buyer.pk) == 1
    everything = [row.pk for row in Notification.objects.all()]
    assert notification_read(actor=Actor.person(buyer, []), ids=everything) == 1
    assert notification_unread_count(user_id=buyer.pk) == 0
    assert notification_unread_count(user_id=other.pk) == 1
    assert list(notification_list(user_id=buyer.pk, unread_only=True)) == []


@committed
def test_a_supplier_may_tell_the_plant_and_sees_only_his_own_messages(buyer):
    mine, theirs = new_id(), new_id()
    him = make_user("supplier-a", supplier_id=mine)
    make_user("supplier-b", supplier_id=theirs)
    actor = Actor.person(him, ["supplier"])
    with walls(actor):
        tell("buyer", actor=actor)
    tell(str(mine), key="for-a")
    tell(theirs, key="for-b")
    outbox_drain()
    assert Notification.objects.count() == 3
    with walls(actor):
        assert [row.key for row in Notification.objects.all()] == ["for-a"]
        assert notification_read(actor=actor) == 1
    assert Notification.objects.filter(read_at=None).count() == 2
