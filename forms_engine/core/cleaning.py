"""From what was sent to values that may be stored: the same rules on every path, all errors at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.policy import field_rights
from forms_engine.core.action import Action
from forms_engine.core.entity import Entity
from forms_engine.core.plain_clean import values_clean
from forms_engine.fields.base import CleanContext
from forms_engine.kernel.errors import BadRequest, ErrorList, FieldError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


class UnknownKeys(BadRequest):
    """The body holds keys that are no fields, or none the actor may know of: the two answer alike."""

    code = "body.field_unknown"

    def __init__(self, names: Collection[str]) -> None:
        listed = sorted(str(name)[:80] for name in names)[:20]
        super().__init__(
            Text("Unknown field: %(names)s.", "未知字段：%(names)s。", names=", ".join(listed)),
            params={"names": listed},
        )

    @property
    def errors(self) -> tuple[FieldError, ...]:
        return tuple(
            FieldError(name, self.code, Text("There is no such field.", "没有该字段。"))
            for name in self.params["names"]
        )


def context_of(actor: Actor, record: Mapping[str, Any] | None = None) -> CleanContext:
    """Return what cleaning may know about this call."""
    return CleanContext(actor=actor, user=actor.id, record=record or {}, system=actor.kind == "system")


def writable_schema(noun: Entity, actor: Actor) -> tuple[Schema, frozenset[str]]:
    """Return the schema an actor may write to and the names he may see but not write."""
    rights = field_rights(actor, noun)
    key = ("writable", rights)
    found = noun.memo.get(key)
    if found is None:
        shut = frozenset(
            spec.name
            for spec in noun.schema
            if spec.name in noun.fields
            and (spec.name in rights.read_only or not noun.fields[spec.name].is_writable)
        )
        specs = tuple(
            spec
            for spec in noun.schema
            if spec.name in noun.fields and spec.name not in rights.hidden and spec.name not in shut
        )
        found = (Schema(specs, (), noun.schema.rules), shut - rights.hidden)
        noun.memo[key] = found
    return found


def record_clean(
    noun: Entity, raw: Mapping[str, Any], *, actor: Actor, row: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return clean values for a create (row None) or for the sent fields of an update.

    Raises:
        UnknownKeys: 400; ErrorList: 422.
    """
    schema, shut = writable_schema(noun, actor)
    _known_only(raw, schema, shut)
    closed = [FieldError(name, "field.read_only", READ_ONLY) for name in raw if name in shut]
    record = noun.values_from(row) if row is not None else None
    context = context_of(actor, record)
    sent = {name: value for name, value in raw.items() if name not in shut}
    return _clean(schema, sent, context, partial=row is not None, more=closed)


READ_ONLY = Text("This field cannot be changed here.", "该字段不能在此修改。")


def action_clean(action: Action, raw: Mapping[str, Any], *, actor: Actor) -> dict[str, Any]:
    """Return clean inputs of an action. Raises: UnknownKeys, ErrorList."""
    _known_only(raw, action.inputs, frozenset())
    return _clean(action.inputs, raw, context_of(actor), partial=False, more=[])


def _known_only(raw: Mapping[str, Any], schema: Schema, shut: Collection[str]) -> None:
    if not isinstance(raw, Mapping):
        raise BadRequest(Text("An object is needed.", "需要一个对象。"), code="body.format")
    unknown = [name for name in raw if name not in schema and name not in shut]
    if unknown:
        raise UnknownKeys(unknown)


def _clean(
    schema: Schema,
    raw: Mapping[str, Any],
    context: CleanContext,
    *,
    partial: bool,
    more: list[FieldError],
) -> dict[str, Any]:
    try:
        values = values_clean(schema, raw, context, partial=partial)
    except ErrorList as errors:
        raise ErrorList([*more, *errors]) from None
    if more:
        raise ErrorList(more)
    return values
