"""From what was sent to values that may be stored: the same rules on every path, all errors at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.policy import field_rights
from forms_engine.core.action import Action
from forms_engine.core.entity import Entity
from forms_engine.core.lookups import references_look
from forms_engine.fields.base import CleanContext
from forms_engine.fields.clean import clean
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


def writable_schema(noun: Entity, actor: Actor) -> Schema:
    """Return the entity's schema with what the actor may not write marked as read only.

    Fields hidden from him stay in it, because formulas may read them; the door refuses their names before.
    """
    rights = field_rights(actor, noun)
    if not rights.read_only:
        return noun.schema
    key = ("writable", rights.read_only)
    found = noun.memo.get(key)
    if found is None:
        specs = tuple(
            spec.but(read_only=True, required=False) if spec.name in rights.read_only else spec
            for spec in noun.schema
        )
        found = Schema(specs, noun.schema.sections, noun.schema.rules, noun.schema.checks)
        noun.memo[key] = found
    return found


def record_clean(
    noun: Entity, raw: Mapping[str, Any], *, actor: Actor, row: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return clean values for a create (row None) or for the sent and computed fields of an update.

    What was not sent and has no default is left out, so that services and columns keep their own defaults.

    Raises:
        UnknownKeys: 400; ErrorList: 422.
    """
    hidden = field_rights(actor, noun).hidden | noun.hidden
    _known_only(raw, noun.schema, hidden)
    record = noun.values_from(row) if row is not None else None
    context = context_of(actor, record)
    references_look(noun.schema, raw, context)
    values = clean(writable_schema(noun, actor), raw, ctx=context, partial=row is not None).or_raise()
    return values_kept(noun, values, raw, is_new=row is None)


def values_kept(
    noun: Entity, values: Mapping[str, Any], raw: Mapping[str, Any], *, is_new: bool
) -> dict[str, Any]:
    """Leave out what was not sent; emptied columns that may not be NULL get defaults. Raises: ErrorList."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            if is_new and name not in raw:
                continue
            f = noun.fields[name]
            if noun.model is not None and f.column is not None and not f.null:
                if is_new:
                    continue
                value = _typed_default(noun, name)
        kept[name] = value
    return kept


def _typed_default(noun: Entity, name: str) -> Any:
    """Return what a typed column that may not be NULL holds when a person empties the field."""
    field = noun.model._meta.get_field(name)  # type: ignore[union-attr] - asked for typed entities only
    if not field.has_default() and not field.empty_strings_allowed:
        raise ErrorList([FieldError(name, "value.required", Text("Please fill this in.", "必填。"))])
    return field.get_default()


def action_clean(action: Action, raw: Mapping[str, Any], *, actor: Actor) -> dict[str, Any]:
    """Return clean inputs of an action. Raises: UnknownKeys, ErrorList."""
    _known_only(raw, action.inputs, frozenset())
    return clean(action.inputs, raw, ctx=context_of(actor)).or_raise()


def _known_only(raw: Mapping[str, Any], schema: Schema, hidden: Collection[str]) -> None:
    if not isinstance(raw, Mapping):
        raise BadRequest(Text("An object is needed.", "需要一个对象。"), code="body.format")
    unknown = [name for name in raw if name not in schema or name in hidden]
    if unknown:
        raise UnknownKeys(unknown)
