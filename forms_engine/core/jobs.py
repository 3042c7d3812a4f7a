"""Finish background actions in a worker, in the name of whoever asked."""

from __future__ import annotations

import uuid
from typing import Any

from forms_engine.access.selectors import actor_again
from forms_engine.base.jobs import JobHandle, job, job_start
from forms_engine.core.run import action_run, background_through
from forms_engine.journal.events import plain

KIND = "core.action"


def background_start(call: Any) -> uuid.UUID:
    """Queue a call of the door in its own transaction; returns the job's id."""
    params = {
        "key": call.action.key,
        "record": str(call.record_id) if call.record_id else None,
        "raw": plain(dict(call.raw)),
        "request_id": call.request_id,
        "scopes": list(call.actor.scopes or ()),
    }
    return job_start(actor=call.actor, kind=KIND, params=params).pk


@job(KIND)
def action_finish(handle: JobHandle) -> dict[str, Any]:
    """Run the action for real; the job's id is its idempotency key, so a second try does nothing twice."""
    actor = actor_again(handle.actor).narrowed(handle.params.get("scopes"))
    result = action_run(
        actor=actor,
        key=handle.params["key"],
        record=handle.params["record"],
        raw=handle.params["raw"],
        request_id=handle.params.get("request_id"),
        idempotency_key=f"job:{handle.id}",
        foreground=True,
    )
    return {
        "record_id": str(result.record_id) if result.record_id else None,
        "data": plain(dict(result.data)),
    }


background_through(background_start)
