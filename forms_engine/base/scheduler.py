"""The scheduler: sweeps every few seconds, schedules once per slot. Any number may run side by side."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, close_old_connections, connection, connections

from forms_engine.base import db, jobs
from forms_engine.base.cron import Cron, last_due
from forms_engine.base.models import Job, JobSlot
from forms_engine.base.poke import poke
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id

TICK_SECONDS = 0.25
KEEP_SLOTS_DAYS = 30
HELP_AFTER_SECONDS = 15

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    """Something that happens again and again.

    `sweep` runs in every scheduler without claiming anything (it claims its own rows); all others are claimed
    by slot and run as a job, so a scheduler that dies in the middle loses nothing.
    """

    key: str
    function: Callable[[], Any]
    seconds: float | None
    cron: Cron | None
    zone: str
    sweep: bool


_periodics: dict[str, Periodic] = {}
_helper: threading.Thread | None = None


def periodic(
    key: str, *, seconds: float | None = None, cron: str | None = None, zone: str = "UTC", sweep: bool = False
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register `f()` to run every so many seconds, or by five cron fields on a zone's wall clock.

    After down time a missed schedule runs once, for its newest slot. `sweep=True` (seconds only) means:
    cheap, finds its own work with SKIP LOCKED, needs no slot.

    Raises: ValueError unless exactly one of seconds and cron is given, or for malformed cron.
    """
    if (seconds is None) == (cron is None) or (sweep and seconds is None):
        raise ValueError(f"{key}: give seconds or cron; a sweep needs seconds")

    def decorate(function: Callable[[], Any]) -> Callable[[], Any]:
        _periodics[key] = Periodic(key, function, seconds, Cron.parse(cron) if cron else None, zone, sweep)
        if not sweep:
            jobs.job(key)(_as_job(function))
        return function

    return decorate


def _as_job(function: Callable[[], Any]) -> Callable[[jobs.JobHandle], Any]:
    def run(handle: jobs.JobHandle) -> Any:
        return function()

    run.__module__ = function.__module__
    return run


def periodics() -> dict[str, Periodic]:
    """Return everything registered, by key."""
    return dict(_periodics)


def due_slot(item: Periodic, now: dt.datetime) -> tuple[str, dt.datetime] | None:
    """Return the newest due slot of a schedule: name and moment."""
    if item.cron is not None:
        return last_due(item.cron, item.zone, now)
    seconds = float(item.seconds or 0)
    start = dt.datetime.fromtimestamp(now.timestamp() // seconds * seconds, dt.UTC)
    return start.isoformat(), start


def slot_claim(item: Periodic, now: dt.datetime) -> bool:
    """Queue the newest due slot as a job unless somebody has; returns whether this call did it.

    The very first look at a cron schedule only notes the slot: nothing was missed before it existed.
    """
    found = due_slot(item, now)
    if found is None:
        return False
    slot, due_at = found
    with db.atomic():
        is_first = item.cron is not None and not JobSlot.objects.filter(job=item.key).exists()
        with db.connection().cursor() as cursor:
            cursor.execute(
                "INSERT INTO base_jobslot (id, job, slot, due_at, claimed_at) VALUES (%s, %s, %s, %s, %s) "
                "ON CONFLICT (job, slot) DO NOTHING",
                [new_id(), item.key, slot, due_at, clock.real_now()],
            )
            if cursor.rowcount != 1 or is_first:
                return False
        if item.cron is None and Job.objects.filter(kind=item.key, state=Job.State.QUEUED).exists():
            return False  # the last one still waits: a slow worker must not pile them up
        jobs.run_later(item.key)
        return True


class Scheduler:
    """One loop's memory: when each sweep ran last in this process."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._slots: dict[str, str] = {}

    def tick(self, now: dt.datetime | None = None) -> int:
        """Do what is due; a failing item is logged and does not stop the others. Returns how many ran."""
        moment = now or clock.real_now()
        count = 0
        for item in list(_periodics.values()):
            try:
                count += self._sweep(item) if item.sweep else self._slot(item, moment)
            except Exception:  # the edge of the process: one broken sweep must not stop the others
                log.exception("%s failed", item.key)
                close_old_connections()
        return count

    def _sweep(self, item: Periodic) -> int:
        if time.monotonic() - self._last.get(item.key, float("-inf")) < float(item.seconds or 0):
            return 0
        self._last[item.key] = time.monotonic()
        item.function()
        return 1

    def _slot(self, item: Periodic, now: dt.datetime) -> int:
        found = due_slot(item, now)
        if found is None or self._slots.get(item.key) == found[0]:
            return 0
        claimed = slot_claim(item, now)
        self._slots[item.key] = found[0]
        return int(claimed)


def scheduler_loop(stop: threading.Event | None = None) -> None:
    """Run until asked to stop; survives a database that comes and goes."""
    ending = stop or threading.Event()
    scheduler = Scheduler()
    while not ending.is_set():
        try:
            scheduler.tick()
        except DatabaseError:
            log.exception("the scheduler waits for the database")
        close_old_connections()
        ending.wait(TICK_SECONDS)


@periodic("base.jobs", seconds=2, sweep=True)
def jobs_sweep() -> None:
    """Poke for due jobs whose hint was lost; where no worker answers, run one here, beside the sweeps."""
    global _helper
    if jobs.jobs_overdue(HELP_AFTER_SECONDS) and (_helper is None or not _helper.is_alive()):
        _helper = threading.Thread(target=_help, name="takt-helper", daemon=True)
        _helper.start()
    elif jobs.jobs_overdue(1):
        poke(jobs.TASK)


def _help() -> None:
    try:
        jobs.job_run_next()
    finally:
        connections.close_all()


@periodic("base.slots_purge", cron="17 3 * * *")
def slots_purge() -> None:
    """Forget old slots; the newest of each schedule stays, else a schedule would look new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM base_jobslot s WHERE due_at < now() - make_interval(days => %s) AND due_at < "
            "(SELECT max(due_at) FROM base_jobslot n WHERE n.job = s.job)",
            [KEEP_SLOTS_DAYS],
        )
