"""What a reader may see of the cases about a record: who has done what, what waits for whom, what is his."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from forms_engine.access.actor import Actor
from forms_engine.access.models import Role
from forms_engine.access.policy import field_rights, visible
from forms_engine.core.entity import entity
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.state import State, Visit
from forms_engine.workflows.models import Instance, Task
from forms_engine.workflows.selectors.comments import TASKS, comments_seen
from forms_engine.workflows.selectors.graphs import graph_of
from forms_engine.workflows.selectors.inbox import TaskPage, task_page_of
from forms_engine.workflows.selectors.people import names_of
from forms_engine.workflows.selectors.picture import InstancePicture, instance_picture, people_in

CASES = "workflows.instance"
MOST = 20


@dataclass(frozen=True)
class Wait:
    """One step a case stands at. `people` hold its tasks, `roles` are whom the drawing asks for them.

    `sentence` says what is waited for where no person is: a date, an action, an administrator.
    """

    step: Text
    people: tuple[str, ...]
    roles: tuple[Text, ...]
    since: dt.datetime | None
    sentence: Text


@dataclass(frozen=True)
class RecordCase:
    """A case as the page of its record tells it.

    `mine` are the tasks this reader may answer there.
    """

    instance: Instance
    flow: Text
    picture: InstancePicture
    waits: tuple[Wait, ...]
    mine: tuple[TaskPage, ...]
    hides_people: bool


def cases_about(entity_key: str, subject_id: uuid.UUID) -> QuerySet[Instance]:
    """Return the cases about a record, newest first, whoever asks; a case is about itself, too."""
    about = Q(entity=entity_key, subject_id=subject_id)
    if entity_key == CASES:
        about |= Q(pk=subject_id)
    return Instance.objects.filter(about).select_related("workflow").order_by("-started_at")


def cases_seen(actor: Actor, entity_key: str, subject_id: uuid.UUID) -> tuple[RecordCase, ...]:
    """Return the newest cases about a record this reader may see, as its page tells them.

    A case is seen by whoever may read it or a task of it, or held one: those open the page of a task, too.
    People outside the plant see none. The number of statements does not grow with cases, steps and people.
    """
    if actor.is_outside:
        return ()
    cases = list(cases_about(entity_key, subject_id).filter(_seen_by(actor))[:MOST])
    states = {case.pk: State.load(case.position) for case in cases}
    if not cases:
        return ()
    names = names_of(person for state in states.values() for person in people_in(state))
    tasks = list(
        Task.objects.filter(instance__in=cases, state=Task.State.OPEN).order_by("opened_at", "person_name")
    )
    labels = _role_labels(cases, states)
    closed = field_rights(actor, entity(TASKS)).hidden
    comments = comments_seen(actor, cases)
    found = []
    for case in cases:
        picture = instance_picture(case, state=states[case.pk], names=names, comments=comments[case.pk])
        open_here = [task for task in tasks if task.instance_id == case.pk]
        for task in open_here:
            task.instance = case
        mine = (task for task in open_here if task.person_id == actor.user_id)
        found.append(
            RecordCase(
                instance=case,
                flow=Text.of(case.workflow.title),
                picture=picture,
                waits=tuple(_waits(case, states[case.pk], picture, open_here, labels)),
                mine=tuple(task_page_of(actor, task, picture) for task in mine),
                hides_people="person_name" in closed,
            )
        )
    return tuple(found)


def is_seen_by(actor: Actor, case: Instance) -> bool:
    """Say whether somebody may see a case on the page of its record."""
    return not actor.is_outside and Instance.objects.filter(_seen_by(actor), pk=case.pk).exists()


def _seen_by(actor: Actor) -> Q:
    cases = visible(actor, entity(CASES))
    if cases.is_everything:
        return Q()
    tasks = Task.objects.filter(visible(actor, entity(TASKS)).q())
    seen = cases.q() | Q(pk__in=tasks.values("instance_id"))
    if actor.user_id is not None:
        seen |= Q(pk__in=Task.objects.filter(person_id=actor.user_id).values("instance_id"))
    return seen


def _waits(
    case: Instance, state: State, picture: InstancePicture, tasks: Sequence[Task], labels: dict[str, Text]
) -> Iterable[Wait]:
    titles = {node.id: node.title for node in picture.nodes}
    for visit, sentence in zip(state.visits, picture.next, strict=True):
        asked = [task for task in tasks if task.visit == visit.id]
        yield Wait(
            step=titles[visit.node],
            people=tuple(task.person_name for task in asked),
            roles=tuple(labels[key] for key in _roles_asked(case, visit) if key in labels) if asked else (),
            since=asked[0].opened_at if asked else _entered(state, visit),
            sentence=sentence,
        )


def _entered(state: State, visit: Visit) -> dt.datetime | None:
    lines = (line for line in state.history if line.verb == "entered" and line.visit == visit.id)
    return next((line.at for line in lines), None)


def _roles_asked(case: Instance, visit: Visit) -> list[str]:
    who = graph_of(case.flow_version_id).node(visit.node).options.get("who") or ()
    return [str(item.get("value")) for item in who if item.get("kind") == "role"]


def _role_labels(cases: Iterable[Instance], states: dict[uuid.UUID, State]) -> dict[str, Text]:
    keys = {key for case in cases for visit in states[case.pk].visits for key in _roles_asked(case, visit)}
    if not keys:
        return {}
    known = Role.objects.filter(key__in=keys).values_list("key", "label")
    return {key: Text.of(label or key) for key, label in known}
