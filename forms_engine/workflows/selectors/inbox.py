"""What a person has to do, has begun, has done."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from forms_engine.access.actor import Actor
from forms_engine.access.policy import can
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import BY_ITS_WAY
from forms_engine.workflows.models import Instance, Task
from forms_engine.workflows.selectors.comments import comments_seen
from forms_engine.workflows.selectors.picture import InstancePicture, instance_picture

BOXES = ("todo", "started", "done")
PAGE = 50


@dataclass(frozen=True)
class Inbox:
    """One box of a person's inbox: tasks for todo and done, cases for started; `counts` of all boxes."""

    box: str
    tasks: tuple[Task, ...]
    instances: tuple[Instance, ...]
    counts: dict[str, int]


def inbox_for(actor: Actor, box: str = "todo", *, offset: int = 0, size: int = PAGE) -> Inbox:
    """Return a page of one box, newest first (what waits longest first in todo).

    Raises: ValueError for an unknown box.
    """
    if box not in BOXES:
        raise ValueError(f"no such box: {box}")
    counts = inbox_counts(actor)
    if box == "started":
        cases = _started(actor).select_related("workflow").order_by("-started_at")
        return Inbox(box, (), tuple(cases[offset : offset + size]), counts)
    tasks = _todo(actor).order_by("opened_at") if box == "todo" else _done(actor).order_by("-closed_at")
    page = tasks.select_related("instance", "instance__workflow")[offset : offset + size]
    return Inbox(box, tuple(page), (), counts)


def inbox_counts(actor: Actor) -> dict[str, int]:
    """Return how much is in each box; `started` counts the running ones."""
    running = _started(actor).filter(status=Instance.Status.RUNNING)
    return {"todo": _todo(actor).count(), "started": running.count(), "done": _done(actor).count()}


def _todo(actor: Actor) -> QuerySet[Task]:
    return Task.objects.filter(person_id=actor.user_id, state=Task.State.OPEN)


def _done(actor: Actor) -> QuerySet[Task]:
    return Task.objects.filter(person_id=actor.user_id, state=Task.State.DONE)


def _started(actor: Actor) -> QuerySet[Instance]:
    if actor.user_id is None:
        return Instance.objects.none()
    return Instance.objects.filter(initiator_id=actor.user_id)


@dataclass(frozen=True)
class TaskPage:
    """All a page needs to let somebody answer a task.

    `verdicts` are empty once the task is over; `targets` where it may be returned to (only steps the case has
    been at) as (node id, title); `may_answer` whether this actor holds it.
    """

    task: Task
    step: Text
    flow: Text
    verdicts: tuple[str, ...]
    targets: tuple[tuple[str, Text], ...]
    comment_for: tuple[str, ...]
    fields: dict[str, str]
    may_answer: bool
    picture: InstancePicture


def task_page(actor: Actor, task_id: uuid.UUID) -> TaskPage:
    """Return a task somebody holds, held, or may see by his rights, with the picture of its case.

    Raises: NotFound for others, and for a task that does not exist: the two answer alike.
    """
    task = Task.objects.select_related("instance", "instance__workflow").filter(pk=task_id).first()
    if task is None or not (task.person_id == actor.user_id or can(actor, "read", "workflows.task", task)):
        raise NotFound(Text("There is no such task.", "找不到该任务。"))
    comments = comments_seen(actor, (task.instance,))[task.instance_id]
    return task_page_of(actor, task, instance_picture(task.instance, comments=comments))


def task_page_of(actor: Actor, task: Task, picture: InstancePicture) -> TaskPage:
    """Return what a page of a task needs, of a task this actor may see."""
    is_open = task.state == Task.State.OPEN
    rounds = task.instance.position.get("rounds", {})
    return TaskPage(
        task=task,
        step=Text.of(task.step),
        flow=Text.of(task.instance.workflow.title),
        verdicts=tuple(task.verdicts) if is_open else (),
        targets=tuple(
            (target["node"], Text.of(target["title"]))
            for target in task.targets
            if target["node"] == BY_ITS_WAY or rounds.get(target["node"])
        ),
        comment_for=tuple(task.comment_for),
        fields=dict(task.fields),
        may_answer=is_open and task.person_id == actor.user_id,
        picture=picture,
    )
