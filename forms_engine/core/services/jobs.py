"""Stop a background job on behalf of its owner."""

from __future__ import annotations

import uuid

from forms_engine.access.actor import Actor
from forms_engine.base.jobs import job_cancel
from forms_engine.base.models import Job
from forms_engine.core.selectors import job_of


def job_stop(*, actor: Actor, pk: uuid.UUID) -> None:
    """Cancel a queued job, or ask a running one to stop. Raises: JobNotFound for somebody else's."""
    job_of(actor, pk)
    job_cancel(actor=actor, job=Job.objects.get(pk=pk))
