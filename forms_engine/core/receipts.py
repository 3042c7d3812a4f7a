"""The head of the door's transaction: settings, schema lock, schema version and receipt in one statement."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from forms_engine.access.actor import Actor
from forms_engine.access.walls import GUC_SQL
from forms_engine.base.sql import execute, json_value
from forms_engine.journal.events import plain
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text
from forms_engine.tables.locks import entity_lock

_HEAD = f"""
WITH g AS MATERIALIZED (SELECT {GUC_SQL}, pg_advisory_xact_lock_shared(%s, %s))
SELECT (SELECT version FROM core_schemastamp) FROM g
"""  # noqa: S608 - names of ours
_HEAD_WITH_RECEIPT = f"""
WITH g AS MATERIALIZED (SELECT {GUC_SQL}, pg_advisory_xact_lock_shared(%s, %s)),
     i AS (INSERT INTO core_runreceipt (id, actor_id, key, action, digest)
           SELECT %s, %s, %s, %s, %s FROM g ON CONFLICT (actor_id, key) DO NOTHING RETURNING 1)
SELECT (SELECT version FROM core_schemastamp), (SELECT count(*) FROM i) FROM g
"""  # noqa: S608 - names of ours
_READ = (
    "SELECT action, digest, record_id, answer FROM core_runreceipt "
    "WHERE actor_id = %s AND key = %s FOR UPDATE"
)
COMPLETE = "UPDATE core_runreceipt SET record_id = %s, answer = %s WHERE id = %s"


class KeyReused(MesError):
    """The idempotency key was used for something else."""

    code = "idempotency.key_reused"


@dataclass(frozen=True, slots=True)
class Receipt:
    """An open receipt of this transaction."""

    id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Replay:
    """A receipt of an earlier transaction: the answer given then."""

    record_id: uuid.UUID | None
    answer: Any


@dataclass(frozen=True, slots=True)
class Head:
    """What the first statement found."""

    schema_version: int
    receipt: Receipt | None
    replay: Replay | None


def digest_of(action: str, record_id: Any, raw: Mapping[str, Any], version: int | None) -> bytes:
    """Return what makes two requests the same: action, record, body and expected version."""
    body = json.dumps(
        [action, str(record_id or ""), raw, version], sort_keys=True, default=_plain, ensure_ascii=False
    )
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> Any:
    try:
        return plain(value)
    except TypeError:
        return repr(value)


def head_run(
    *, actor: Actor, settings: tuple[str, ...], table: str, action: str, key: str | None, digest: bytes
) -> Head:
    """Run the first statement of the door.

    Raises:
        KeyReused: the key belongs to another body or action.
    """
    lock = entity_lock(table)
    if not key:
        row = execute(_HEAD, [*settings, *lock]).fetchone()
        return Head(row[0] if row else 0, None, None)
    receipt = Receipt(new_id())
    row = execute(
        _HEAD_WITH_RECEIPT, [*settings, *lock, receipt.id, actor.id, key[:200], action, digest]
    ).fetchone()
    version, inserted = row or (0, 0)
    if inserted:
        return Head(version, receipt, None)
    found = execute(_READ, [actor.id, key[:200]]).fetchone()
    if found is None:
        raise KeyReused(Text("Please send the request again.", "请重新提交。"), code="idempotency.retry")
    if found[0] != action or bytes(found[1]) != digest:
        raise KeyReused(
            Text(
                "This Idempotency-Key was used for another request.",
                "该 Idempotency-Key 已用于其他请求。",
            )
        )
    return Head(version, None, Replay(found[2], json_value(found[3])))


def receipt_complete(receipt: Receipt, *, record_id: uuid.UUID | None, answer: Any) -> None:
    """Write the answer into the receipt of this transaction."""
    execute(COMPLETE, [record_id, Jsonb(answer), receipt.id])
