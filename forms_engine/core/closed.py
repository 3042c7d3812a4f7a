"""Why a record cannot be changed, or an action not be done to it, as it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.policy import field_rights
from forms_engine.core.action import Action
from forms_engine.core.entity import UPDATE, Entity
from forms_engine.fields.entries import choices_of
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text

ARCHIVED_AT = "archived_at"
UNAVAILABLE = "action.unavailable"


class RecordClosed(Conflict):
    """Its state lets nobody edit the record now."""

    code = "record.closed"


class RecordArchived(Conflict):
    """The record was put away; it is restored before it is changed."""

    code = "record.archived"


class ActionsOnly(Conflict):
    """Records of this entity are changed by their own actions only."""

    code = "record.actions_only"


def closed_because(noun: Entity, record: Any, *, hidden: Collection[str] = ()) -> Conflict | None:
    """Return why a record may not be edited as it stands, None if it may.

    Args:
        record: model instance of a typed entity, {field: value} of an admin-made one.
        hidden: fields the reader may not see: what stands in them is not told.
    """
    if _value(record, ARCHIVED_AT) is not None:
        return RecordArchived(
            Text(
                "%(what)s is archived; restore it to change it.",
                "%(what)s 已归档，恢复后才能修改。",
                what=title_words(noun, record, hidden),
            )
        )
    if noun.editable is None or noun.editable(record):
        return None
    what, state = title_words(noun, record, hidden), state_words(noun, record, hidden)
    if state is None:
        return RecordClosed(Text("%(what)s cannot be edited now.", "%(what)s 当前不能编辑。", what=what))
    return RecordClosed(
        Text(
            "%(what)s cannot be edited now: its state is “%(state)s”.",
            "%(what)s 当前状态为“%(state)s”，不能编辑。",
            what=what,
            state=state,
        )
    )


def actions_only(noun: Entity, record: Any, *, hidden: Collection[str] = ()) -> Conflict:
    """Return the refusal to edit what only its own actions change."""
    return ActionsOnly(
        Text(
            "%(what)s is changed by its own actions only, not by editing.",
            "%(what)s 只能通过其操作修改，不能编辑。",
            what=title_words(noun, record, hidden),
        )
    )


def unavailable_because(actor: Actor, noun: Entity, verb: Action, record: Any) -> MesError:
    """Return why an action that is not available for a record is not: its own words, else the state."""
    hidden = field_rights(actor, noun).hidden | noun.hidden
    if verb.key == f"{noun.key}.{UPDATE}" and (closed := closed_because(noun, record, hidden=hidden)):
        return closed
    refusal = verb.unavailable(record=record)
    state = state_words(noun, record, hidden)
    if refusal.code != UNAVAILABLE or state is None:
        return refusal
    return Conflict(
        Text(
            "“%(verb)s” is not possible now: %(what)s is in state “%(state)s”.",
            "当前不能执行“%(verb)s”：%(what)s 的状态为“%(state)s”。",
            verb=verb.label,
            what=title_words(noun, record, hidden),
            state=state,
        ),
        code=UNAVAILABLE,
    )


def title_words(noun: Entity, record: Any, hidden: Collection[str] = ()) -> Any:
    """Return how a record is called in a sentence; what it is where it has no name of its own."""
    field = noun.fields.get(noun.title)
    if field is None or field.system or field.target or noun.title in hidden:
        return noun.label
    return _value(record, noun.title) or noun.label


def state_words(noun: Entity, record: Any, hidden: Collection[str] = ()) -> Text | None:
    """Return the state of a record as people read it; None if it has none they may see."""
    for name in ("state", "status"):
        field = noun.fields.get(name)
        if field is None or name in hidden:
            continue
        value = _value(record, name)
        if not value:
            return None
        listed = choices_of(field.spec) if field.spec.type == "choice" else ()
        return next((one["label"] for one in listed if one["value"] == str(value)), Text.of(str(value)))
    return None


def _value(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, Mapping) else getattr(record, name, None)
