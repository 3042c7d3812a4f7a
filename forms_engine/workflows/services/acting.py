"""Run a flow's actions through the door, and keep the run log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.base.jobs import job_cancel
from forms_engine.base.models import Job
from forms_engine.core.run import action_run
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.workflows.engine import effects as fx
from forms_engine.workflows.engine.codec import pack
from forms_engine.workflows.models import ActionRun, Instance

ROBOT_ID = "system:flow:"


@dataclass(frozen=True)
class Outcome:
    """How an action ended: its result, or the refusal as {"code", "message": {"en", "zh"}}."""

    result: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None


def robot_of(instance: Instance, *, for_whom: str = "") -> Actor:
    """Return the hand that runs a flow's actions: the system, for the initiator or somebody named.

    Its id says which flow and how deep, so that what it sets off can be told from what people do.
    """
    slug, name = instance.workflow.slug, for_whom or instance.initiator_name
    return Actor(
        kind="system",
        id=f"{ROBOT_ID}{slug}:{instance.depth}",
        name=f"flow {slug} ({name})" if name else f"flow {slug}",
        is_admin=True,
    )


def depth_after(actor_id: str) -> tuple[str, int]:
    """Return the flow whose robot did something, and the depth of what that sets off; ("", 0) for others."""
    if not actor_id.startswith(ROBOT_ID):
        return "", 0
    slug, _, depth = actor_id[len(ROBOT_ID) :].partition(":")
    return slug, int(depth or 0) + 1


def action_perform(order: fx.RunAction, *, instance: Instance) -> Outcome | None:
    """Run an action now, once for its ticket; None when a worker does it (its job is watched).

    The door runs inside the step's transaction behind a savepoint: a refusal undoes the action alone.
    """
    run, _ = ActionRun.objects.get_or_create(
        instance=instance,
        ticket=order.ticket,
        defaults={"node": order.node, "action": order.action, "inputs": pack(order.inputs)},
    )
    try:
        result = action_run(
            actor=robot_of(instance),
            key=order.action,
            record=instance.subject_id if order.on_record else None,
            raw=order.inputs,
            idempotency_key=f"flow:{instance.pk}:{order.ticket}",
        )
    except MesError as error:
        refusal = error_words(error)
        run_over(run, ActionRun.State.FAILED, refusal)
        return Outcome(error=refusal)
    if result.job_id is not None:
        run.job_id = result.job_id
        run.save(update_fields=["job_id"])
        return None
    data = pack(dict(result.data))
    run_over(run, ActionRun.State.DONE, data)
    return Outcome(result=data)


def action_cancel(order: fx.CancelAction, *, instance: Instance, actor: Actor) -> None:
    """Wait for an action no longer; a job that has not begun is stopped."""
    waiting = ActionRun.objects.filter(
        instance=instance, ticket=order.ticket, state=ActionRun.State.WAITING
    ).first()
    if waiting is None:
        return
    job = Job.objects.filter(pk=waiting.job_id).first()
    if job is not None:
        job_cancel(actor=actor, job=job)
    run_over(waiting, ActionRun.State.CANCELLED, {})


def run_over(run: ActionRun, state: str, result: Mapping[str, Any]) -> None:
    """Note how a run ended."""
    run.state = state
    run.result = dict(result)
    run.ended_at = clock.now()
    run.save(update_fields=["state", "result", "ended_at"])


def error_words(error: MesError) -> dict[str, Any]:
    """Return a refusal as JSON: its code, and its sentence (with the fields at fault) in both languages."""
    said = {
        language: "; ".join(
            (f"{one.field}: " if one.field else "") + one.in_language(language)
            for one in (error.errors or (error,))
        )
        for language in ("en", "zh")
    }
    return {"code": error.code, "message": said}
