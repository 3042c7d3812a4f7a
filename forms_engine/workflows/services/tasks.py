"""Answer a task or hand it on, under the case's row lock; who comes second is told so."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.core.run import action_run
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Denied, ErrorList, FieldError, NotFound
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.errors import AlreadyHandled, NotYourTask
from forms_engine.workflows.errors import TokenSpent
from forms_engine.workflows.models import Instance, Task
from forms_engine.workflows.selectors import facts_of, graph_of, people_of
from forms_engine.workflows.services.acting import robot_of
from forms_engine.workflows.services.stepping import instance_lock, instance_step


@db.atomic
def task_decide(
    *,
    actor: Actor,
    task: Task,
    verdict: str,
    comment: str = "",
    target: str = "",
    turn: int | None = None,
    token: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> Task:
    """Answer a task: approve, reject, return or submit, and carry the case on.

    Args:
        target: node to return to.
        turn: the turn of the task the person saw; by default the present one.
        token: the one-time secret of a link, when he came by one.
        values: raw values of the record's fields he filled in, within the step's field rights.
    Raises:
        AlreadyHandled: somebody was faster, or the task is not needed any more.
        TaskChanged, NotYourTask, VerdictNotOffered, CommentRequired, TokenSpent.
        MesError: what writing the values raises.
    """
    instance = instance_lock(task.instance_id)
    task = _still_open(instance, task)
    if token is not None and token != task.token:
        raise TokenSpent(Text("This link was used or is out of date.", "该链接已使用或已失效。"))
    if actor.user_id != task.person_id:
        raise NotYourTask(Text("This task lies with somebody else.", "该任务由他人处理。"))
    if values:
        _fill_in(actor, instance, task, values)
    names = graph_of(instance.flow_version_id).names
    signal = sg.TaskDecided(
        at=clock.now(),
        facts=facts_of(names, instance.entity, instance.subject_id),
        ticket=task.ticket,
        version=task.turn if turn is None else turn,
        person=str(actor.user_id),
        verdict=verdict,
        comment=comment,
        target=target,
    )
    instance_step(instance, signal, actor=actor)
    task.refresh_from_db()
    return task


@db.atomic
def task_transfer(
    *, actor: Actor, task: Task, to: uuid.UUID, comment: str = "", turn: int | None = None
) -> Task:
    """Hand a task to somebody else; both names stay in the history.

    Raises: as `task_decide`; TransferRefused; NotFound for a person who is not active.
    """
    instance = instance_lock(task.instance_id)
    task = _still_open(instance, task)
    if not people_of([{"kind": "person", "value": str(to)}]):
        raise NotFound(Text("There is no such person.", "找不到该人员。"), field="to")
    signal = sg.TaskTransferred(
        at=clock.now(),
        ticket=task.ticket,
        version=task.turn if turn is None else turn,
        person=str(actor.user_id),
        to=str(to),
        comment=comment,
    )
    instance_step(instance, signal, actor=actor)
    task.refresh_from_db()
    return task


@db.atomic
def task_reassign(*, actor: Actor, task: Task, to: uuid.UUID, comment: str) -> Task:
    """Give somebody's task to another: an administrator helps when its holder is away or has left.

    Raises: as `task_transfer`.
    """
    instance = instance_lock(task.instance_id)
    task = _still_open(instance, task)
    if not people_of([{"kind": "person", "value": str(to)}]):
        raise NotFound(Text("There is no such person.", "找不到该人员。"), field="to")
    signal = sg.TaskTransferred(
        at=clock.now(),
        ticket=task.ticket,
        version=task.turn,
        person=str(task.person_id),
        to=str(to),
        comment=f"{comment} ({actor.name})",
    )
    instance_step(instance, signal, actor=actor)
    task.refresh_from_db()
    return task


def _still_open(instance: Instance, task: Task) -> Task:
    """Read a task again under the case's lock. Raises: AlreadyHandled."""
    task = Task.objects.get(pk=task.pk, instance=instance)
    if task.state != Task.State.OPEN:
        raise AlreadyHandled(Text("This was already handled.", "该任务已被处理。"))
    return task


def _fill_in(actor: Actor, instance: Instance, task: Task, values: Mapping[str, Any]) -> None:
    """Write what a person filled in, through the door.

    A step that names field rights grants those fields itself, so the flow writes them in the person's name; a
    step that names none leaves it to the person's own rights.
    Raises: ErrorList for fields the step does not open; Denied for a task without a record.
    """
    if not task.entity or task.subject_id is None:
        raise Denied(Text("This task has no record to fill in.", "该任务没有可填写的记录。"))
    closed = [name for name in values if task.fields and task.fields.get(name) != "edit"]
    if closed:
        words = Text("This field is not open in this step.", "该字段在此步骤不可编辑。")
        raise ErrorList([FieldError(name, "field.read_only", words) for name in closed])
    hand = robot_of(instance, for_whom=actor.name) if task.fields else actor
    action_run(actor=hand, key=f"{task.entity}.update", record=task.subject_id, raw=values, unheld=True)
