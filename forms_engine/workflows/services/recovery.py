"""Prove that a case is whole, and mend what is not: its position, and a row for every open ticket."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.workflows.engine.codec import pack
from forms_engine.workflows.engine.signals import TicketSignal
from forms_engine.workflows.engine.state import State
from forms_engine.workflows.models import ActionRun, Instance, Task, Timer
from forms_engine.workflows.selectors import graph_of, names_of
from forms_engine.workflows.services.performing import Case, perform
from forms_engine.workflows.services.stepping import (
    instance_lock,
    instance_replay,
    instance_step,
    position_keep,
)

_BROKEN = """
SELECT i.id FROM workflows_instance i
WHERE i.status = 'running' AND (
  i.seq <> (SELECT count(*) FROM workflows_instanceevent e WHERE e.instance_id = i.id)
  OR (SELECT count(*) FROM jsonb_array_elements(i.position->'tickets') t WHERE t->>'kind' <> 'people')
   <> (SELECT count(*) FROM workflows_task k WHERE k.instance_id = i.id AND k.state = 'open')
    + (SELECT count(*) FROM workflows_timer k WHERE k.instance_id = i.id AND k.state = 'open')
    + (SELECT count(*) FROM workflows_actionrun k WHERE k.instance_id = i.id AND k.state = 'waiting'))
LIMIT 100"""


def instances_broken() -> list[uuid.UUID]:
    """Return running cases whose open tickets and rows do not match, or whose position misses an event."""
    with db.connection().cursor() as cursor:
        cursor.execute(_BROKEN)
        return [row[0] for row in cursor.fetchall()]


def instances_running() -> Iterator[Instance]:
    """Return every running case, a few at a time."""
    return Instance.objects.filter(status=Instance.Status.RUNNING).iterator(chunk_size=100)


def instances_all() -> Iterator[Instance]:
    """Return every case there ever was, a few at a time."""
    return Instance.objects.order_by("pk").iterator(chunk_size=100)


def instance_check(instance: Instance) -> list[str]:
    """Return what is wrong with a case, in words for the log; empty when it is whole (I11, I12)."""
    state, _ = instance_replay(instance)
    faults = []
    if pack(state.dump()) != instance.position:
        faults.append(f"position is not the fold of its {instance.events.count()} events")
    wanted = {ticket.id for ticket in state.tickets if ticket.kind != "people"}
    present = _open_rows(instance)
    faults += [f"ticket {ticket} has no open row" for ticket in sorted(wanted - present)]
    faults += [f"the open row of ticket {ticket} waits for nothing" for ticket in sorted(present - wanted)]
    return faults


@db.atomic
def instance_recover(*, actor: Actor, instance_id: uuid.UUID) -> int:
    """Make a case whole again from its events; returns how many things were mended.

    Missing rows of open tickets are made from the orders a replay gives; rows nobody waits for are closed.
    """
    instance = instance_lock(instance_id)
    state, asked = instance_replay(instance)
    mended = 0
    if pack(state.dump()) != instance.position:
        position_keep(instance, state)
        mended += 1
    wanted = {ticket.id for ticket in state.tickets if ticket.kind != "people"}
    present = _open_rows(instance)
    for ticket in sorted(present - wanted):
        _close_row(instance, ticket)
        mended += 1
    answers: list[TicketSignal] = []
    for ticket in sorted(wanted - present):
        answer = perform(asked[ticket], Case(instance, graph_of(instance.flow_version_id), actor))
        if isinstance(answer, TicketSignal):
            answers.append(answer)
        _hand_on(instance, state, ticket)
        mended += 1
    for answer in answers:
        if State.load(instance.position).ticket(answer.ticket) is not None:
            instance_step(instance, answer, actor=actor)
    return mended


def _hand_on(instance: Instance, state: State, number: int) -> None:
    """Give a task that was made again to whom it had been handed meanwhile."""
    ticket = state.ticket(number)
    if ticket is None or ticket.kind != "task" or ticket.version == 1:
        return
    Task.objects.filter(instance=instance, ticket=number).update(
        person_id=ticket.person,
        person_name=names_of([ticket.person]).get(str(ticket.person), ""),
        turn=ticket.version,
    )


def _open_rows(instance: Instance) -> set[int]:
    tasks = Task.objects.filter(instance=instance, state=Task.State.OPEN)
    timers = Timer.objects.filter(instance=instance, state=Timer.State.OPEN)
    runs = ActionRun.objects.filter(instance=instance, state=ActionRun.State.WAITING)
    return {ticket for rows in (tasks, timers, runs) for ticket in rows.values_list("ticket", flat=True)}


def _close_row(instance: Instance, ticket: int) -> None:
    key = {"instance": instance, "ticket": ticket}
    Task.objects.filter(**key, state=Task.State.OPEN).update(state=Task.State.CLOSED, outcome="ended")
    Timer.objects.filter(**key, state=Timer.State.OPEN).update(state=Timer.State.CANCELLED)
    ActionRun.objects.filter(**key, state=ActionRun.State.WAITING).update(state=ActionRun.State.CANCELLED)
