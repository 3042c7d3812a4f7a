"""The plan run: one consistent snapshot in, one transaction of differences out."""

from __future__ import annotations

import contextlib
import gc
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError

from forms_engine.access.actor import Actor
from forms_engine.access.walls import settings_of, settings_write, walls
from forms_engine.base import db
from forms_engine.base.aside import Aside
from forms_engine.base.jobs import job_start
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.algorithms.mrp.hashing import output_hash
from jit.algorithms.mrp.result import PlanResult
from jit.algorithms.mrp.run import plan
from jit.algorithms.warm import warm
from jit.catalog.numbers import number_next
from jit.planning.events import RunFinished
from jit.planning.models import PlanRun
from jit.planning.selectors.snapshot import Snapshot, snapshot_read
from jit.planning.services import storing
from jit.planning.services.cover import cover_update
from jit.planning.services.packing import nodes_asked, nodes_netted, nodes_store
from jit.planning.services.proposals import proposals_store
from jit.supply.services import call_off

log = logging.getLogger("takt.planning")

JOB = "planning.run"
RETRIES = 3
PATIENCE = "180s"
STALE = ("40001", "40P01")
MOST_WARNINGS = 200
DEFAULT_HORIZON = timedelta(days=14)


class RunRefused(MesError):
    """A horizon that cannot be meant."""

    code = "planning.run.refused"


def run_request(
    *,
    actor: Any,
    as_of: datetime | None = None,
    horizon_end: datetime | None = None,
    reason: PlanRun.Reason = PlanRun.Reason.PERSON,
    trigger: str = "",
) -> PlanRun:
    """Queue a run; a worker does it. Raises: RunRefused if the horizon is not after `as_of`."""
    start = as_of or clock.now()
    end = horizon_end or start + DEFAULT_HORIZON
    if end <= start:
        raise RunRefused(
            T("The horizon ends before it begins.", "计划截止早于基准时间。"), field="horizon_end"
        )
    with db.atomic():
        run = PlanRun(number=number_next("RUN"), as_of=start, horizon_end=end, reason=reason, trigger=trigger)
        run.save(force_insert=True)
        job_start(actor=actor, kind=JOB, params={"run": str(run.pk)})
    return run


def run_execute(*, run_id: UUID, actor: Actor, progress: Callable[[int, int], None] | None = None) -> PlanRun:
    """Do a queued run: read, think, store the differences; a stale snapshot is read again.

    Raises: Conflict when the plant changes faster than the run can read it.
    """
    tell = progress or (lambda done, total: None)
    warm()  # compiling takes a minute on a fresh machine: never inside a transaction
    for attempt in range(RETRIES):
        try:
            with uncollected():
                return _execute(run_id, actor, tell)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in STALE:
                raise
            log.info("run %s: stale snapshot, attempt %d", run_id, attempt + 2)
    raise Conflict(T("The plant changes too fast for this run.", "数据变化过快，计划未能完成。"))


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector away: a run makes no circles, and looking for some took a fifth of it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _execute(run_id: UUID, actor: Actor, tell: Callable[[int, int], None]) -> PlanRun:
    nested = db.connection().in_atomic_block  # a test's transaction: it cannot change its isolation any more
    with (
        walls(actor, action=JOB, settings=False),
        db.connection().cursor() as cursor,
        ThreadPoolExecutor(1) as beside,
    ):
        if not nested:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # One run at a time. LOCK takes no snapshot, so the one that waited reads what the other wrote. A big
        # plant's run is longer than a page's lock and statement may last.
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'; SET LOCAL statement_timeout = '{PATIENCE}'")
        cursor.execute("LOCK TABLE planning_planrunnode IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
        settings_write(settings_of(actor, action=JOB))
        run = PlanRun.objects.get(pk=run_id)
        run.started_at = clock.now()
        began = time.perf_counter()
        snapshot = snapshot_read(as_of=run.as_of, horizon=run.horizon_end)
        tell(1, 4)
        loaded = time.perf_counter()
        result = plan(snapshot.input)
        tell(2, 4)
        thought = time.perf_counter()
        counts, hashing = _stored(actor, run, snapshot, result, beside)
        tell(3, 4)
        counts["milliseconds"] = {
            "load": _ms(began, loaded),
            "plan": _ms(loaded, thought),
            "store": _ms(thought, time.perf_counter()),
        }
        run.state, run.counts, run.finished_at = PlanRun.State.DONE, counts, clock.now()
        run.input_hash, run.output_hash = result.input_hash, hashing.result()
        run.save(update_fields=["state", "counts", "started_at", "finished_at", "input_hash", "output_hash"])
        event_publish(
            RunFinished(
                record_id=run.pk,
                number=run.number,
                new=counts["calls"]["new"],
                changed=counts["calls"]["changed"],
                cancelled=counts["calls"]["cancelled"],
                exceptions=counts["exceptions"],
                shortages=counts["shortages"],
            ),
            actor=actor,
        )
    return run


def _stored(
    actor: Actor, run: PlanRun, snapshot: Snapshot, result: PlanResult, beside: ThreadPoolExecutor
) -> tuple[dict[str, Any], Future[str]]:
    """Store the differences; returns what was done, and the output hash to come."""
    calls, numbers = storing.calls_store(actor=actor, run=run, snapshot=snapshot, result=result)
    netting = beside.submit(nodes_netted, snapshot=snapshot, result=result, numbers=numbers)
    # What takes the database longest is sent first.
    with Aside() as writer:
        before = nodes_asked(writer)
        storing.calls_make(run=run, snapshot=snapshot, result=result, numbers=numbers, writer=writer)
        orders, lines = proposals_store(snapshot=snapshot, result=result, writer=writer)
        nodes_store(snapshot=snapshot, found=netting.result(), before=before, writer=writer)
        # By now the database has enough to do: a hash begun earlier would take the core from what feeds it.
        hashing = beside.submit(output_hash, snapshot.input, result)
        troubles = storing.exceptions_store(run=run, snapshot=snapshot, result=result, writer=writer)
        short = cover_update(snapshot=snapshot, result=result, writer=writer)
    counts = {
        "nodes": len(snapshot.nodes),
        "requirements": len(result.requirements.qty),
        "orders": vars(orders),
        "calls": vars(calls),
        "forecasts": vars(lines),
        "exceptions": troubles,
        "shortages": short,
        "warnings": [{"kind": kind, "about": about} for kind, about in snapshot.warnings[:MOST_WARNINGS]],
        "warnings_in_all": len(snapshot.warnings),
    }
    return counts, hashing


def _ms(begin: float, end: float) -> int:
    return round((end - begin) * 1000)


def run_failed(*, run_id: UUID, message: str) -> None:
    """Note that a run did not finish, for people to read."""
    PlanRun.objects.filter(pk=run_id, state=PlanRun.State.RUNNING).update(
        state=PlanRun.State.FAILED, error=message[:2000], finished_at=clock.now()
    )


def calls_release_automatically(*, actor: Any, run_id: UUID) -> int:
    """Release the proposals of cycles that say so; returns how many went out."""
    rows = list(call_off.proposals_to_release(run_id=run_id))
    released, refused = call_off.calloff_release_many(actor=actor, calloffs=rows)
    for row, why in refused:
        log.info("call-off %s stays a proposal: %s", row.number, why)
    return len(released)
