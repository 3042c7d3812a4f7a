"""Background work: a row is the truth, a lease guards it, a failure is told in both languages."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connections

from forms_engine.base import db, jobs
from forms_engine.base.models import Job
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, ErrorList, FieldError, NotFound
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text
from tests.forms_engine.made_tables import acting

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
committed = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])


@pytest.fixture
def kind() -> Iterator[Callable[..., str]]:
    """Register job functions for one test."""

    def add(function: Callable[[jobs.JobHandle], Any], attempts: int = 3) -> str:
        jobs.job("test.job", attempts=attempts)(function)
        return "test.job"

    yield add
    jobs._kinds.pop("test.job", None)


def test_a_job_runs_in_the_name_of_its_owner_and_keeps_its_result(kind):
    def work(job: jobs.JobHandle) -> dict[str, Any]:
        job.progress(3, 6, Text("Reading", "读取中"))
        return {"rows": job.params["rows"], "by": job.actor["name"]}

    owner = new_id()
    actor = SimpleNamespace(kind="person", id=str(owner), name="王五", user_id=owner, supplier_id=None)
    started = jobs.job_start(actor=actor, kind=kind(work), params={"rows": 6})
    assert jobs.job_run_all() == 1
    done = Job.objects.get(pk=started.pk)
    assert (done.state, done.result, done.owner_id) == ("DONE", {"rows": 6, "by": "王五"}, owner)
    assert (done.done_units, done.total_units, done.step["zh"]) == (3, 6, "读取中")


def test_an_unknown_job_is_refused_before_anything_is_written():
    with pytest.raises(NotFound):
        jobs.job_start(actor=None, kind="test.nowhere", params={})
    assert not Job.objects.exists()


def test_a_job_of_a_rolled_back_request_never_runs(kind):
    key = kind(lambda job: None)
    with pytest.raises(ZeroDivisionError), db.atomic():
        jobs.run_later(key)
        raise ZeroDivisionError
    assert jobs.job_run_all() == 0


def test_what_a_person_can_mend_is_told_at_once_in_both_languages(kind):
    def refuse(job: jobs.JobHandle) -> None:
        raise ErrorList([FieldError("rows.2.code", "code.taken", Text("Taken", "已占用"))])

    started = jobs.run_later(kind(refuse))
    jobs.job_run_all()
    failed = Job.objects.get(pk=started.pk)
    assert failed.state == "FAILED" and failed.attempts == 1
    assert failed.error["errors"] == [
        {"field": "rows.2.code", "code": "code.taken", "message": {"en": "Taken", "zh": "已占用"}}
    ]


def test_a_crash_is_tried_again_and_then_given_up(kind):
    def crash(job: jobs.JobHandle) -> None:
        raise ValueError("disk")

    started = jobs.run_later(kind(crash, attempts=2))
    jobs.job_run_all()
    waiting = Job.objects.get(pk=started.pk)
    assert waiting.state == "QUEUED" and waiting.run_after > clock.real_now()
    Job.objects.update(run_after=clock.real_now())
    jobs.job_run_all()
    failed = Job.objects.get(pk=started.pk)
    assert (
        failed.state == "FAILED" and failed.error["code"] == "job.error" and "disk" in failed.error["trace"]
    )


def test_a_job_whose_worker_died_is_taken_over_when_its_lease_ends(kind):
    runs: list[int] = []
    started = jobs.run_later(kind(lambda job: runs.append(job.attempt)))
    Job.objects.update(state="RUNNING", attempts=1, claimed_until=clock.real_now() + dt.timedelta(seconds=30))
    assert jobs.job_run_all() == 0
    Job.objects.update(claimed_until=clock.real_now() - dt.timedelta(seconds=1))
    assert jobs.job_run_all() == 1 and runs == [2]
    assert Job.objects.get(pk=started.pk).state == "DONE"


def test_a_job_that_keeps_killing_its_worker_ends(kind):
    started = jobs.run_later(kind(lambda job: None))
    Job.objects.update(state="RUNNING", attempts=jobs.MAX_ATTEMPTS, claimed_until=clock.real_now())
    jobs.job_run_all()
    lost = Job.objects.get(pk=started.pk)
    assert lost.state == "FAILED" and lost.error["code"] == "job.lost"


def test_a_running_job_stops_when_asked(kind):
    def work(job: jobs.JobHandle) -> None:
        jobs.job_cancel(actor=None, job=Job.objects.get(pk=job.id))
        job.progress(1, 2)
        raise AssertionError("went on")

    started = jobs.run_later(kind(work))
    jobs.job_run_all()
    assert Job.objects.get(pk=started.pk).state == "CANCELLED"


def test_a_queued_job_that_is_cancelled_never_runs(kind):
    started = jobs.run_later(kind(lambda job: None))
    jobs.job_cancel(actor=None, job=started)
    assert jobs.job_run_all() == 0


@committed
def test_two_workers_never_run_one_job_twice(kind):
    runs: list[int] = []
    key = kind(lambda job: runs.append(job.params["n"]))
    for number in range(20):
        jobs.run_later(key, n=number)

    def work() -> None:
        try:
            jobs.job_run_all()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(runs) == list(range(20))


def test_services_use_the_login_of_the_moment():
    @db.atomic
    def who() -> str:
        with db.connection().cursor() as cursor:
            cursor.execute("SELECT session_user::text")
            return str(cursor.fetchone()[0])

    assert who() == "app_rw"
    with db.use_alias(db.PORTAL):
        assert who() == "app_portal"
    assert db.current_alias() == "default"


def test_a_durable_block_refuses_to_be_inside_another():
    with db.atomic(), pytest.raises(RuntimeError), db.atomic(durable=True):
        pass
    with pytest.raises(Conflict), db.atomic(durable=True):
        raise Conflict(Text("Taken", "已占用"))


@committed
def test_a_supplier_may_queue_work_in_his_name_but_not_look_at_jobs(kind):
    supplier = new_id()
    actor = SimpleNamespace(kind="supplier", id="s", name="供应商", user_id=None, supplier_id=supplier)
    key = kind(lambda job: {"for": job.actor["supplier_id"]})
    with acting(supplier=supplier):
        started = jobs.job_start(actor=actor, kind=key, params={})
    assert jobs.job_run_all() == 1
    assert Job.objects.get(pk=started.pk).result == {"for": str(supplier)}
    with pytest.raises(DatabaseError, match="permission denied"), acting(supplier=supplier):
        Job.objects.count()
