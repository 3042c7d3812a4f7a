"""Background work that survives anything: a row in the caller's transaction, a lease while it runs.

A function registered with `@job` may run more than once (a worker can die between work and note), so its
 effects are keyed or idempotent. It opens its own transactions and reports with `handle.progress`.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections, connections
from django.db.models import F, Q

from forms_engine.base import db
from forms_engine.base.actor_note import actor_note
from forms_engine.base.models import Job
from forms_engine.base.poke import poke, poke_on_commit
from forms_engine.kernel import clock
from forms_engine.kernel.errors import ErrorList, MesError, NotFound
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text

TASK = "forms_engine.base.jobs"
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 5
BACK_OFF_SECONDS = (2, 10, 60, 300)

log = logging.getLogger(__name__)


class JobCancelled(MesError):
    """Somebody asked to stop; raised by `handle.progress`."""

    code = "job.cancelled"
    status = 409


@dataclass(frozen=True)
class JobKind:
    """A registered function and how often a failure that is no `MesError` is tried again."""

    key: str
    function: Callable[[JobHandle], Any]
    attempts: int


_kinds: dict[str, JobKind] = {}


def job(key: str, *, attempts: int = 3) -> Callable[[Callable[[JobHandle], Any]], Callable[[JobHandle], Any]]:
    """Register `f(handle) -> JSON result` under a key like "exchange.import"."""

    def decorate(function: Callable[[JobHandle], Any]) -> Callable[[JobHandle], Any]:
        kept = _kinds.get(key)
        if kept is not None and kept.function.__module__ != function.__module__:
            raise RuntimeError(f"job {key!r} is claimed by two modules")
        _kinds[key] = JobKind(key, function, min(attempts, MAX_ATTEMPTS))
        return function

    return decorate


def job_kinds() -> dict[str, JobKind]:
    """Return every registered kind by its key."""
    return dict(_kinds)


class JobHandle:
    """What a running function sees of its row."""

    def __init__(self, row: Job) -> None:
        self.id: uuid.UUID = row.pk
        self.params: dict[str, Any] = row.params
        self.actor: dict[str, Any] = row.actor
        self.attempt: int = row.attempts

    def progress(self, done: int, total: int, step: Text | None = None) -> None:
        """Note how far it is and lengthen the lease; seen by others at once, outside a transaction.

        Raises: JobCancelled when somebody asked to stop.
        """
        changes: dict[str, Any] = {"done_units": done, "total_units": total, "claimed_until": _lease_end()}
        if step is not None:
            changes["step"] = step.dump()
        Job.objects.filter(pk=self.id).update(**changes)
        if self.cancelled():
            raise JobCancelled(Text("The job was cancelled.", "任务已取消。"))

    def cancelled(self) -> bool:
        """Tell whether somebody asked to stop."""
        return Job.objects.filter(pk=self.id, cancel_asked=True).exists()


def job_start(*, actor: Any, kind: str, params: dict[str, Any]) -> Job:
    """Queue work in the caller's transaction; a worker is poked on commit.

    Args:
        actor: an `access.Actor`, or None for the system; noted so that the work is done in that name.
        kind: a registered key.
        params: JSON.
    Raises: NotFound for an unknown kind.
    """
    if kind not in _kinds:
        raise NotFound(Text("There is no job “%(kind)s”.", "没有任务“%(kind)s”。", kind=kind))
    row = Job(
        id=new_id(),
        kind=kind,
        params=params,
        owner_id=getattr(actor, "user_id", None),
        actor=actor_note(actor),
        run_after=clock.real_now(),
    )
    row.save(force_insert=True)
    poke_on_commit(TASK)
    return row


def run_later(kind: str, **params: Any) -> Job:
    """Queue work that belongs to nobody."""
    return job_start(actor=None, kind=kind, params=params)


def job_cancel(*, actor: Any, job: Job) -> None:
    """Stop a queued job; ask a running one to stop at its next progress note."""
    with db.atomic():
        stopped = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(state=Job.State.CANCELLED)
        if not stopped:
            Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)


def job_run_next() -> bool:
    """Claim one due job and run it to its end. Returns False when nothing is due."""
    row = _claim()
    if row is None:
        return False
    if jobs_overdue():
        poke(TASK)  # another worker need not wait for this one
    stop = threading.Event()
    beat = threading.Thread(target=_keep_lease, args=(row.pk, stop), name="takt-lease", daemon=True)
    beat.start()
    try:
        _run(row)
    finally:
        stop.set()
    return True


def job_run_all(limit: int = 1000) -> int:
    """Run due jobs until none is left; returns how many ran."""
    count = 0
    while count < limit and job_run_next():
        count += 1
    return count


def jobs_overdue(seconds: float = 0) -> int:
    """Count jobs that could have been claimed this long ago."""
    return Job.objects.filter(_due(clock.real_now() - dt.timedelta(seconds=seconds))).count()


def _due(moment: dt.datetime) -> Q:
    return Q(state=Job.State.QUEUED, run_after__lte=moment) | Q(
        state=Job.State.RUNNING, claimed_until__lt=moment
    )


def _lease_end() -> dt.datetime:
    return clock.real_now() + LEASE


def _claim() -> Job | None:
    with db.atomic():
        row = (
            Job.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(_due(clock.real_now()), kind__in=list(_kinds))
            .order_by("run_after", "id")
            .first()
        )
        if row is None:
            return None
        row.attempts += 1
        row.state = Job.State.RUNNING
        row.claimed_until = _lease_end()
        row.save(update_fields=["attempts", "state", "claimed_until"])
        return row


def _keep_lease(pk: uuid.UUID, stop: threading.Event) -> None:
    """Lengthen the lease of work that forgets to report; ends with the work or with the process."""
    try:
        while not stop.wait(LEASE.total_seconds() / 3):
            Job.objects.filter(pk=pk, state=Job.State.RUNNING).update(claimed_until=_lease_end())
            close_old_connections()
    finally:
        connections.close_all()


def _run(row: Job) -> None:
    kind = _kinds[row.kind]
    if row.attempts > MAX_ATTEMPTS:
        _finish(row, Job.State.FAILED, error={"code": "job.lost", "message": _LOST.dump()})
        return
    try:
        result = kind.function(JobHandle(row))
    except JobCancelled:
        _finish(row, Job.State.CANCELLED)
    except MesError as error:
        _finish(row, Job.State.FAILED, error=_dump(error))
    except Exception as error:  # the edge of a worker: noted, logged, retried
        log.exception("job %s %s failed (attempt %s)", row.kind, row.pk, row.attempts)
        noted = {"code": "job.error", "message": _BROKEN.dump(), "trace": traceback.format_exc(limit=-8)}
        noted["kind"] = type(error).__name__
        if row.attempts >= kind.attempts:
            _finish(row, Job.State.FAILED, error=noted)
        else:
            pause = BACK_OFF_SECONDS[min(row.attempts, len(BACK_OFF_SECONDS)) - 1]
            Job.objects.filter(pk=row.pk).update(
                state=Job.State.QUEUED,
                error=noted,
                claimed_until=None,
                run_after=clock.real_now() + dt.timedelta(seconds=pause),
            )
    else:
        changes: dict[str, Any] = {"done_units": F("total_units")} if row.total_units else {}
        _finish(row, Job.State.DONE, result=result, error=None, **changes)


_LOST = Text("The work stopped several times without an end.", "任务多次中断，未能完成。")
_BROKEN = Text("The work broke off; the log has the details.", "任务中断，详情请查看日志。")


def _finish(row: Job, state: str, **changes: Any) -> None:
    Job.objects.filter(pk=row.pk).update(state=state, claimed_until=None, **changes)


def _dump(error: MesError) -> dict[str, Any]:
    noted: dict[str, Any] = {"code": error.code, "message": _words(error)}
    if isinstance(error, ErrorList):
        noted["errors"] = [{"field": e.field, "code": e.code, "message": _words(e)} for e in error.errors]
    return noted


def _words(error: MesError) -> dict[str, str]:
    return {"en": error.in_language("en"), "zh": error.in_language("zh")}
