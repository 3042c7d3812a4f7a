"""THE DOOR: every write of people, programs, flows and imports goes through `action_run`.

authenticate → transaction → receipt (a replay is answered here) → find and lock → may I? → clean → run →
row changes by trigger, event to the outbox → receipt completed → commit.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, IntegrityError, models
from django.db.utils import OperationalError

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.access.walls import settings_of, walls, walls_now
from forms_engine.core import store
from forms_engine.core.action import Action, Result, actions
from forms_engine.core.attached import files_bind
from forms_engine.core.cleaning import action_clean, record_clean
from forms_engine.core.closed import unavailable_because
from forms_engine.core.conflicts import version_conflict
from forms_engine.core.constraints import refusal_of
from forms_engine.core.documents import Documents
from forms_engine.core.entity import (
    ARCHIVE,
    CREATE,
    RESTORE,
    UPDATE,
    Entity,
    entities,
    entities_current,
    entity,
)
from forms_engine.core.holds import unheld_require
from forms_engine.core.pushing import push_on_commit
from forms_engine.core.receipts import Head, digest_of, head_run, receipt_complete
from forms_engine.core.records import (
    PAST,
    GenericAction,
    Written,
    fields_changed,
    generic_action,
    record_archive,
    record_create,
    record_update,
)
from forms_engine.core.writes import Write
from forms_engine.journal.events import plain
from forms_engine.kernel.errors import BadRequest, Conflict, Denied, MesError, NotFound
from forms_engine.kernel.text import Text

log = logging.getLogger("takt.door")

RETRIES = 3
SERIALIZATION, DEADLOCK = "40001", "40P01"


class RecordNotFound(NotFound):
    """No such record, or one the actor may not see."""

    code = "record.not_found"


class ActionUnknown(NotFound):
    """No such action, or one that does not fit the entity."""

    code = "action.unknown"


class _SchemaMoved(Exception):
    """A schema was published since this process last looked: roll back, look, do it again."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What the door answers. `replayed`: the same key was answered before; nothing happened now."""

    record_id: uuid.UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    replayed: bool = False
    job_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of the door, as asked."""

    actor: Actor
    action: Action
    entity: Entity | None
    record_id: uuid.UUID | None
    raw: Mapping[str, Any]
    idempotency_key: str | None
    request_id: str
    expected_version: int | None
    foreground: bool
    unheld: bool


BackgroundStart = Any
_background: BackgroundStart = None


def background_through(start: BackgroundStart) -> None:
    """Say who queues background actions (`core.jobs` does): `start(call fields) -> job id`."""
    global _background
    _background = start


def action_of(key: str) -> Action:
    """Return an action by its key: a registered one, else a generic verb of an entity.

    Raises:
        ActionUnknown: neither.
    """
    if key in actions:
        return actions.get(key)
    head, _, verb = key.rpartition(".")
    known = entities().by_key.get(head) or entities_current().by_key.get(head)
    found = generic_action(known, verb) if known is not None else None
    if found is None:
        raise ActionUnknown(Text("There is no action “%(key)s”.", "没有动作“%(key)s”。", key=key[:120]))
    return found


def action_run(
    *,
    actor: Actor,
    key: str,
    record: Any = None,
    raw: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
    request_id: str | None = None,
    expected_version: int | None = None,
    foreground: bool = False,
    unheld: bool = False,
) -> ActionResult:
    """Do one action once: all of it or nothing.

    Args:
        record: id, model instance or row the action is about.
        raw: values as typed, sent or imported.
        idempotency_key: made by the client for one intent; the same key does it once.
        expected_version: row version the person saw; another one now refuses with the difference.
        foreground: run a background action right here (its worker does).
        unheld: the caller is whoever holds the action back from others (`core.holds`): a step of a flow.

    Raises:
        MesError: unknown action or record (404), Denied (403), malformed body (400), values (422), state or
            version (409).
    """
    pk = _pk_of(record)
    outside = walls_now() is None
    for attempt in range(RETRIES + 1):
        verb = action_of(key)
        call = _Call(
            actor=actor,
            action=verb,
            entity=entity(verb.entity) if verb.entity else None,
            record_id=pk,
            raw=raw if raw is not None else {},
            idempotency_key=idempotency_key,
            request_id=request_id or "",
            expected_version=expected_version,
            foreground=foreground,
            unheld=unheld,
        )
        try:
            return _run_once(call)
        except _SchemaMoved as moved:
            entities(at_least=moved.version)
            if not outside:
                raise Conflict(
                    Text("A form was published just now. Please try again.", "表单刚刚发布，请重试。"),
                    code="schema.moved",
                ) from None
        except OperationalError as error:
            if not outside or attempt == RETRIES or _sqlstate(error) not in (SERIALIZATION, DEADLOCK):
                raise
            log.info("door %s: %s, try %d", key, _sqlstate(error), attempt + 2)
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - jitter, no secret
    raise Conflict(
        Text("Too many changes at once. Please try again.", "同时修改过多，请重试。"), code="door.busy"
    )


def _run_once(call: _Call) -> ActionResult:
    settings = settings_of(call.actor, request_id=call.request_id, action=call.action.key)
    try:
        with walls(call.actor, request_id=call.request_id, action=call.action.key, settings=False):
            digest = (
                digest_of(call.action.key, call.record_id, call.raw, call.expected_version)
                if call.idempotency_key
                else b""
            )
            head = head_run(
                actor=call.actor,
                settings=settings,
                table=call.entity.table if call.entity else "",
                action=call.action.key,
                key=call.idempotency_key,
                digest=digest,
            )
            known = entities().version
            if head.schema_version != known:
                raise _SchemaMoved(head.schema_version)
            if head.replay is not None:
                return _replayed(head)
            return _inside(call, head)
    except (IntegrityError, DatabaseError) as error:
        refusal = refusal_of(error, call.entity)
        if refusal is None:
            raise
        raise refusal from error


def _replayed(head: Head) -> ActionResult:
    answer = head.replay.answer or {} if head.replay else {}
    job = answer.get("job_id")
    return ActionResult(
        record_id=head.replay.record_id if head.replay else None,
        data=answer.get("data", {}),
        replayed=True,
        job_id=uuid.UUID(job) if job else None,
    )


def _inside(call: _Call, head: Head) -> ActionResult:
    """Find, lock, ask, clean, run and write down; the transaction is the caller's."""
    row: store.Row | None = None
    record: Any = None
    if call.entity is not None and (call.record_id is not None or call.action.record_needed):
        row, record = _found(call, call.entity)
    elif call.action.record_needed and call.entity is None and call.action.entity is not None:
        raise ActionUnknown(Text("The action needs a record.", "该动作需要一条记录。"))
    policy.require(call.actor, call.action.key, call.entity, record)
    if row is not None and call.expected_version is not None and row.get("version") != call.expected_version:
        raise version_conflict(call.actor, call.entity, row, call.raw)
    if isinstance(call.action, GenericAction) and call.entity is not None:
        return _generic(call, call.action, call.entity, row, record, head)
    if record is not None and not call.action.available(actor=call.actor, record=record):
        raise _unavailable(call, record)
    _require_unheld(call)
    values = action_clean(call.action, call.raw, actor=call.actor)
    if call.action.background and not call.foreground:
        job_id = _background(call)
        return _finish(call, head, ActionResult(record_id=call.record_id, job_id=job_id))
    outcome = call.action.run(actor=call.actor, record=record, values=values)
    result = _result(outcome, call)
    _push(call.entity, result.record_id or call.record_id, row)
    return _finish(call, head, result)


def _found(call: _Call, noun: Entity) -> tuple[store.Row, Any]:
    if call.record_id is None:
        raise BadRequest(Text("Which record?", "缺少记录标识。"), code="record.missing")
    seen = policy.visible(call.actor, noun)
    # A denied actor must not lock; whether he may do it to this very record is asked again with the row.
    if not policy.can(call.actor, call.action.key, noun):
        if store.row_fetch(noun, call.record_id, predicate=seen) is None:
            raise _not_found()
        raise Denied(Text("You may not do this.", "您没有执行此操作的权限。"))
    row = store.row_fetch(noun, call.record_id, predicate=seen, lock=call.action.locks)
    if row is None:
        raise _not_found()
    as_row = noun.update is None and noun.editable is None
    if noun.model is None or (isinstance(call.action, GenericAction) and as_row):
        return row, noun.values_from(row)
    return row, noun.model._base_manager.get(pk=call.record_id)


def _not_found() -> RecordNotFound:
    return RecordNotFound(Text("There is no such record.", "找不到该记录。"))


def _generic(
    call: _Call,
    verb: GenericAction,
    noun: Entity,
    row: store.Row | None,
    record: Any,
    head: Head,
) -> ActionResult:
    def answer(pk: uuid.UUID) -> dict[str, Any]:
        version = 1 if row is None else row.get("version", 0) + 1
        return {"data": {"id": str(pk), "version": version}}

    write = Write(call.actor, head.receipt, answer)
    values: Mapping[str, Any] = {}
    if verb.generic == CREATE:
        values = record_clean(noun, call.raw, actor=call.actor)
        Documents(noun).require_open(values)
        written = record_create(actor=call.actor, entity=noun, values=values, write=write)
    elif row is None:
        raise _not_found()
    elif verb.generic == UPDATE:
        if not verb.available(actor=call.actor, record=record):
            raise _unavailable(call, record)
        values = record_clean(noun, call.raw, actor=call.actor, row=row)
        Documents(noun).require_open(values, row)
        _require_unheld(call, lambda: fields_changed(noun, values, row))
        written = record_update(
            actor=call.actor, entity=noun, record=record, values=values, row=row, write=write
        )
    elif verb.generic in (ARCHIVE, RESTORE):
        if call.raw:
            action_clean(verb, call.raw, actor=call.actor)
        _require_unheld(call)
        written = record_archive(entity=noun, row=row, write=write, restore=verb.generic == RESTORE)
    else:
        raise ActionUnknown(Text("There is no such action.", "没有该动作。"))
    if (noun.create if verb.generic == CREATE else noun.update) is not None and verb.generic in PAST:
        _service_event(verb, noun, written, write)
    files_bind(noun, written.record_id, values)
    _push(noun, written.record_id, row)
    data = {"id": str(written.record_id), "version": written.version}
    result = ActionResult(record_id=written.record_id, data=data)
    if head.receipt is not None and not write.receipt_done:
        return _finish(call, head, result)
    return result


def _unavailable(call: _Call, record: Any) -> MesError:
    if call.entity is None:
        return call.action.unavailable(record=record)
    return unavailable_because(call.actor, call.entity, call.action, record)


def _require_unheld(call: _Call, changed: Callable[[], frozenset[str]] = frozenset) -> None:
    if not call.unheld:
        unheld_require(call.actor, call.action.key, call.record_id, changed)


def _service_event(verb: GenericAction, noun: Entity, written: Written, write: Write) -> None:
    if verb.generic in (CREATE, UPDATE):
        write.event(noun, written.record_id, PAST[verb.generic], changed=written.changed)


def _finish(call: _Call, head: Head, result: ActionResult) -> ActionResult:
    if head.receipt is not None:
        receipt_complete(
            head.receipt,
            record_id=result.record_id,
            answer={
                "data": plain(dict(result.data)),
                "job_id": str(result.job_id) if result.job_id else None,
            },
        )
    return result


def _result(outcome: Any, call: _Call) -> ActionResult:
    if outcome is None:
        return ActionResult(record_id=call.record_id)
    if isinstance(outcome, Result):
        return ActionResult(record_id=outcome.record_id or call.record_id, data=plain(dict(outcome.data)))
    if isinstance(outcome, ActionResult):
        return outcome
    if isinstance(outcome, models.Model):
        return ActionResult(record_id=outcome.pk, data={"id": str(outcome.pk)})
    if isinstance(outcome, Mapping):
        return ActionResult(record_id=call.record_id, data=plain(dict(outcome)))
    raise TypeError(f"{call.action.key} returned {type(outcome).__name__}")


def _push(noun: Entity | None, pk: uuid.UUID | None, row: store.Row | None) -> None:
    if noun is None:
        return
    topics = [noun.key]
    if pk is not None:
        topics.append(f"{noun.key}:{pk}")
    if row is not None and row.get("supplier_id"):
        topics.append(f"{noun.key}@{row['supplier_id']}")
    push_on_commit(topics)


def _pk_of(record: Any) -> uuid.UUID | None:
    if record is None or isinstance(record, uuid.UUID):
        return record
    if isinstance(record, Mapping):
        record = record["id"]
    elif isinstance(record, models.Model):
        record = record.pk
    if isinstance(record, uuid.UUID):
        return record
    try:
        return uuid.UUID(str(record))
    except ValueError:
        raise _not_found() from None


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
