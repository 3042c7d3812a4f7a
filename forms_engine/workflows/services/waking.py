"""Carry on cases that wait for time or for a worker; any number may sweep at once."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.base.models import Job
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.errors import AlreadyHandled
from forms_engine.workflows.models import ActionRun, Instance, Timer
from forms_engine.workflows.selectors import facts_of, graph_of
from forms_engine.workflows.services.acting import run_over
from forms_engine.workflows.services.stepping import instance_step, instance_try_lock

BATCH = 100
OVER = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
CANCELLED = {"code": "job.cancelled", "message": Text("The job was cancelled.", "任务已取消。").dump()}

log = logging.getLogger("takt.workflows")


def timers_due() -> list[uuid.UUID]:
    """Return the ids of timers whose moment has come, oldest first."""
    due = Timer.objects.filter(state=Timer.State.OPEN, due_at__lte=clock.now()).order_by("due_at")
    return list(due.values_list("pk", flat=True)[:BATCH])


@db.atomic
def timer_fire(*, actor: Actor, timer_id: uuid.UUID) -> bool:
    """Fire one due timer, once; False if somebody else has its case, or it fired already.

    The claim is the lock of the case's row (SKIP LOCKED), taken before the timer is read again.
    """
    instance = _claim(Timer.objects.filter(pk=timer_id).values_list("instance_id", flat=True))
    if instance is None:
        return False
    timer = Timer.objects.filter(pk=timer_id, state=Timer.State.OPEN, due_at__lte=clock.now()).first()
    if timer is None:
        return False
    Timer.objects.filter(pk=timer.pk).update(state=Timer.State.FIRED)
    signal = sg.TimerFired(at=clock.now(), facts=_facts(instance), ticket=timer.ticket)
    return _step(instance, signal, actor)


def action_runs_over() -> list[uuid.UUID]:
    """Return the ids of runs whose job is over and whose case still waits."""
    waiting = ActionRun.objects.filter(state=ActionRun.State.WAITING, job_id__isnull=False)
    over = waiting.filter(job_id__in=Job.objects.filter(state__in=OVER).values("pk"))
    return list(over.values_list("pk", flat=True)[:BATCH])


@db.atomic
def action_run_collect(*, actor: Actor, run_id: uuid.UUID) -> bool:
    """Tell a case that its background action is over; False if somebody else has."""
    instance = _claim(ActionRun.objects.filter(pk=run_id).values_list("instance_id", flat=True))
    if instance is None:
        return False
    run = ActionRun.objects.filter(pk=run_id, state=ActionRun.State.WAITING).first()
    job = Job.objects.filter(pk=run.job_id, state__in=OVER).first() if run is not None else None
    if run is None or job is None:
        return False
    result = job.result if isinstance(job.result, dict) else {}
    if job.state == Job.State.DONE:
        run_over(run, ActionRun.State.DONE, result)
    else:
        run_over(run, ActionRun.State.FAILED, job.error or CANCELLED)
    return _step(instance, _answer(run, job, result, _facts(instance)), actor)


def _answer(run: ActionRun, job: Job, result: dict[str, Any], facts: dict[str, Any]) -> sg.Signal:
    if job.state == Job.State.DONE:
        return sg.ActionDone(at=clock.now(), facts=facts, ticket=run.ticket, result=result)
    error = job.error or CANCELLED
    return sg.ActionFailed(
        at=clock.now(), facts=facts, ticket=run.ticket, code=error["code"], message=error.get("message") or {}
    )


def _claim(instance_ids: Iterable[uuid.UUID]) -> Instance | None:
    found = next(iter(instance_ids), None)
    return instance_try_lock(found) if found is not None else None


def _facts(instance: Instance) -> dict[str, Any]:
    return facts_of(graph_of(instance.flow_version_id).names, instance.entity, instance.subject_id)


def _step(instance: Instance, signal: sg.Signal, actor: Actor) -> bool:
    """Step behind a savepoint: what the case refuses is logged and marked, not tried for ever."""
    try:
        with db.atomic():
            instance_step(instance, signal, actor=actor)
    except AlreadyHandled:
        return False
    except MesError as error:
        log.warning("case %s refused %s: %s", instance.pk, signal.kind, error.code)
        Instance.objects.filter(pk=instance.pk).update(is_stuck=True)
        return False
    return True
