"""Carry events to their subscribers: at least once, in order per record, whatever dies on the way.

Laying out: each new event gets one waiting delivery per subscriber. Claiming: only the oldest waiting
delivery of a (subscriber, record) may be claimed, under a lease and SKIP LOCKED, so any number of workers
may run and one subscriber's trouble holds up nobody else. Delivering: the subscriber's writes and the
note that it is done are one transaction; a failure is noted and tried again later, and after
`MAX_ATTEMPTS` the delivery is given up with an alarm, so that the events behind it go on.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass

from forms_engine.base import db
from forms_engine.journal.events import StoredEvent
from forms_engine.journal.subscription import subscription, takers_of
from forms_engine.kernel.ids import new_id

LEASE_SECONDS = 60
MAX_ATTEMPTS = 8
BACK_OFF_SECONDS = (1, 2, 5, 15, 60, 300, 900)
_LAYING_OUT = 7_428_010  # advisory lock: one lays out at a time, so that ids decide the order

log = logging.getLogger(__name__)

_CLAIM = """
UPDATE journal_delivery SET claimed_until = clock_timestamp() + make_interval(secs => %s),
  attempts = attempts + 1
WHERE id IN (
  SELECT d.id FROM journal_delivery d
  WHERE d.state = 'WAITING' AND d.run_after <= clock_timestamp()
    AND (d.claimed_until IS NULL OR d.claimed_until < clock_timestamp())
    AND NOT EXISTS (
      SELECT 1 FROM journal_delivery p WHERE p.state = 'WAITING' AND p.subscriber = d.subscriber
        AND p.record_id = d.record_id AND p.event_id < d.event_id)
  ORDER BY d.event_id LIMIT %s FOR UPDATE OF d SKIP LOCKED)
RETURNING id, event_id, subscriber, attempts"""

# Given up for the second time, the same letter comes back with its alarm on.
_BURY = """
INSERT INTO journal_deadletter (id, delivery_id, topic, subscriber, record_id, error, alarm)
SELECT %s, d.id, e.topic, d.subscriber, d.record_id, d.error, true
FROM journal_delivery d JOIN journal_outboxevent e ON e.id = d.event_id WHERE d.id = %s
ON CONFLICT (delivery_id) DO UPDATE SET alarm = true, error = excluded.error"""


@dataclass(frozen=True)
class _Claim:
    id: int
    event_id: int
    subscriber: str
    attempts: int


def deliver_all(*, seconds: float = 120, strict: bool = False) -> int:
    """Deliver until nothing is due or the time is up; returns how many deliveries were done.

    Args:
        strict: let a subscriber's error through (tests) instead of noting it.
    """
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        laid_out = lay_out()
        done = deliver_round(strict=strict)
        count += done
        if not done and not laid_out:
            return count
    return count


def outbox_drain() -> int:
    """Deliver everything here and now, errors included; for tests and the demo's set-up."""
    return deliver_all(strict=True)


def lay_out(limit: int = 500) -> int:
    """Give new events their deliveries; returns how many events were looked at."""
    with db.atomic(), db.connection().cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LAYING_OUT])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT id, topic, record_id FROM journal_outboxevent WHERE NOT fanned ORDER BY id LIMIT %s",
            [limit],
        )
        events = cursor.fetchall()
        if not events:
            return 0
        takers = {topic: takers_of(topic) for topic in dict.fromkeys(topic for _, topic, _ in events)}
        rows = [(event, name, record) for event, topic, record in events for name in takers[topic]]
        cursor.execute(
            "INSERT INTO journal_delivery (event_id, subscriber, record_id) "
            "SELECT * FROM unnest(%s::bigint[], %s::text[], %s::uuid[]) ON CONFLICT DO NOTHING",
            [[row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]],
        )
        cursor.execute(
            "UPDATE journal_outboxevent SET fanned = true WHERE id = ANY(%s)", [[row[0] for row in events]]
        )
        return len(events)


def deliver_round(limit: int = 200, *, strict: bool = False) -> int:
    """Claim some due deliveries and carry them out; returns how many were claimed.

    What a third of the lease does not suffice for is given back: nobody else may take it while we still work.
    """
    with db.atomic(), db.connection().cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE_SECONDS, limit])
        claims = sorted((_Claim(*row) for row in cursor.fetchall()), key=lambda claim: claim.event_id)
    events = _events({claim.event_id for claim in claims})
    end, told = time.monotonic() + LEASE_SECONDS / 3, []
    try:
        for number, claim in enumerate(claims):
            if time.monotonic() > end:
                _give_back(claims[number:])
                break
            if _deliver(claim, events[claim.event_id], strict):
                told.append(claim)
    finally:
        _done(told)
    return len(claims)


def _deliver(claim: _Claim, event: StoredEvent, strict: bool) -> bool:
    """Carry out one delivery; True if it still has to be noted as done."""
    found = subscription(claim.subscriber)
    try:
        if found is None:
            raise LookupError(f"no subscriber is called {claim.subscriber!r} any more")
        if found.outside:
            found.function(event)
            return True
        with db.atomic():
            if _done([claim]):  # a worker whose lease ran out waits here for the other and finds it done
                found.function(event)
    except Exception as error:  # the edge of a worker: noted, tried again, given up with an alarm
        if strict:
            raise
        log.exception("event %s did not reach %s", claim.event_id, claim.subscriber)
        _failed(claim, f"{type(error).__name__}: {error}")
    return False


def _events(ids: set[int]) -> dict[int, StoredEvent]:
    if not ids:
        return {}
    with db.connection().cursor() as cursor:
        cursor.execute(
            "SELECT id, topic, record_id, payload::text, actor::text, at FROM journal_outboxevent "
            "WHERE id = ANY(%s)",
            [list(ids)],
        )
        return {
            row[0]: StoredEvent(row[0], row[1], row[2], json.loads(row[3]), json.loads(row[4]), row[5])
            for row in cursor.fetchall()
        }


def _give_back(claims: list[_Claim]) -> None:
    with db.connection().cursor() as cursor:
        cursor.execute(
            "UPDATE journal_delivery SET claimed_until = NULL, attempts = attempts - 1 "
            "WHERE id = ANY(%s) AND state = 'WAITING'",
            [[claim.id for claim in claims]],
        )


def _done(claims: list[_Claim]) -> bool:
    """Note deliveries as done; False if somebody else has, or there are none."""
    if not claims:
        return False
    with db.connection().cursor() as cursor:
        cursor.execute(
            "UPDATE journal_delivery SET state = 'DONE', done_at = clock_timestamp(), claimed_until = NULL, "
            "error = '' WHERE id = ANY(%s) AND state = 'WAITING'",
            [[claim.id for claim in claims]],
        )
        return bool(cursor.rowcount)


def _failed(claim: _Claim, error: str) -> None:
    given_up = claim.attempts >= MAX_ATTEMPTS
    pause = BACK_OFF_SECONDS[min(claim.attempts, len(BACK_OFF_SECONDS)) - 1]
    with db.atomic(), db.connection().cursor() as cursor:
        cursor.execute(
            "UPDATE journal_delivery SET state = %s, alarm = %s, error = %s, claimed_until = NULL, "
            "run_after = clock_timestamp() + make_interval(secs => %s) WHERE id = %s AND state = 'WAITING'",
            ["DEAD" if given_up else "WAITING", given_up, error[:2000], pause, claim.id],
        )
        if given_up and cursor.rowcount:
            cursor.execute(_BURY, [new_id(), claim.id])
