"""Any number of schedulers may run: each slot happens once, and a missed one once when they come back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

from forms_engine.base import jobs, scheduler
from forms_engine.base.models import Job, JobSlot

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
committed = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])

MONDAY = dt.datetime(2026, 5, 4, 0, 0, tzinfo=dt.UTC)


@pytest.fixture
def schedule() -> Iterator[Callable[..., scheduler.Periodic]]:
    """Register one periodic function alone, for one test."""
    kept = dict(scheduler._periodics)
    scheduler._periodics.clear()

    def add(function: Callable[[], None], **when: object) -> scheduler.Periodic:
        scheduler.periodic("test.tick", **when)(function)  # type: ignore[arg-type]
        return scheduler.periodics()["test.tick"]

    yield add
    scheduler._periodics.clear()
    scheduler._periodics.update(kept)
    jobs._kinds.pop("test.tick", None)


@committed
def test_ten_schedulers_claim_a_slot_once(schedule):
    item = schedule(lambda: None, cron="0 * * * *")
    scheduler.slot_claim(item, MONDAY)
    won: list[bool] = []

    def tick() -> None:
        try:
            won.append(scheduler.slot_claim(item, MONDAY + dt.timedelta(hours=1)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tick) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(won) == [False] * 9 + [True]
    assert Job.objects.count() == 1


def test_after_two_days_down_a_schedule_runs_once(schedule):
    runs: list[int] = []
    schedule(lambda: runs.append(1), cron="0 * * * *")
    scheduler.Scheduler().tick(MONDAY)
    scheduler.Scheduler().tick(MONDAY + dt.timedelta(hours=48, minutes=5))
    jobs.job_run_all()
    assert runs == [1]
    assert JobSlot.objects.order_by("-due_at").first().slot == "2026-05-06T00:00 UTC"


def test_a_new_schedule_has_missed_nothing(schedule):
    schedule(lambda: None, cron="0 * * * *")
    assert scheduler.Scheduler().tick(MONDAY) == 0 and not Job.objects.exists()


def test_a_restart_within_a_slot_does_not_run_it_again(schedule):
    schedule(lambda: None, seconds=60)
    assert scheduler.Scheduler().tick(MONDAY) == 1
    assert scheduler.Scheduler().tick(MONDAY + dt.timedelta(seconds=30)) == 0


def test_work_of_a_slow_worker_does_not_pile_up(schedule):
    schedule(lambda: None, seconds=60)
    for minute in range(5):
        scheduler.Scheduler().tick(MONDAY + dt.timedelta(minutes=minute))
    assert Job.objects.count() == 1 and JobSlot.objects.count() == 5


def test_a_failing_sweep_does_not_stop_the_others(schedule, caplog):
    ran: list[str] = []

    def fail() -> None:
        raise ValueError("broken sweep")

    schedule(fail, seconds=0, sweep=True)
    scheduler.periodic("test.other", seconds=0, sweep=True)(lambda: ran.append("other"))
    scheduler.Scheduler().tick()
    assert ran == ["other"] and "broken sweep" in caplog.text


def test_old_slots_are_forgotten_but_never_the_newest(schedule):
    item = schedule(lambda: None, cron="0 0 * * *")
    for day in range(3):
        scheduler.slot_claim(item, MONDAY - dt.timedelta(days=400 - day))
    scheduler.slots_purge()
    assert JobSlot.objects.count() == 1


@pytest.mark.parametrize(
    "when", [{}, {"seconds": 1, "cron": "* * * * *"}, {"cron": "* * * * *", "sweep": True}]
)
def test_a_schedule_says_one_thing(when):
    with pytest.raises(ValueError, match="seconds"):
        scheduler.periodic("test.bad", **when)


@committed
def test_where_no_worker_answers_the_scheduler_helps_without_standing_still(schedule):
    begun, go_on, runs = threading.Event(), threading.Event(), []

    def slow(job: jobs.JobHandle) -> None:
        begun.set()
        go_on.wait(10)
        runs.append(1)

    jobs.job("test.tick")(slow)
    started = jobs.run_later("test.tick")
    Job.objects.update(run_after=started.run_after - dt.timedelta(seconds=60))
    scheduler.jobs_sweep()
    assert begun.wait(10) and runs == []  # the sweep has returned while the job still runs
    go_on.set()
    scheduler._helper.join(10)
    assert runs == [1] and Job.objects.get().state == "DONE"
