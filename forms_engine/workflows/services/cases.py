"""Begin a case, take it back, end it, help it on: one transaction each, under the case's row lock."""

from __future__ import annotations

import uuid

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.core.pushing import push_on_commit
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.errors import AlreadyHandled
from forms_engine.workflows.engine.formula import formula_holds
from forms_engine.workflows.errors import FlowPaused, FlowUnknown
from forms_engine.workflows.events import InstanceStarted
from forms_engine.workflows.models import Instance, Workflow
from forms_engine.workflows.selectors import facts_of, graph_of, names_of, subject_label
from forms_engine.workflows.services.performing import CASES
from forms_engine.workflows.services.stepping import instance_lock, instance_step


@db.atomic
def instance_start(
    *,
    actor: Actor,
    workflow: Workflow | str,
    cause: str,
    subject_id: uuid.UUID | None = None,
    initiator_id: uuid.UUID | None = None,
    initiator_name: str = "",
    depth: int = 0,
) -> Instance | None:
    """Begin a case of the version in force, once for each cause.

    None when its condition does not hold, or when the record has a running case and the flow allows one at a
    time.

    Args:
        workflow: the flow or its short name.
        cause: what begins it, e.g. "event:4711"; the same cause gives the case begun before.
        initiator_id: the person in whose name it runs; by default the actor.
        depth: how many cases in a row have set each other off.
    Raises: FlowUnknown, FlowPaused, and what the first step raises.
    """
    slug = workflow if isinstance(workflow, str) else workflow.slug
    flow = Workflow.objects.filter(slug=slug).exclude(current=None).select_related("current").first()
    if flow is None or flow.current is None:
        raise FlowUnknown(Text("There is no flow “%(slug)s”.", "没有流程“%(slug)s”。", slug=slug))
    if flow.is_paused:
        raise FlowPaused(Text("This flow is paused.", "该流程已暂停。"))
    known = Instance.objects.filter(workflow=flow, cause=cause).first()
    if known is not None:
        return known
    graph = graph_of(flow.current.pk)
    facts = facts_of(graph.names, graph.entity, subject_id)
    now = clock.now()
    initiator = initiator_id or actor.user_id
    user = str(initiator) if initiator else None
    when = graph.start.options.get("when")
    if when and not formula_holds(when, facts, at=now, user=user):
        return None
    name = initiator_name or (names_of([user]).get(user, "") if user else actor.name)
    is_single = graph.settings.one_at_a_time and subject_id is not None
    running = Instance.objects.filter(workflow=flow, subject_id=subject_id, status=Instance.Status.RUNNING)
    if is_single and running.filter(is_single=True).exists():
        return None
    label = subject_label(graph.entity, subject_id)
    instance, is_new = Instance.objects.get_or_create(
        workflow=flow,
        cause=cause,
        defaults={
            "flow_version": flow.current,
            "depth": depth,
            "is_single": is_single,
            "title": (label or flow.slug)[:250],
            "entity": graph.entity,
            "subject_id": subject_id,
            "initiator_id": initiator,
            "initiator_name": name[:200],
            "started_at": now,
        },
    )
    if not is_new:
        return instance  # somebody else began it a moment ago, and has committed
    started = InstanceStarted(
        record_id=instance.pk, workflow=flow.slug, entity=graph.entity, subject_id=subject_id
    )
    event_publish(started, actor=actor)
    push_on_commit([CASES])
    return instance_step(instance, sg.Started(at=now, facts=facts, initiator=user), actor=actor)


@db.atomic
def instance_withdraw(*, actor: Actor, instance: Instance, comment: str = "") -> Instance:
    """Take a request back; open tasks, timers and actions end with it.

    Raises: WithdrawRefused, AlreadyHandled.
    """
    locked = instance_lock(instance.pk)
    signal = sg.Withdrawn(at=clock.now(), person=str(actor.user_id or ""), comment=comment)
    return instance_step(locked, signal, actor=actor)


@db.atomic
def instance_terminate(*, actor: Actor, instance: Instance, comment: str = "") -> Instance:
    """End a case whatever it waits for. Raises: AlreadyHandled."""
    locked = instance_lock(instance.pk)
    signal = sg.Terminated(at=clock.now(), person=_person(actor), comment=comment)
    return instance_step(locked, signal, actor=actor)


@db.atomic
def instance_retry(*, actor: Actor, instance: Instance) -> Instance:
    """Let every stuck step of a case try again. Raises: AlreadyHandled when none is stuck."""
    locked = instance_lock(instance.pk)
    stuck = [visit["id"] for visit in locked.position.get("visits", ()) if visit["status"] == "stuck"]
    if not stuck:
        raise AlreadyHandled(Text("No step of this case is stuck.", "该流程没有卡住的步骤。"))
    names = graph_of(locked.flow_version_id).names
    for visit in stuck:
        facts = facts_of(names, locked.entity, locked.subject_id)
        signal = sg.Retried(at=clock.now(), facts=facts, visit=visit, person=_person(actor))
        instance_step(locked, signal, actor=actor)
    return locked


def _person(actor: Actor) -> str | None:
    return str(actor.user_id) if actor.user_id else None
