"""Events reach every subscriber: at least once, in order per record, and never silently not."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import connections

from forms_engine.base import db
from forms_engine.journal import delivery, subscription
from forms_engine.journal.events import Event, StoredEvent
from forms_engine.journal.models import Delivery, OutboxEvent
from forms_engine.journal.selectors import deadletter_open, outbox_age_seconds
from forms_engine.journal.services import (
    deadletter_acknowledge,
    deadletter_retry,
    event_publish,
    events_publish,
)
from forms_engine.journal.subscription import Subscriber, subscribe
from forms_engine.kernel.errors import Conflict
from forms_engine.kernel.ids import new_id
from tests.forms_engine.made_tables import acting, run

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
committed = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])


@dataclass(frozen=True)
class MeltTapped(Event):
    """A melt left the furnace."""

    topic = "test.melt.tapped"
    number: int
    weight: Decimal = Decimal("1.50")


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Nobody but the listeners of the test hears anything."""
    kept = dict(subscription._subscriptions)
    subscription._subscriptions.clear()
    subscription.subscribers_of.cache_clear()
    yield
    subscription._subscriptions.clear()
    subscription._subscriptions.update(kept)
    subscription.subscribers_of.cache_clear()


@pytest.fixture
def listen() -> Callable[..., None]:
    """Register subscribers for one test."""

    def add(function: Subscriber, *, name: str = "test.listener", outside: bool = False) -> None:
        subscribe("test.melt.*", name=name, outside=outside)(function)

    return add


def due_now() -> None:
    """Make every retry due, as if its pause were over."""
    Delivery.objects.update(run_after=db_now(), claimed_until=None)


def db_now() -> object:
    return run("SELECT now()")[0][0]


def test_a_subscriber_hears_what_was_published(listen):
    heard: list[StoredEvent] = []
    listen(heard.append)
    melt = new_id()
    event_publish(MeltTapped(melt, 7), actor=None)
    assert heard == []
    assert delivery.outbox_drain() == 1
    assert (heard[0].topic, heard[0].record_id) == ("test.melt.tapped", melt)
    assert heard[0].payload == {"number": 7, "weight": "1.50"}
    assert delivery.outbox_drain() == 0


def test_what_is_rolled_back_was_never_published(listen):
    heard: list[StoredEvent] = []
    listen(heard.append)
    with pytest.raises(ZeroDivisionError), db.atomic():
        event_publish(MeltTapped(new_id(), 7), actor=None)
        raise ZeroDivisionError
    assert delivery.outbox_drain() == 0 and heard == [] and not OutboxEvent.objects.exists()


@committed
def test_a_supplier_may_publish_but_not_read(listen):
    heard: list[StoredEvent] = []
    listen(heard.append)
    with acting("供应商", supplier=new_id()):
        event_publish(MeltTapped(new_id(), 7), actor=None)
    assert delivery.outbox_drain() == 1 and len(heard) == 1
    with pytest.raises(Exception, match="permission denied"), acting("供应商", supplier=new_id()):
        run("SELECT payload FROM journal_outboxevent")


def test_one_record_is_told_in_order_even_after_a_failure(listen):
    heard: list[int] = []
    broken = [True]

    def hear(event: StoredEvent) -> None:
        if event.payload["number"] == 1 and broken:
            raise ValueError("not yet")
        heard.append(event.payload["number"])

    listen(hear)
    one, other = new_id(), new_id()
    events_publish([MeltTapped(one, 1), MeltTapped(one, 2), MeltTapped(other, 10)], actor=None)
    delivery.deliver_all()
    assert heard == [10]  # the other record does not wait
    broken.clear()
    due_now()
    delivery.deliver_all()
    assert heard == [10, 1, 2]


def test_a_broken_subscriber_holds_up_nobody_else(listen):
    heard: list[int] = []

    def fail(event: StoredEvent) -> None:
        raise ValueError("broken")

    listen(fail, name="test.broken")
    listen(lambda event: heard.append(event.payload["number"]), name="test.fine")
    melt = new_id()
    events_publish([MeltTapped(melt, 1), MeltTapped(melt, 2)], actor=None)
    delivery.deliver_all()
    assert heard == [1, 2]


def test_after_the_last_try_it_is_given_up_with_an_alarm_and_the_next_goes_on(listen):
    heard: list[int] = []

    def hear(event: StoredEvent) -> None:
        if event.payload["number"] == 1:
            raise ValueError("never")
        heard.append(event.payload["number"])

    listen(hear)
    melt = new_id()
    events_publish([MeltTapped(melt, 1), MeltTapped(melt, 2)], actor=None)
    for _ in range(delivery.MAX_ATTEMPTS):
        assert heard == []
        delivery.deliver_all()
        due_now()
    delivery.deliver_all()
    assert heard == [2]
    dead = deadletter_open().get()
    assert dead.alarm and dead.topic == "test.melt.tapped" and "ValueError: never" in dead.error
    assert dead.delivery.event.payload["number"] == 1
    deadletter_retry(actor=None, letter=dead)
    assert not deadletter_open() and Delivery.objects.get(pk=dead.delivery_id).state == "WAITING"
    with pytest.raises(Conflict):
        deadletter_retry(actor=None, letter=dead)
    for _ in range(delivery.MAX_ATTEMPTS):
        delivery.deliver_all()
        due_now()
    assert deadletter_open().get() == dead
    deadletter_acknowledge(actor=None, letter=dead)
    assert not deadletter_open()


def test_the_effect_and_the_note_that_it_is_done_are_one(listen):
    """A worker that dies after its effect and before the commit leaves neither."""

    def effect_then_die(event: StoredEvent) -> None:
        run("INSERT INTO journal_entry (id, action, reason, records, actor, request_id, txid) "
            "VALUES (%s, 'x', 'effect', '[]', '{}', '', 1)", [new_id()])  # fmt: skip
        raise SystemExit

    listen(effect_then_die)
    event_publish(MeltTapped(new_id(), 1), actor=None)
    with pytest.raises(SystemExit):
        delivery.deliver_all()
    assert run("SELECT count(*) FROM journal_entry") == [(0,)]
    assert Delivery.objects.get().state == "WAITING" and Delivery.objects.get().claimed_until is not None
    heard: list[StoredEvent] = []
    listen(lambda event: heard.append(event))
    assert delivery.deliver_all() == 0  # the lease still holds
    due_now()
    assert delivery.deliver_all() == 1 and len(heard) == 1


@committed
def test_four_workers_at_once_tell_each_event_once_and_in_order(listen):
    heard: dict[uuid.UUID, list[int]] = {}
    lock = threading.Lock()

    def hear(event: StoredEvent) -> None:
        with lock:
            heard.setdefault(event.record_id, []).append(event.payload["number"])

    listen(hear)
    melts = [new_id() for _ in range(10)]
    for number in range(8):
        events_publish([MeltTapped(melt, number) for melt in melts], actor=None)

    def work() -> None:
        try:
            while sum(map(len, heard.values())) < 80:
                delivery.deliver_all(seconds=1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert heard == {melt: list(range(8)) for melt in melts}


def test_nobody_listening_costs_no_delivery():
    event_publish(MeltTapped(new_id(), 7), actor=None)
    assert delivery.deliver_all() == 0 and not Delivery.objects.exists()
    assert OutboxEvent.objects.get().fanned


def test_the_age_of_the_outbox_is_seen(listen):
    listen(lambda event: None)
    event_publish(MeltTapped(new_id(), 7), actor=None)
    run("UPDATE journal_outboxevent SET at = now() - interval '90 seconds'")
    assert 89 < outbox_age_seconds() < 120
    delivery.deliver_all()
    assert outbox_age_seconds() == 0


def test_a_float_cannot_become_part_of_an_event():
    with pytest.raises(TypeError):
        event_publish(MeltTapped(new_id(), 7, 1.5), actor=None)  # type: ignore[arg-type]


def test_a_slow_subscriber_gives_back_what_its_lease_does_not_suffice_for(listen, monkeypatch):
    heard: list[int] = []

    def slow(event: StoredEvent) -> None:
        heard.append(event.payload["number"])
        time.sleep(0.06)

    monkeypatch.setattr(delivery, "LEASE_SECONDS", 0.3)
    listen(slow, outside=True)
    events_publish([MeltTapped(new_id(), number) for number in range(5)], actor=None)
    delivery.lay_out()
    delivery.deliver_round()
    assert 0 < len(heard) < 5
    waiting = Delivery.objects.filter(state="WAITING")
    assert waiting.count() == 5 - len(heard)
    assert set(waiting.values_list("claimed_until", "attempts")) == {(None, 0)}
    delivery.deliver_all()
    assert heard == [0, 1, 2, 3, 4]


def test_many_events_for_an_outside_listener_cost_few_statements(listen, django_assert_max_num_queries):
    listen(lambda event: None, outside=True)
    events_publish([MeltTapped(new_id(), number) for number in range(150)], actor=None)
    with django_assert_max_num_queries(20):
        assert delivery.deliver_all() == 150
