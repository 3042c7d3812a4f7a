"""The door's bulk path: many records of one entity created or changed by their key (imports).

Same cleaning, same rights, same services and journal as one record at a time; what a record needs is looked
up for a thousand at once. Rows that already hold what was sent are not touched.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.access.walls import walls
from forms_engine.core import store
from forms_engine.core.bulk_rows import Key, attempt, moved, rows_change, rows_copy, rows_find
from forms_engine.core.cleaning import values_kept, writable_schema
from forms_engine.core.closed import RecordArchived, closed_because
from forms_engine.core.documents import Documents
from forms_engine.core.entity import CREATE, UPDATE, Entity, entity
from forms_engine.core.events import record_event
from forms_engine.core.holds import Hold, holds_on
from forms_engine.core.pushing import push_on_commit
from forms_engine.core.records import PAST, fields_changed, record_create, record_update
from forms_engine.core.writes import Write
from forms_engine.fields.base import CleanContext, FieldType, type_of
from forms_engine.fields.clean import clean
from forms_engine.journal.services import events_publish
from forms_engine.journal.subscription import subscribers_of, subscription
from forms_engine.kernel.errors import Denied, FieldError, MesError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text

CHUNK = 1_000
_NO_FIELD = Text("There is no such field.", "没有该字段。")
Raw = Mapping[str, Any]


_asks: list[Callable[[str], bool]] = []


def events_wanted_by(ask: Callable[[str], bool]) -> None:
    """Register who says whether he waits for a topic, beside those who subscribe to it by name.

    A subscriber to everything ("*") must ask here: a hundred thousand events nobody acts on would only hold
    up the ones that matter. Without this he hears of imported records through their rows alone.
    """
    _asks.append(ask)


def events_unwanted_by(ask: Callable[[str], bool]) -> None:
    """Take an `events_wanted_by` back."""
    _asks.remove(ask)


def _is_wanted(topic: str) -> bool:
    named = (subscription(name) for name in subscribers_of(topic))
    if any(one is not None and tuple(one.patterns) != ("*",) for one in named):
        return True
    return any(ask(topic) for ask in _asks)


class KeyUnknown(MesError):
    """The entity has no such key field, or the actor may not write it."""

    code = "bulk.key_unknown"


@dataclass(slots=True)
class BulkResult:
    """What came of the rows: created + updated + unchanged + len(errors) = rows in.

    `errors`: (place of the row, first = 0; what is wrong with it), in the order of the rows.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[tuple[int, list[FieldError]]] = field(default_factory=list)


class _TakenBack(Exception):
    """End a dry run."""


def bulk_upsert(
    *,
    actor: Actor,
    entity_key: str,
    rows: Iterable[Raw],
    by: Sequence[str],
    dry_run: bool = False,
    direct: bool = False,
) -> BulkResult:
    """Create the records that are not there yet and change those that differ, found by the fields `by`.

    Refused rows are told and left out, the others are written; the rows are read one thousand at a time, in
    one transaction (inside the caller's walls a savepoint): an exception of the iterator takes all back.

    Args:
        rows: raw values by field name; only the fields sent are changed in a record that is there.
        by: fields whose values find a record; each row must send them, a reference as id or number.
        dry_run: do everything, then take it back.
        direct: write without the entity's own create and update services and without child tables, for a
            caller that keeps their rules for all rows at once.

    Raises: Denied when the actor may neither create nor change; KeyUnknown.
    """
    noun = entity(entity_key)
    result = BulkResult()
    try:
        with walls(actor, action=f"{entity_key}.import"):
            run = _Run(actor, noun, tuple(by), direct, result)
            place = 0
            for part in _parts(rows):
                run.take(place, part)
                place += len(part)
            result.errors.sort(key=lambda entry: entry[0])
            if dry_run:
                raise _TakenBack
            if result.created or result.updated:
                push_on_commit([entity_key])
    except _TakenBack:
        pass
    return result


def _parts(rows: Iterable[Raw]) -> Iterator[list[Raw]]:
    source = iter(rows)
    while part := list(itertools.islice(source, CHUNK)):
        yield part


@dataclass(slots=True)
class _Row:
    """One row on its way: place among all rows, raw values, key, stored row if it was found."""

    place: int
    raw: Raw
    key: Key
    stored: store.Row | None = None


class _Run:
    """The state of one bulk call."""

    def __init__(
        self, actor: Actor, noun: Entity, by: tuple[str, ...], direct: bool, result: BulkResult
    ) -> None:
        self.actor, self.noun, self.by, self.result = actor, noun, by, result
        self.may_create = not noun.read_only and policy.can(actor, f"{noun.key}.{CREATE}", noun)
        self.update_key = f"{noun.key}.{UPDATE}"
        self.may_update = not noun.read_only and policy.can(actor, self.update_key, noun)
        if not (self.may_create or self.may_update):
            raise Denied(Text("You may not do this.", "您没有执行此操作的权限。"))
        schema = writable_schema(noun, actor)
        if direct:
            kept = tuple(spec for spec in schema if spec.type != "table")
            schema = Schema(kept, (), schema.rules, schema.checks)
        self.hidden = policy.field_rights(actor, noun).hidden | noun.hidden
        self.schema = schema
        missing = [name for name in by if name not in schema or name in self.hidden]
        if missing or not by:
            raise KeyUnknown(
                Text("There is no key field %(names)s.", "没有关键字段 %(names)s。", names=", ".join(missing))
            )
        self.key_schema = Schema(tuple(schema[name].but(required=False) for name in by), (), ())
        self.key_columns = tuple(noun.column_of(name) for name in by)
        self.creates = None if direct else noun.create
        self.updates = None if direct else noun.update
        self.ctx = CleanContext(actor=actor, user=actor.id, system=actor.kind == "system")
        self.seen: set[Key] = set()
        self.wanted: dict[str, bool] = {}
        self.visible = policy.visible(actor, noun)
        self.documents = Documents(noun)
        self.holds: Mapping[tuple[str, uuid.UUID], Hold] = {}
        self.standing: Mapping[uuid.UUID, Any] = {}

    def take(self, first: int, raws: Sequence[Raw]) -> None:
        """Clean, find and write some rows."""
        self._prefetch(raws)
        rows = list(self._keyed(first, raws))
        found = rows_find(self.noun, self.key_columns, (row.key for row in rows), self.visible)
        new: list[tuple[_Row, dict[str, Any]]] = []
        old: list[tuple[_Row, dict[str, Any]]] = []
        for row in rows:
            row.stored = found.get(row.key)
        self._look_at(row.stored for row in rows if row.stored is not None)
        for row in rows:
            values = self._values(row)
            if values is not None:
                (new if row.stored is None else old).append((row, values))
        self._create(new)
        self._update(old)

    def _refuse(self, row_place: int, errors: Iterable[MesError]) -> None:
        listed = [error if isinstance(error, FieldError) else error.at(error.field or "") for error in errors]
        self.result.errors.append((row_place, listed))

    def _refuse_by(self, row: _Row, refusal: MesError) -> None:
        self._refuse(row.place, refusal.errors or (refusal.at(""),))

    def _prefetch(self, raws: Sequence[Raw]) -> None:
        """Look up references of all rows in one query a field."""
        for spec in self.schema:
            kind = type_of(spec)
            if type(kind).prefetch is not FieldType.prefetch:
                sent = [raw[spec.name] for raw in raws if not kind.is_blank(raw.get(spec.name))]
                if sent:
                    kind.prefetch(spec, sent, self.ctx)

    def _keyed(self, first: int, raws: Sequence[Raw]) -> Iterator[_Row]:
        """Read the keys; rows with a bad or repeated one are refused."""
        for place, raw in enumerate(raws, start=first):
            cleaned = clean(
                self.key_schema, {name: raw[name] for name in self.by if name in raw}, ctx=self.ctx
            )
            if cleaned.errors:
                self._refuse(place, [*cleaned.errors, *self._other_errors(raw)])
                continue
            key = tuple(cleaned.values.get(name) for name in self.by)
            if all(value is None for value in key):
                empty = Text("The key is empty.", "关键字段为空。")
                self._refuse(place, [FieldError(name, "value.required", empty) for name in self.by])
            elif key in self.seen:
                twice = Text("The same key stands in an earlier row.", "与前面的行重复。")
                self._refuse(place, [FieldError(self.by[-1], "bulk.duplicate", twice)])
            else:
                self.seen.add(key)
                yield _Row(place, raw, key)

    def _other_errors(self, raw: Raw) -> list[FieldError]:
        """Return what is wrong beside the key, so that a person sees everything at once."""
        sent = {name: value for name, value in raw.items() if name not in self.by and name in self.schema}
        return list(clean(self.schema, sent, ctx=self.ctx, partial=True).errors)

    def _values(self, row: _Row) -> dict[str, Any] | None:
        """Clean one row as a create or an update; None when it was refused."""
        hidden = [name for name in row.raw if name in self.hidden]
        closed = [FieldError(name, "body.field_unknown", _NO_FIELD) for name in hidden]
        sent = {name: value for name, value in row.raw.items() if name not in self.hidden}
        if row.stored is None:
            if not self.may_create:
                closed.append(
                    FieldError("", "denied", Text("You may not create records.", "您无权新建记录。"))
                )
            cleaned = clean(self.schema, sent, ctx=self.ctx)
        else:
            record = self.noun.values_from(row.stored)
            closed += self._update_refused(row.stored, record)
            ctx = CleanContext(
                actor=self.actor,
                now=self.ctx.now,
                zone=self.ctx.zone,
                user=self.ctx.user,
                record=record,
                system=self.ctx.system,
                scratch=self.ctx.scratch,
            )
            cleaned = clean(self.schema, sent, ctx=ctx, partial=True)
        if closed or cleaned.errors:
            self._refuse(row.place, [*closed, *cleaned.errors])
            return None
        try:
            values = values_kept(self.noun, cleaned.values, row.raw, is_new=row.stored is None)
            self.documents.require_open(values, row.stored)
            if row.stored is not None:
                self._require_unheld(row.stored, values)
        except MesError as refusal:
            self._refuse_by(row, refusal)
            return None
        return values

    def _require_unheld(self, stored: store.Row, values: Mapping[str, Any]) -> None:
        hold = self.holds.get((self.update_key, stored["id"]))
        if hold is not None and (not hold.fields or hold.fields & fields_changed(self.noun, values, stored)):
            raise hold.refusal()

    def _look_at(self, stored: Iterable[store.Row]) -> None:
        """Read what a change of these records depends on beside their rows, in one query each."""
        ids = [row["id"] for row in stored]
        self.holds = holds_on(self.actor, (self.update_key,), ids)
        self.standing = {}
        if ids and self.noun.editable is not None and self.noun.model is not None:
            self.standing = self.noun.model._base_manager.in_bulk(ids)

    def _update_refused(self, stored: store.Row, record: Mapping[str, Any]) -> list[FieldError]:
        closed = closed_because(self.noun, self.standing.get(stored["id"], record), hidden=self.hidden)
        if closed is not None:
            return [closed.at(self.by[-1] if isinstance(closed, RecordArchived) else "")]
        allowed = self.may_update and policy.can(self.actor, self.update_key, self.noun, {**stored, **record})
        if allowed:
            return []
        return [FieldError("", "denied", Text("You may not change this record.", "您无权修改该记录。"))]

    def _create(self, rows: list[tuple[_Row, dict[str, Any]]]) -> None:
        copied: list[tuple[_Row, store.Row]] = []
        made: list[uuid.UUID] = []
        for row, values in rows:
            has_tables = any(name in self.noun.tables and values.get(name) for name in values)
            if self.creates is None and not has_tables:
                complete = store.row_complete(self.noun, store.columns_from(self.noun, values))
                if self.noun.scope == "supplier" and self.actor.is_outside:
                    complete.setdefault("supplier_id", self.actor.supplier_id)
                copied.append((row, complete))
                continue
            refusal = attempt(self.noun, lambda values=values: made.append(self._created(values)))
            if refusal is not None:
                self._refuse_by(row, refusal)
        refused = dict(rows_copy(self.noun, [complete for _row, complete in copied]))
        for place, (row, complete) in enumerate(copied):
            if place in refused:
                self._refuse_by(row, refused[place])
            else:
                made.append(complete["id"])
        self.result.created += len(made)
        self._publish(made, PAST[CREATE])

    def _created(self, values: dict[str, Any]) -> uuid.UUID:
        return record_create(
            actor=self.actor, entity=self.noun, values=values, write=self._silent()
        ).record_id

    def _update(self, rows: list[tuple[_Row, dict[str, Any]]]) -> None:
        changes: list[tuple[_Row, uuid.UUID, store.Row]] = []
        done: list[uuid.UUID] = []
        for row, values in rows:
            stored = row.stored or {}
            tables = {name: value for name, value in values.items() if name in self.noun.tables}
            changed = moved(stored, store.columns_from(self.noun, values))
            if not changed and not tables:
                self.result.unchanged += 1
            elif self.updates is None and not tables:
                changes.append((row, stored["id"], changed))
            else:
                self._update_one(row, stored, values, done)
        refused = dict(rows_change(self.noun, [(pk, change) for _row, pk, change in changes]))
        for place, (row, pk, _change) in enumerate(changes):
            if place in refused:
                self._refuse_by(row, refused[place])
            else:
                done.append(pk)
        self.result.updated += len(done)
        self._publish(done, PAST[UPDATE])

    def _update_one(
        self, row: _Row, stored: store.Row, values: dict[str, Any], done: list[uuid.UUID]
    ) -> None:
        """Change a record through its service, or together with its child rows."""
        model = self.noun.model if self.noun.update is not None else None
        record: Any = self.noun.values_from(stored)
        if model is not None:
            record = model._base_manager.get(pk=stored["id"])
        changed: list[tuple[str, ...]] = []

        def write() -> None:
            written = record_update(
                actor=self.actor,
                entity=self.noun,
                record=record,
                values=values,
                row=stored,
                write=self._silent(),
            )
            changed.append(written.changed)

        refusal = attempt(self.noun, write)
        if refusal is not None:
            self._refuse_by(row, refusal)
        elif changed and changed[0]:
            done.append(stored["id"])
        else:
            self.result.unchanged += 1

    def _wanted(self, topic: str) -> bool:
        if topic not in self.wanted:
            self.wanted[topic] = _is_wanted(topic)
        return self.wanted[topic]

    def _silent(self) -> Write:
        return Write(self.actor, None, lambda pk: None)

    def _publish(self, ids: Sequence[uuid.UUID], verb: str) -> None:
        """Publish the door's events where somebody waits for them."""
        topic = f"{self.noun.key}.{verb}"
        if not ids or not self._wanted(topic):
            return
        events = [record_event(topic, pk, entity=self.noun.key) for pk in ids]
        events_publish([event for event in events if event is not None], actor=self.actor)
