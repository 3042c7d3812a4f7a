"""Which uploaded files may be put on a record, and putting them there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.base.sql import execute
from forms_engine.core.entity import Entity

_USABLE = """
SELECT count(*) FROM core_attachment
WHERE id = ANY(%s::uuid[]) AND record_id IS NULL AND archived_at IS NULL AND uploaded_by = %s
  AND (NOT %s OR content_type LIKE 'image/%%')
"""
_BIND = """
UPDATE core_attachment SET entity = %s, record_id = %s, field = %s
WHERE id = ANY(%s::uuid[]) AND record_id IS NULL
"""


def files_usable(actor: Actor, ids: Sequence[uuid.UUID], *, images: bool = False) -> bool:
    """Tell whether the actor has uploaded all of these files and none belongs to a record yet."""
    row = execute(_USABLE, [list(ids), actor.id[:64], images]).fetchone()
    return row is not None and row[0] == len(set(ids))


def files_bind(noun: Entity, pk: uuid.UUID, values: Mapping[str, Any]) -> None:
    """Give the files in cleaned values to the record, in the transaction that writes it."""
    for name, value in values.items():
        f = noun.fields.get(name)
        if value and f is not None and f.type.key == "file":
            execute(_BIND, [noun.key, pk, name, list(value)])
