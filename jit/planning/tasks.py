"""Work of planning that runs in a worker."""

from __future__ import annotations

from uuid import UUID

from forms_engine.access.actor import Actor
from forms_engine.base.jobs import JobHandle, job
from forms_engine.base.scheduler import periodic
from forms_engine.kernel import clock
from jit.planning.services import pruning, replan, run


@job(run.JOB)
def plan_run_job(handle: JobHandle) -> dict[str, object]:
    """Do a queued plan run; a failure is noted on the run, so that nobody waits for it in vain."""
    run_id = UUID(handle.params["run"])
    actor = Actor.system("planning")
    try:
        done = run.run_execute(run_id=run_id, actor=actor, progress=handle.progress)
    except Exception as error:
        run.run_failed(run_id=run_id, message=str(error))
        raise
    return {"run": done.number, "counts": done.counts}


@job(replan.LATER)
def plan_run_later(handle: JobHandle) -> dict[str, object]:
    """Begin the run that was put off while another was young."""
    made = run.run_request(
        actor=Actor.system("planning"),
        as_of=clock.now(),
        reason=replan.REASONS[handle.params["trigger"]],
    )
    return {"run": made.number}


@periodic("planning.prune", seconds=300)
def plan_prune() -> int:
    """Take away the exceptions of old runs."""
    return pruning.exceptions_prune()
