"""Change a column's type on a living table: a second column, kept in step by a trigger, filled, swapped.

Values that cannot be converted stay in the old column, which keeps its data under another name, and are
listed in quarantine. The back-fill is no change anybody made: with `takt.quiet` the owner's own session
(and only his) moves no row version and writes no journal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connections, transaction

from forms_engine.base import db
from forms_engine.tables.plan import TypeChange
from forms_engine.tables.protection import table_columns

BATCH_ROWS = 5_000
LOCK_TIMEOUT = "50ms"

Patiently = Callable[[Callable[[], Any]], int]


def prepare(change: TypeChange, patiently: Patiently) -> int:
    """Grow and fill the new column, list what cannot be converted; returns how many values that are."""
    patiently(lambda: _begin(change))
    _fill(change)
    return _list_unconvertible(change)


def _trigger(change: TypeChange) -> str:
    return f"takt_convert_{change.new.name[:40]}"


def _begin(change: TypeChange) -> None:
    """Add the growing column and the trigger that fills it for every row written from now on."""
    table, trigger = change.table, _trigger(change)
    body = change.expression.replace(f'"{change.old.name}"', f'NEW."{change.old.name}"').replace("%", "%%")
    with transaction.atomic(using=db.OWNER), connections[db.OWNER].cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(
            f'ALTER TABLE "{table}" ADD COLUMN IF NOT EXISTS "{change.growing}" {change.new.pg_type}'
        )
        cursor.execute(
            f'CREATE OR REPLACE FUNCTION "{trigger}_{table[:20]}"() RETURNS trigger LANGUAGE plpgsql '
            "SET search_path = pg_catalog, public AS $fn$ BEGIN "
            f'NEW."{change.growing}" := {body}; RETURN NEW; END $fn$'
        )
        cursor.execute(
            f'CREATE OR REPLACE TRIGGER "{trigger}" BEFORE INSERT OR UPDATE ON "{table}" '
            f'FOR EACH ROW EXECUTE FUNCTION "{trigger}_{table[:20]}"()'
        )


def _fill(change: TypeChange) -> None:
    """Fill the column of the rows that were there before, in short transactions, by their ids."""
    last: Any = None
    while True:
        with transaction.atomic(using=db.OWNER), connections[db.OWNER].cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
            cursor.execute("SELECT set_config('takt.quiet', 'on', true)")
            cursor.execute(
                f'WITH batch AS (SELECT id FROM "{change.table}" WHERE (%s::uuid IS NULL OR id > %s) '
                f'ORDER BY id LIMIT %s), filled AS (UPDATE "{change.table}" t '
                f'SET "{change.growing}" = {_of(change, "t")} FROM batch b WHERE t.id = b.id '
                f'AND t."{change.growing}" IS DISTINCT FROM ({_of(change, "t")})) '
                "SELECT id FROM batch ORDER BY id DESC LIMIT 1",
                [last, last, BATCH_ROWS],
            )
            row = cursor.fetchone()
        if row is None:
            return
        last = row[0]


def _of(change: TypeChange, alias: str) -> str:
    return change.expression.replace(f'"{change.old.name}"', f'{alias}."{change.old.name}"')


def _list_unconvertible(change: TypeChange) -> int:
    table, old = change.table, change.old.name
    with transaction.atomic(using=db.OWNER), connections[db.OWNER].cursor() as cursor:
        cursor.execute(
            "INSERT INTO tables_quarantine "
            "(id, entity_table, record_id, field_id, field_name, old_type, new_type, value) "
            f'SELECT gen_random_uuid(), %s, id, %s, %s, %s, %s, "{old}"::text FROM "{table}" '
            f'WHERE "{old}" IS NOT NULL AND "{change.growing}" IS NULL',
            [table, change.field_id, change.new.name, change.old.pg_type, change.new.pg_type],
        )
        return cursor.rowcount


def swap(cursor: Any, change: TypeChange) -> None:
    """Exchange the names, in the publish transaction."""
    table = change.table
    cursor.execute(f'DROP TRIGGER "{_trigger(change)}" ON "{table}"')
    cursor.execute(f'DROP FUNCTION "{_trigger(change)}_{table[:20]}"()')
    move_aside(cursor, table, change.old.name, change.retired)
    cursor.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{change.growing}" TO "{change.new.name}"')


def move_aside(cursor: Any, table: str, column: str, wanted: str) -> str:
    """Rename a column that is no longer used and take its keys and indexes off; returns its new name."""
    cursor.execute(
        "SELECT conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid "
        "AND a.attnum = ANY(c.conkey) WHERE c.conrelid = to_regclass(%s) AND a.attname = %s "
        "AND c.contype IN ('f', 'u', 'c')",
        [f'"{table}"', column],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
        "AND a.attnum = ANY(i.indkey) WHERE i.indrelid = to_regclass(%s) AND a.attname = %s",
        [f'"{table}"', column],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
    name = free_name(table_columns(cursor, table), wanted)
    cursor.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{name}"')
    return name


def free_name(taken: list[str], wanted: str) -> str:
    """Return the name, with a number if it is taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[:58]}_{number}"
    return name
