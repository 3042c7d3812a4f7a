"""What a person has to do, has begun, has done."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from forms_engine.access.actor import Actor
from forms_engine.workflows.models import Instance, Task

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
