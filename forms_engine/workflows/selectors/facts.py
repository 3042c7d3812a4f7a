"""The values of a record a flow's formulas speak of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from forms_engine.core import children, store
from forms_engine.core.entity import Entity, entity


def facts_of(names: Iterable[str], entity_key: str, subject_id: uuid.UUID | None) -> dict[str, Any]:
    """Return {name: value} of a record, read by the system; empty without a record or when it is gone.

    `lines.quantity` gives the list of that field over the child rows `lines`.
    """
    wanted = sorted(names)
    if not wanted or not entity_key or subject_id is None:
        return {}
    noun = entity(entity_key)
    row = store.row_fetch(noun, subject_id)
    if row is None:
        return {}
    values = noun.values_from(row)
    facts: dict[str, Any] = {}
    for name in wanted:
        head, _, rest = name.partition(".")
        if not rest:
            facts[name] = values.get(name)
        elif head in noun.tables:
            facts[name] = [line.get(rest) for line in children.rows_of(noun, head, subject_id)]
    return facts


def unknown_names(names: Iterable[str], noun: Entity) -> list[str]:
    """Return the names that are no field of an entity."""
    unknown = []
    for name in sorted(names):
        head, _, rest = name.partition(".")
        if not rest:
            is_known = head in noun.fields
        else:
            is_known = head in noun.tables and rest in entity(noun.tables[head].entity).fields
        if not is_known:
            unknown.append(name)
    return unknown


def subject_label(entity_key: str, subject_id: uuid.UUID | None) -> str:
    """Return how a record is called in titles: the values of its title columns."""
    if not entity_key or subject_id is None:
        return ""
    noun = entity(entity_key)
    row = store.row_fetch(noun, subject_id)
    if row is None:
        return ""
    return " ".join(str(row[column]) for column in noun.title_columns if row.get(column) not in (None, ""))
