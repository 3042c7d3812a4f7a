"""Carry out a plan on a living table, as the owner, without stopping those who write.

Every lock is asked for with `lock_timeout` 50 ms and asked again, so a long reader delays the publish and
not the plant (a writer queues behind a waiting DDL: 2,219 ms without, 55 ms with it). Order: the publish
transaction (columns, keys, walls and the caller's own version rows, all or nothing), then validation and
indexes concurrently, then type changes, each by a new column, a back-fill in batches and a swap of names.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connections, transaction
from django.db.utils import OperationalError

from forms_engine.base import db
from forms_engine.kernel.errors import Conflict, Unavailable
from forms_engine.kernel.text import Text
from forms_engine.tables import conversion_run
from forms_engine.tables.conversion_run import move_aside
from forms_engine.tables.locks import entity_lock
from forms_engine.tables.plan import DdlPlan, Step, TypeChange
from forms_engine.tables.protection import checked_name, protect, table_columns

LOCK_TIMEOUT = "50ms"
PATIENCE_SECONDS = 60.0

log = logging.getLogger(__name__)

Publish = Callable[[Any], None]


class StillBusy(Unavailable):
    """The table could not be had for a moment within a minute; nothing was changed."""

    code = "tables.busy"


class NotUnique(Conflict):
    """Records share a value that is to be unique; the field is published without the unique index."""

    code = "tables.not_unique"


@dataclass
class Applied:
    """What `apply` did: how often it asked for the lock, how many values per column went into quarantine."""

    tries: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)


def risks_count(plan: DdlPlan) -> list[tuple[str, str, Text, int]]:
    """Ask the rows: (kind, field, sentence, how many) for each risk that touches any. The dry run."""
    found = []
    with connections[db.OWNER].cursor() as cursor:
        for risk in plan.risks:
            cursor.execute(risk.sql)
            count = int(cursor.fetchone()[0])
            if count:
                found.append((risk.kind, risk.field, risk.message, count))
    return found


def rows_count(table: str, *, most: int) -> int:
    """Return how many rows a table has, counted no further than `most`."""
    with connections[db.OWNER].cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM (SELECT 1 FROM "{checked_name(table)}" LIMIT %s) found', [most])
        return int(cursor.fetchone()[0])


def apply(plan: DdlPlan, *, on_publish: Publish | None = None) -> Applied:
    """Carry out a plan. Must not run inside a transaction of the owner.

    Args:
        on_publish: writes the caller's version rows with the given cursor, in the publish transaction.

    Raises:
        StillBusy: a lock could not be had; what is left undone is found by applying the same plan again.
        NotUnique: a unique index met equal values; everything else of the plan is in place.
    """
    connection = connections[db.OWNER]
    if connection.in_atomic_block:
        raise RuntimeError("a schema is published outside any transaction: indexes are built concurrently")
    done = Applied()
    expand = [step for step in plan.steps if step.phase == "expand"]
    converts = [step.change for step in plan.steps if step.phase == "convert" and step.change]
    for change in converts:
        done.quarantined[change.new.name] = conversion_run.prepare(change, patiently)
    if expand or converts or plan.creates or on_publish:
        done.tries += patiently(lambda: _publish(plan, expand, converts, on_publish))
    for step in plan.steps:
        if step.phase in ("index", "validate"):
            _alone(step)
    return done


def patiently(work: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS) -> int:
    """Call until no lock times out; returns the number of calls. Raises: StillBusy."""
    end, tries = time.monotonic() + seconds, 0
    while True:
        tries += 1
        try:
            work()
        except OperationalError as error:
            if not _is_lock(error):
                raise
            if time.monotonic() > end:
                raise StillBusy(
                    Text("The table is busy; please publish again.", "数据表正忙，请稍后重新发布。")
                ) from error
            time.sleep(random.uniform(0.02, 0.15))  # noqa: S311 jitter, no secret
        else:
            return tries


def _is_lock(error: Exception) -> bool:
    return getattr(error.__cause__, "sqlstate", "") in ("55P03", "40P01", "40001")


def _publish(
    plan: DdlPlan, steps: list[Step], converts: list[TypeChange], on_publish: Publish | None
) -> None:
    with transaction.atomic(using=db.OWNER), connections[db.OWNER].cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", list(entity_lock(plan.table)))
        for step in steps:
            if step.kind == "add_column":
                add_column(cursor, plan.table, step)
            elif step.kind == "move_aside":
                move_aside(cursor, plan.table, step.column, f"{step.column[:50]}__was")
            else:
                cursor.execute(step.sql)
        for change in converts:
            conversion_run.swap(cursor, change)
        if plan.creates:
            protect(cursor, plan.table, plan.protection)
        if on_publish is not None:
            on_publish(cursor)


def add_column(cursor: Any, table: str, step: Step) -> None:
    """Add a column, or take up again what a removed field of that name and type has left, values and all.

    A column of another type is moved aside by name.
    """
    columns = table_columns(cursor, table)
    if step.column not in columns:
        cursor.execute(step.sql)
        return
    cursor.execute(
        "SELECT format_type(atttypid, atttypmod) = format_type(w.oid, w.mod) FROM pg_attribute a, "
        "LATERAL (SELECT to_regtype(%s)::oid AS oid, to_regtypemod(%s) AS mod) w "
        "WHERE attrelid = to_regclass(%s) AND attname = %s",
        [*[_type_of(step)] * 2, f'"{table}"', step.column],
    )
    if cursor.fetchone()[0]:
        return
    move_aside(cursor, table, step.column, f"{step.column[:50]}__was")
    cursor.execute(step.sql)


def _type_of(step: Step) -> str:
    return step.sql.split(f'ADD COLUMN "{step.column}" ', 1)[1].split(" DEFAULT ", 1)[0]


def _alone(step: Step) -> None:
    """Run one statement outside any transaction; a half-built index is taken away before the next try."""

    def work() -> None:
        with connections[db.OWNER].cursor() as cursor:
            # Building concurrently waits for old transactions without blocking anybody: no hurry there.
            cursor.execute(f"SET lock_timeout = '{'0' if step.phase == 'index' else LOCK_TIMEOUT}'")
            try:
                if step.undo and _is_invalid(cursor, step.column):
                    cursor.execute(step.undo)
                cursor.execute(step.sql)
            finally:
                cursor.execute("RESET lock_timeout")

    try:
        patiently(work)
    except IntegrityError as error:
        if step.undo:
            with connections[db.OWNER].cursor() as cursor:
                cursor.execute(step.undo)
        if step.kind != "unique":
            raise
        raise NotUnique(
            Text(
                "Some records share a value, so the field cannot be unique yet.",
                "部分记录的值重复，字段暂时不能设为唯一。",
            )
        ) from error


def _is_invalid(cursor: Any, index: str) -> bool:
    cursor.execute("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f'"{index}"'])
    row = cursor.fetchone()
    return bool(row and row[0])
