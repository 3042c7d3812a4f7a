"""Open a stored file for those who may read the record it belongs to."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import IO

from django.conf import settings

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import UnknownEntity, entity
from forms_engine.core.models import Attachment
from forms_engine.core.query.pages import RecordNotFound, reading, record_get
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text


class FileNotFound(NotFound):
    """No such file, or one the actor may not read."""

    code = "file.not_found"


def file_open(actor: Actor, pk: uuid.UUID) -> tuple[Attachment, IO[bytes]]:
    """Return a file's row and its open bytes.

    A file of a record needs the right to see the record and the field; one that belongs to no record yet is
    its uploader's alone.

    Raises:
        FileNotFound.
    """
    with reading(actor):
        row = Attachment.objects.filter(pk=pk, archived_at=None).first()
    if row is None or not _may_read(actor, row):
        raise _missing()
    path = Path(settings.MEDIA_ROOT) / row.path
    try:
        return row, path.open("rb")
    except FileNotFoundError:
        raise _missing() from None


def _may_read(actor: Actor, row: Attachment) -> bool:
    if row.record_id is None:
        return row.uploaded_by == actor.id[:64]
    try:
        noun = entity(row.entity)
        if row.field in policy.field_rights(actor, noun).hidden:
            return False
        record_get(actor, row.entity, row.record_id)
    except (UnknownEntity, RecordNotFound, policy.Denied):
        return False
    return True


def _missing() -> FileNotFound:
    return FileNotFound(Text("There is no such file.", "找不到该文件。"))
