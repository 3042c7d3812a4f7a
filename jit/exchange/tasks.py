"""Work of this room in the background."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.models import User
from forms_engine.base.jobs import JobHandle, job
from forms_engine.kernel.text import Text as T
from jit.exchange.services import folders, imports
from jit.exchange.services.progress import told_outside


@job(imports.JOB, attempts=1)
def import_file(handle: JobHandle) -> dict[str, int]:
    """Check or apply one import; told to stop, it leaves nothing."""
    with told_outside(handle, T("Rows", "行")) as note:
        outcome = imports.import_run(
            actor=actor_of_job(handle),
            batch_id=UUID(handle.params["batch"]),
            dry_run=bool(handle.params["dry_run"]),
            note=note,
        )
    return {
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "rejected": outcome.rejected,
    }


@job(folders.JOB, attempts=1)
def import_folder_files(handle: JobHandle) -> dict[str, Any]:
    """Load a folder's files, step by step; a step that is done stays."""
    lines: list[str] = []

    def tell(line: str) -> None:
        lines.append(line)
        handle.progress(len(lines), 0, T(line, line))

    as_of = handle.params["as_of"]
    moment = datetime.fromisoformat(as_of) if as_of else None
    zone = handle.params["zone"] or settings.PLANT_TIME_ZONE
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    result = folders.import_folder(
        actor=actor_of_job(handle),
        folder=Path(handle.params["folder"]),
        zone=zone,
        as_of=moment,
        tell=tell,
    )
    return folders.result_dump(result)


def actor_of_job(handle: JobHandle) -> Actor:
    """Return who asked for the work, with today's rights; the system where it was the system."""
    user_id = handle.actor.get("user_id")
    if user_id:
        return user_actor(User.objects.get(pk=user_id))
    return Actor.system(str(handle.actor.get("name") or "import"))
