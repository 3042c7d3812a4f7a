"""Work of the demo that runs in a worker."""

from __future__ import annotations

from forms_engine.access.actor import Actor
from forms_engine.base.jobs import JobHandle, job
from jit.demo.services.reset import plant_reset

JOB = "demo.reset"


@job(JOB)
def reset_job(handle: JobHandle) -> dict[str, object]:
    """Reset the plant outside the transaction of whoever asked: the owner needs every table alone."""
    plant_reset(actor=Actor.system("demo"))
    return {}
