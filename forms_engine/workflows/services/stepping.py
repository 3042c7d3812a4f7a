"""One step of a case under its row lock: fold the signals, write them down, perform the orders."""

from __future__ import annotations

import uuid
from collections import deque

from forms_engine.access.actor import Actor
from forms_engine.base.actor_note import actor_note
from forms_engine.core.pushing import push_on_commit
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Order
from forms_engine.workflows.engine.signals import Signal
from forms_engine.workflows.engine.state import DONE, STUCK, State
from forms_engine.workflows.engine.step import advance
from forms_engine.workflows.models import Instance, InstanceEvent
from forms_engine.workflows.selectors import graph_of
from forms_engine.workflows.services.performing import Case, perform

ASKS = frozenset({"open_task", "set_timer", "run_action"})
"""Orders whose ticket has a row of its own; a look-up of people is answered inside the step."""


def instance_lock(instance_id: uuid.UUID) -> Instance:
    """Return a case with its row locked.

    The case is always locked first, its tasks and timers after: so two steps never wait for each other.
    Raises: NotFound.
    """
    found = _lockable().filter(pk=instance_id).first()
    if found is None:
        raise NotFound(Text("There is no such case.", "找不到该流程实例。"))
    return found


def instance_try_lock(instance_id: uuid.UUID) -> Instance | None:
    """Return a case with its row locked, or None if somebody else has it."""
    return _lockable(skip_locked=True).filter(pk=instance_id).first()


def _lockable(*, skip_locked: bool = False):
    return Instance.objects.select_for_update(of=("self",), skip_locked=skip_locked).select_related(
        "workflow"
    )


def instance_step(instance: Instance, signal: Signal, *, actor: Actor) -> Instance:
    """Carry a locked case on by one signal and all that follows from it at once.

    The caller's transaction holds everything: events, state, tasks, timers, what the actions wrote.
    Raises: what `advance` raises; the caller's transaction is to be rolled back then.
    """
    graph = graph_of(instance.flow_version_id)
    state = State.load(instance.position) if instance.seq else State()
    case = Case(instance=instance, graph=graph, actor=actor)
    queue: deque[Signal] = deque([signal])
    note = actor_note(actor)
    while queue:
        signal = Signal.load(queue.popleft().dump())  # exactly what a replay will read
        step = advance(graph, state, signal)
        state = step.state
        InstanceEvent.objects.create(
            instance=instance, seq=state.seq, kind=signal.kind, signal=signal.dump(), actor=note, at=signal.at
        )
        for order in step.orders:
            answer = perform(order, case)
            if answer is not None:
                queue.append(answer)
    position_keep(instance, state)
    if instance.subject_id is not None:  # its page shows where the case stands
        push_on_commit([f"{instance.entity}:{instance.subject_id}"])
    return instance


def position_keep(instance: Instance, state: State) -> None:
    """Write a case's position and the columns that repeat parts of it."""
    instance.position = state.dump()
    instance.seq = state.seq
    instance.lit = list(state.lit())
    instance.is_stuck = any(visit.status == STUCK for visit in state.visits)
    instance.status = Instance.Status.DONE if state.status == DONE else Instance.Status.RUNNING
    instance.result = state.result
    instance.ended_at = state.history[-1].at if state.status == DONE else None
    instance.save(update_fields=["position", "seq", "lit", "is_stuck", "status", "result", "ended_at"])


def instance_replay(instance: Instance) -> tuple[State, dict[int, Order]]:
    """Return what the events of a case fold to, and the order behind every ticket ever given."""
    graph = graph_of(instance.flow_version_id)
    state = State()
    asked: dict[int, Order] = {}
    for data in instance.events.order_by("seq").values_list("signal", flat=True):
        step = advance(graph, state, Signal.load(data))
        state = step.state
        asked |= {order.ticket: order for order in step.orders if order.kind in ASKS}
    return state, asked
