"""Publish an event, note a reason, mend a delivery."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models.functions import Now

from forms_engine.base import db
from forms_engine.base.actor_note import actor_note
from forms_engine.base.poke import poke_on_commit
from forms_engine.base.sql import execute
from forms_engine.journal.events import Event, plain
from forms_engine.journal.models import DeadLetter, Delivery
from forms_engine.journal.subscription import subscribers_of
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text

DELIVER_TASK = "forms_engine.journal.deliver"

_PUBLISH = (
    "INSERT INTO journal_outboxevent (topic, record_id, payload, actor, txid, fanned) "
    "VALUES (%s, %s, %s::jsonb, %s::jsonb, pg_current_xact_id()::text::bigint, %s)"
)

_ANSWER_AND_PUBLISH = (
    "WITH done AS MATERIALIZED (SELECT {call} AS answer), told AS ("
    "INSERT INTO journal_outboxevent (topic, record_id, payload, actor, txid, fanned) "
    "SELECT %s, %s::uuid, %s::jsonb, %s::jsonb, pg_current_xact_id()::text::bigint, %s::boolean "
    "FROM done WHERE answer = %s) SELECT answer FROM done"
)

_hearers: list[Callable[[Event], None]] = []


def on_published(hear: Callable[[Event], None]) -> None:
    """Register who is told of each event inside its transaction; for hints only, called once at the start."""
    if hear not in _hearers:
        _hearers.append(hear)


def event_publish(event: Event, *, actor: Any) -> None:
    """Write the event into the outbox, in the caller's transaction; a worker is poked on commit.

    Own SQL without RETURNING, because a supplier's login may insert here but read nothing.
    """
    events_publish((event,), actor=actor)


def events_publish(events: Sequence[Event], *, actor: Any) -> None:
    """Publish many events at once, in their order."""
    if not events:
        return
    note = json.dumps(actor_note(actor), ensure_ascii=False)
    rows = [_row(event, note) for event in events]
    if len(rows) == 1:
        execute(_PUBLISH, rows[0])
    else:
        with db.connection().cursor() as cursor:
            cursor.executemany(_PUBLISH, rows)
    _tell(events)


def event_publish_if(call: str, params: Sequence[Any], *, answer: str, event: Event, actor: Any) -> str:
    """Call a database function and publish the event if it gives that answer, in one statement.

    One statement is a transaction of its own where none is open: whoever locks hot rows inside the function
    holds them for no round trip at all.

    Args:
        call: SQL of the call with %s, one of a finite set of texts; it answers one text.
    """
    row = _row(event, json.dumps(actor_note(actor), ensure_ascii=False))
    found: str = execute(_ANSWER_AND_PUBLISH.format(call=call), [*params, *row, answer]).fetchone()[0]
    if found == answer:
        _tell((event,))
    return found


def _row(event: Event, note: str) -> list[Any]:
    """Return the outbox row of an event: the parameters of `_PUBLISH`."""
    if not event.topic:
        raise TypeError(f"{type(event).__name__} has no topic")
    payload = json.dumps(event.payload(), ensure_ascii=False)
    return [event.topic, event.record_id, payload, note, not subscribers_of(event.topic)]


def _tell(events: Sequence[Event]) -> None:
    """Hint at published events: open pages now, a worker on commit when somebody subscribes to one."""
    for event in events:
        for hear in _hearers:
            hear(event)
    if any(subscribers_of(event.topic) for event in events):
        poke_on_commit(DELIVER_TASK)


def entry_write(
    *,
    actor: Any,
    action: str,
    reason: str = "",
    records: Iterable[tuple[str, uuid.UUID]] = (),
    request_id: str = "",
) -> None:
    """Note why something is done, or which records one doing touches: pairs of (entity key, id)."""
    with db.connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_entry (id, action, reason, records, actor, request_id, txid) "
            "VALUES (%s, %s, %s, %s::jsonb, %s::jsonb, %s, pg_current_xact_id()::text::bigint)",
            [
                new_id(),
                action,
                reason,
                json.dumps(plain(list(records))),
                json.dumps(actor_note(actor), ensure_ascii=False),
                request_id,
            ],
        )


@db.atomic
def deadletter_retry(*, actor: Any, letter: DeadLetter) -> DeadLetter:
    """Send a given-up delivery once more; switches the alarm off.

    Raises: Conflict if it is on its way again, or arrived.
    """
    changed = Delivery.objects.filter(pk=letter.delivery_id, state=Delivery.State.DEAD).update(
        state=Delivery.State.WAITING, attempts=0, alarm=False, claimed_until=None, run_after=Now()
    )
    if not changed:
        raise Conflict(Text("This delivery is on its way again.", "该投递已重新进行。"))
    letter.alarm, letter.retried_at = False, clock.now()
    letter.save(update_fields=["alarm", "retried_at"])
    poke_on_commit(DELIVER_TASK)
    return letter


@db.atomic
def deadletter_acknowledge(*, actor: Any, letter: DeadLetter) -> DeadLetter:
    """Switch the alarm off; the delivery stays given up."""
    Delivery.objects.filter(pk=letter.delivery_id).update(alarm=False)
    letter.alarm = False
    letter.save(update_fields=["alarm"])
    return letter
