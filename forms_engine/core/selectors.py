"""Reads of the core's own rows."""

from __future__ import annotations

import uuid
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.base.models import Job
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text


class JobNotFound(NotFound):
    """No such job, or somebody else's."""

    code = "job.not_found"


def job_of(actor: Actor, pk: uuid.UUID) -> dict[str, Any]:
    """Return how far a job is, for its owner or an administrator.

    Raises: JobNotFound.
    """
    row = Job.objects.using("default").filter(pk=pk).first()
    if row is None or not (actor.is_admin or (actor.user_id and row.owner_id == actor.user_id)):
        raise JobNotFound(Text("There is no such job.", "找不到该任务。"))
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "state": row.state,
        "done": row.done_units,
        "total": row.total_units,
        "step": row.step,
        "result": row.result,
        "error": row.error,
    }
