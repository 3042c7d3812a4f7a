"""Read the journal: a record's history, the age of the outbox, what was given up."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from forms_engine.base import db
from forms_engine.journal.models import DeadLetter


@dataclass(frozen=True)
class Change:
    """One step in a record's life. `old` and `new` hold only the columns that changed."""

    id: int
    at: dt.datetime
    verb: str
    actor_id: str | None
    actor_name: str | None
    action: str | None
    request_id: str | None
    reason: str
    old: dict[str, Any]
    new: dict[str, Any]


_HISTORY = """
SELECT c.id, c.at, c.verb, c.actor_id, c.actor_name, c.action, c.request_id,
  coalesce((SELECT string_agg(e.reason, ' ') FROM journal_entry e
    WHERE e.txid = c.txid AND e.reason <> ''), ''),
  coalesce(c.old, '{}')::text, coalesce(c.new, '{}')::text
FROM journal_rowchange c
WHERE c.record_id = %s AND c.entity_table = %s AND (%s::bigint IS NULL OR c.id < %s)
ORDER BY c.id DESC LIMIT %s"""


def history_of(
    table: str, record_id: uuid.UUID | str, *, before: int | None = None, limit: int = 100
) -> list[Change]:
    """Return what happened to a record, newest first.

    Args:
        before: id of the last change of the page before.
    """
    with db.connection().cursor() as cursor:
        cursor.execute(_HISTORY, [record_id, table, before, before, limit])
        rows = cursor.fetchall()
    return [Change(*row[:8], _exact(row[8]), _exact(row[9])) for row in rows]


_GONE = """
SELECT record_id FROM journal_rowchange WHERE verb = 'D' AND entity_table = %s AND old->>%s = %s"""
_CHILDREN = """
SELECT c.record_id, c.id, c.at, c.verb, c.actor_id, c.actor_name, c.action, c.request_id, '',
  coalesce(c.old, '{}')::text, coalesce(c.new, '{}')::text
FROM journal_rowchange c
WHERE c.record_id = ANY(%s) AND c.entity_table = %s AND (%s::bigint IS NULL OR c.id < %s)
  AND NOT (c.verb = 'I' AND EXISTS (SELECT 1 FROM journal_rowchange p
    WHERE p.record_id = %s AND p.entity_table = %s AND p.verb = 'I' AND p.txid = c.txid))
ORDER BY c.id DESC LIMIT %s"""


def history_of_children(
    table: str,
    fk_column: str,
    *,
    parent: tuple[str, uuid.UUID | str],
    standing: list[uuid.UUID],
    before: int | None = None,
    limit: int = 100,
) -> list[tuple[uuid.UUID, Change]]:
    """Return what happened to the child rows of a record since it was made, newest first, with their ids.

    Args:
        parent: table and id of the record; rows made together with it are no news.
        standing: the rows there are now; those deleted are found here.
    """
    of, pk = parent
    with db.connection().cursor() as cursor:
        cursor.execute(_GONE, [table, fk_column, str(pk)])
        rows = [*standing, *(row[0] for row in cursor.fetchall())]
        cursor.execute(_CHILDREN, [rows, table, before, before, pk, of, limit])
        found = cursor.fetchall()
    return [(row[0], Change(*row[1:9], _exact(row[9]), _exact(row[10]))) for row in found]


_DOINGS = """
SELECT at, action, reason, coalesce(actor->>'name', '') FROM journal_entry
WHERE records @> jsonb_build_array(jsonb_build_array(%s::text, %s::text))
ORDER BY at DESC, id DESC LIMIT %s"""


def doings_of(entity_key: str, record_id: uuid.UUID | str, *, limit: int = 30) -> list[dict[str, Any]]:
    """Return the entries that name a record, newest first: {"at", "action", "reason", "who"}."""
    with db.connection().cursor() as cursor:
        cursor.execute(_DOINGS, [entity_key, str(record_id), limit])
        return [dict(zip(("at", "action", "reason", "who"), row, strict=True)) for row in cursor.fetchall()]


def _exact(text: str) -> dict[str, Any]:
    """Read JSON without turning quantities into floats."""
    return json.loads(text, parse_float=Decimal)


def outbox_age_seconds() -> float:
    """Return how long the oldest work of the outbox has been due, 0 if there is none (invariant I16)."""
    with db.connection().cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM clock_timestamp() - least("
            "(SELECT min(at) FROM journal_outboxevent WHERE NOT fanned), "
            "(SELECT min(run_after) FROM journal_delivery WHERE state = 'WAITING'))), 0)"
        )
        return max(0.0, float(cursor.fetchone()[0]))


def deadletter_open() -> QuerySet[DeadLetter]:
    """Return given-up deliveries nobody has looked at yet, newest first, with their events."""
    return DeadLetter.objects.filter(alarm=True).select_related("delivery__event").order_by("-created_at")
