"""Promises of this room."""

from __future__ import annotations

import json

from forms_engine.base import db
from forms_engine.base.invariants import invariant
from forms_engine.journal import sealing
from forms_engine.journal.selectors import deadletter_open, outbox_age_seconds
from forms_engine.kernel.text import Text

STUCK_SECONDS = 60
APPEND_ONLY = ("journal_rowchange", "journal_entry", "journal_seal")
RECENT_SEALS = 5

_OPEN_PAST = """
SELECT t || ': ' || what FROM unnest(%s::text[]) t, LATERAL (
  SELECT 'the trigger against changes is off' AS what WHERE NOT EXISTS (
    SELECT 1 FROM pg_trigger g WHERE g.tgrelid = t::regclass AND g.tgname = 'takt_append_only'
      AND g.tgenabled IN ('O', 'A'))
  UNION ALL
  SELECT r || ' may ' || p FROM unnest(ARRAY['app_rw', 'app_portal']) r,
    unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p WHERE has_table_privilege(r, t, p)) found"""

_JOURNALLED = """
SELECT c.relname, substr(obj_description(c.oid, 'pg_class'), 6) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND obj_description(c.oid, 'pg_class') LIKE 'takt:%%' ORDER BY 1"""

# The last change of a record must agree with the record. A field whose type changed since is not compared.
_UNTOLD = """
SELECT t.id FROM "{table}" t LEFT JOIN LATERAL (
  SELECT c.verb, c.new FROM journal_rowchange c WHERE c.record_id = t.id AND c.entity_table = %s
  ORDER BY c.id DESC LIMIT 1) c ON true
WHERE c.verb IS NULL OR c.verb = 'D' OR EXISTS (
  SELECT 1 FROM jsonb_each(c.new) e WHERE to_jsonb(t) -> e.key <> e.value
    AND jsonb_typeof(to_jsonb(t) -> e.key) = jsonb_typeof(e.value))
LIMIT 5"""


@invariant("I04 append-only", Text("Nobody can change the past", "历史记录不可更改"))
def past_open() -> list[str]:
    """The journal's tables refuse changes by right and by trigger."""
    with db.connection().cursor() as cursor:
        cursor.execute(_OPEN_PAST, [list(APPEND_ONLY)])
        return [row[0] for row in cursor.fetchall()]


@invariant("I13 hash chain", Text("The newest seals hold", "最近的封印完好"))
def seals_broken() -> list[str]:
    """Nobody rewrote what was sealed lately."""
    return sealing.seal_problems(newest=RECENT_SEALS)


@invariant("I13 hash chain, all", Text("Every seal holds", "所有封印完好"), deep=True)
def seals_broken_ever() -> list[str]:
    """Nobody ever rewrote the past."""
    return sealing.seal_problems()


@invariant("I13 told", Text("Every record agrees with its journal", "记录与日志一致"), deep=True)
def changes_untold() -> list[str]:
    """No row was changed behind the journal's back."""
    complaints = []
    with db.connection().cursor() as cursor:
        cursor.execute(_JOURNALLED)
        for table, note in cursor.fetchall():
            if not json.loads(note).get("journal", True):
                continue
            cursor.execute(_UNTOLD.format(table=table), [table])
            complaints += [f"{table} {row[0]} is not as its journal says" for row in cursor.fetchall()]
    return complaints


@invariant("I16 outbox", Text("No event is stuck", "没有滞留的事件"))
def work_stuck() -> list[str]:
    """What is due is delivered within a minute, and somebody looks at what was given up."""
    age = outbox_age_seconds()
    late = [f"the oldest delivery has been due for {age:.0f} s"] if age > STUCK_SECONDS else []
    return late + [
        f"{letter.topic} never reached {letter.subscriber}: {letter.error[:200]}"
        for letter in deadletter_open()[:10]
    ]
