"""Whose comments in a case somebody may read: they belong to the tasks they were written at."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from forms_engine.access.actor import Actor
from forms_engine.access.policy import field_rights, visible
from forms_engine.core.entity import entity
from forms_engine.workflows.engine.state import Line
from forms_engine.workflows.models import Instance, Task

TASKS = "workflows.task"


@dataclass(frozen=True)
class CommentRight:
    """What a reader may read in a case: `every` comment, or those at the tasks in `at` (visit, person)."""

    every: bool = True
    at: frozenset[tuple[int, str]] = frozenset()

    def shows(self, line: Line) -> bool:
        """Say whether he may read the comment of a line; what was not said at a task is the case's own."""
        is_of_task = bool(line.node and line.person)
        return self.every or not is_of_task or (line.visit, line.person) in self.at


EVERY = CommentRight()


def comments_seen(actor: Actor, cases: Collection[Instance]) -> dict[uuid.UUID, CommentRight]:
    """Return what somebody may read in each case; one statement at most.

    Who began a case, or holds or held a task of it, reads it all: he has to know why it came back. Others
    need the right to read the task. Where the field is closed to somebody, every comment is.
    """
    tasks = entity(TASKS)
    if "comment" in field_rights(actor, tasks).hidden:
        return {case.pk: CommentRight(every=False) for case in cases}
    readable = visible(actor, tasks)
    if readable.is_everything:
        return {case.pk: EVERY for case in cases}
    begun = {case.pk for case in cases if actor.user_id is not None and case.initiator_id == actor.user_id}
    asked = readable.q() | Q(person_id=actor.user_id) if actor.user_id is not None else readable.q()
    rows = Task.objects.filter(asked, instance__in=cases).values_list("instance_id", "visit", "person_id")
    at: dict[uuid.UUID, set[tuple[int, str]]] = {}
    for case_id, visit, person in rows:
        at.setdefault(case_id, set()).add((visit, str(person)))
    mine = begun | {case_id for case_id, _visit, person in rows if person == actor.user_id}
    return {
        case.pk: EVERY if case.pk in mine else CommentRight(False, frozenset(at.get(case.pk, ())))
        for case in cases
    }
