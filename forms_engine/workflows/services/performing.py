"""Carry out what a step ordered, in the caller's transaction. An order answered at once gives a signal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.core.pushing import push_on_commit
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine import effects as fx
from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.codec import pack
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.events import InstanceEnded, InstanceStuck, TaskClosed, TaskOpened
from forms_engine.workflows.models import Instance, Task, Timer, new_token
from forms_engine.workflows.selectors import RESULTS, facts_of, names_of, people_of, step_title
from forms_engine.workflows.services.acting import action_cancel, action_perform
from forms_engine.workflows.services.telling import case_name, tell_of_task, tell_people

TASKS = "workflows.task"
CASES = "workflows.instance"


@dataclass(frozen=True)
class Case:
    """What performing needs to know: the locked case, its drawing, and who set the step off."""

    instance: Instance
    graph: Graph
    actor: Actor

    def facts(self) -> dict[str, Any]:
        """Return the record's values as they are at this moment of the transaction."""
        return facts_of(self.graph.names, self.instance.entity, self.instance.subject_id)


def perform(order: fx.Order, case: Case) -> sg.Signal | None:
    """Carry out one order. Raises: KeyError for a kind of order nobody carries out."""
    return _PERFORMERS[order.kind](order, case)


def _find_people(order: fx.FindPeople, case: Case) -> sg.Signal:
    people = people_of(order.who)
    return sg.PeopleFound(at=clock.now(), facts=case.facts(), ticket=order.ticket, people=people)


def _open_task(order: fx.OpenTask, case: Case) -> None:
    instance = case.instance
    task, is_new = Task.objects.get_or_create(
        instance=instance,
        ticket=order.ticket,
        defaults={
            "visit": order.visit,
            "node": order.node,
            "step": step_title(case.graph, order.node).dump(),
            "round": order.round,
            "kind": order.task,
            "person_id": order.person,
            "person_name": names_of([order.person]).get(order.person, order.person),
            "verdicts": list(order.verdicts),
            "comment_for": list(order.comment_for),
            "targets": [
                {"node": target, "title": _target_title(target, case).dump()} for target in order.targets
            ],
            "fields": pack(order.fields),
            "form": order.form,
            "title": instance.title,
            "entity": instance.entity,
            "subject_id": instance.subject_id,
        },
    )
    if is_new:
        _announce(task, case)


def _target_title(target: str, case: Case) -> Text:
    return Text("back", "退回") if target == fx.BY_ITS_WAY else step_title(case.graph, target)


def _announce(task: Task, case: Case) -> None:
    opened = TaskOpened(record_id=task.pk, instance_id=task.instance_id, person_id=task.person_id)
    event_publish(opened, actor=case.actor)
    tell_of_task(task)
    push_on_commit([TASKS, f"{TASKS}:{task.pk}"])


def _close_task(order: fx.CloseTask, case: Case) -> None:
    task = Task.objects.filter(instance=case.instance, ticket=order.ticket, state=Task.State.OPEN).first()
    if task is None:
        return
    task.state = Task.State.DONE if order.person else Task.State.CLOSED
    task.outcome = order.outcome
    task.comment = order.comment
    task.closed_at = clock.now()
    task.save(update_fields=["state", "outcome", "comment", "closed_at"])
    closed = TaskClosed(
        record_id=task.pk, instance_id=task.instance_id, person_id=task.person_id, outcome=order.outcome
    )
    event_publish(closed, actor=case.actor)
    push_on_commit([TASKS, f"{TASKS}:{task.pk}"])


def _move_task(order: fx.MoveTask, case: Case) -> None:
    task = Task.objects.get(instance=case.instance, ticket=order.ticket)
    Task.objects.filter(pk=task.pk).update(
        person_id=order.person,
        person_name=names_of([order.person]).get(order.person, order.person),
        turn=order.version,
        token=new_token(),
    )
    task.refresh_from_db()
    _announce(task, case)


def _run_action(order: fx.RunAction, case: Case) -> sg.Signal | None:
    outcome = action_perform(order, instance=case.instance)
    if outcome is None:
        return None
    now, facts = clock.now(), case.facts()
    if outcome.error is None:
        return sg.ActionDone(at=now, facts=facts, ticket=order.ticket, result=outcome.result)
    return sg.ActionFailed(
        at=now,
        facts=facts,
        ticket=order.ticket,
        code=outcome.error["code"],
        message=outcome.error["message"],
    )


def _cancel_action(order: fx.CancelAction, case: Case) -> None:
    action_cancel(order, instance=case.instance, actor=case.actor)


def _set_timer(order: fx.SetTimer, case: Case) -> None:
    Timer.objects.get_or_create(
        instance=case.instance, ticket=order.ticket, defaults={"node": order.node, "due_at": order.due}
    )


def _cancel_timer(order: fx.CancelTimer, case: Case) -> None:
    timer = Timer.objects.filter(instance=case.instance, ticket=order.ticket, state=Timer.State.OPEN)
    timer.update(state=Timer.State.CANCELLED)


def _notify(order: fx.Notify, case: Case) -> None:
    tell_people(
        people_of(order.who),
        title=Text.of(order.title),
        body=Text.of(order.body or ""),
        instance=case.instance,
        key=f"visit:{order.visit}",
    )


def _stuck(order: fx.Stuck, case: Case) -> None:
    instance = case.instance
    stuck = InstanceStuck(
        record_id=instance.pk, workflow=case.graph.slug, node=order.node, reason=order.reason
    )
    event_publish(stuck, actor=case.actor)
    tell_people(
        people_of(({"kind": "admin", "value": ""},)),
        title=Text("A flow is stuck: %(title)s", "流程卡住：%(title)s", title=case_name(instance)),
        body=case.graph.node(order.node).title,
        instance=instance,
        key=f"stuck:{instance.events.count()}",
    )


def _end(order: fx.End, case: Case) -> None:
    instance = case.instance
    ended = InstanceEnded(
        record_id=instance.pk,
        workflow=case.graph.slug,
        entity=instance.entity,
        subject_id=instance.subject_id,
        result=order.result,
    )
    event_publish(ended, actor=case.actor)
    if instance.initiator_id is not None:
        result = RESULTS.get(order.result, Text.of(order.result))
        tell_people(
            (str(instance.initiator_id),),
            title=Text(
                "%(case)s: %(result)s", "%(case)s：%(result)s", case=case_name(instance), result=result
            ),
            body=Text(""),
            instance=instance,
            key="end",
        )
    push_on_commit([CASES, f"{CASES}:{instance.pk}"])


_PERFORMERS: dict[str, Callable[[Any, Case], sg.Signal | None]] = {
    "find_people": _find_people,
    "open_task": _open_task,
    "close_task": _close_task,
    "move_task": _move_task,
    "run_action": _run_action,
    "cancel_action": _cancel_action,
    "set_timer": _set_timer,
    "cancel_timer": _cancel_timer,
    "notify": _notify,
    "stuck": _stuck,
    "end": _end,
}
