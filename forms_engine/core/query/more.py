"""What pages around a list ask: pick a record, search everything, read a history."""

from __future__ import annotations

import uuid
from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.core.entity import Entity, TableField, entities, entity
from forms_engine.core.query.pages import query_page, record_get
from forms_engine.core.query.spec import QuerySpec
from forms_engine.journal.selectors import Change, history_of, history_of_children
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text

SEARCHED_ENTITIES = 16


def lookup(
    actor: Actor, entity_key: str, words: str = "", *, filter: list[Any] | None = None, size: int = 20
) -> list[dict[str, Any]]:
    """Return records to choose from: [{"id", "label", "hint"}], by words in the entity's search fields."""
    noun = entity(entity_key)
    hidden = policy.field_rights(actor, noun).hidden
    shown = [name for name in dict.fromkeys((noun.title, *noun.search)) if name in noun.fields]
    shown = [name for name in shown if name not in hidden and noun.fields[name].column]
    sort = (noun.title,) if noun.title in shown and noun.fields[noun.title].type.sortable else ()
    spec = QuerySpec(search=words, fields=("id", *shown), sort=sort, size=size, filter=filter)
    return [_choice(noun, row, shown) for row in query_page(actor, entity_key, spec)]


def _choice(noun: Entity, row: dict[str, Any], shown: list[str]) -> dict[str, Any]:
    texts = []
    for name in shown:
        f = noun.fields[name]
        value = row[name]
        if value is not None and not (f.system and name == "id"):
            texts.append(value["label"] if isinstance(value, dict) else f.type.display(f.spec, value))
    return {
        "id": row["id"],
        "label": texts[0] if texts else str(row["id"])[:8],
        "hint": " · ".join(texts[1:]),
    }


def search_all(actor: Actor, words: str, *, each: int = 5) -> list[dict[str, Any]]:
    """Return hits of the palette: [{"entity", "entity_label": Text, "icon", "id", "label", "hint"}]."""
    if len(words.strip()) < 2:
        return []
    found: list[dict[str, Any]] = []
    readable = [
        noun
        for key, noun in sorted(entities().by_key.items())
        if noun.search and noun.title in noun.fields and policy.can(actor, policy.READ, noun)
    ]
    for noun in readable[:SEARCHED_ENTITIES]:
        for hit in lookup(actor, noun.key, words, size=each):
            found.append({"entity": noun.key, "entity_label": noun.label, "icon": noun.icon, **hit})
    return found


def record_history(
    actor: Actor, entity_key: str, pk: uuid.UUID | str, *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Return the changes of a record and its child rows the actor may see, newest first, no hidden fields.

    Raises:
        RecordNotFound; Denied for outsiders, because it names people of the plant.
    """
    noun = entity(entity_key)
    record_get(actor, entity_key, pk)
    if actor.is_outside:
        raise Denied(Text("The history is for the plant only.", "历史记录仅限厂内查看。"))
    hidden = policy.field_rights(actor, noun).hidden
    names = {
        column.name: f.name for f in noun.stored if f.name not in hidden for column in f.type.columns(f.spec)
    }
    changes = [_change(change, names) for change in history_of(noun.table, pk, before=before, limit=limit)]
    for name, part in noun.tables.items():
        if name not in hidden:
            changes += _child_changes(actor, noun, pk, part, before, limit)
    return sorted(changes, key=lambda change: -change["id"])[:limit]


def _change(change: Change, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": change.id,
        "at": change.at,
        "verb": change.verb,
        "actor": change.actor_name,
        "actor_id": change.actor_id,
        "action": change.action,
        "reason": change.reason,
        "fields": {
            names[column]: {"old": change.old.get(column), "new": change.new.get(column)}
            for column in {**change.old, **change.new}
            if column in names
        },
        "part": None,
    }


def _child_changes(
    actor: Actor, noun: Entity, pk: uuid.UUID | str, part: TableField, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return the changes of child rows; `part` says of which entity and row, by its title."""
    child = entity(part.entity)
    fk = child.column_of(part.fk)
    title = child.title_columns[0]
    with db.connection().cursor() as cursor:
        cursor.execute(f'SELECT id, "{title}" FROM "{child.table}" WHERE "{fk}" = %s', [pk])  # noqa: S608
        titles = dict(cursor.fetchall())
    found = history_of_children(
        child.table, fk, parent=(noun.table, pk), standing=list(titles), before=before, limit=limit
    )
    for row, change in found:
        if change.verb == "D":
            titles[row] = change.old.get(title)
    hidden = policy.field_rights(actor, child).hidden | {part.fk}
    names = {c.name: f.name for f in child.stored if f.name not in hidden for c in f.type.columns(f.spec)}
    return [
        _change(change, names) | {"part": {"entity": child.key, "title": str(titles.get(row) or "")}}
        for row, change in found
    ]
