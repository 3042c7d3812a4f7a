"""Child rows of a `table` field: they come, change and go with their parent, in the same door call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.policy import field_rights
from forms_engine.core import store
from forms_engine.core.entity import Entity, entity
from forms_engine.core.lines import LINE
from forms_engine.core.lookups import labels_of
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.text import Text


def child_of(parent: Entity, name: str) -> tuple[Entity, str]:
    """Return the child entity of a table field and the column that points at the parent."""
    table = parent.tables[name]
    child = entity(table.entity)
    return child, child.column_of(table.fk)


def rows_of(parent: Entity, name: str, pk: uuid.UUID) -> list[dict[str, Any]]:
    """Return the child rows of a record as values by field name, in their order."""
    child, fk = child_of(parent, name)
    rows = [child.values_from(row) for row in store.children_fetch(child, fk, pk)]
    name_of_key = parent.tables[name].sort
    key = name_of_key.lstrip("-")
    if key in child.fields:
        filled = [row for row in rows if row[key] is not None]
        filled.sort(key=lambda row: row[key], reverse=name_of_key.startswith("-"))
        rows = filled + [row for row in rows if row[key] is None]
    return rows


def rows_replace(
    parent: Entity,
    name: str,
    *,
    parent_row: store.Row,
    rows: Sequence[Mapping[str, Any]] | None,
    create: bool = False,
) -> bool:
    """Make the child rows of a record exactly `rows`: new ones without id, changed ones by id, the rest goes.

    Args:
        rows: cleaned values, None = none.
        create: the parent is new, so there is nothing to compare with.

    Returns: whether anything changed.
    Raises:
        FieldError: an id that is no child row of this record.
    """
    child, fk = child_of(parent, name)
    pk = parent_row["id"]
    present = {} if create else {r["id"]: r for r in store.children_fetch(child, fk, pk, lock=True)}
    fresh: list[store.Row] = []
    seen: set[uuid.UUID] = set()
    changed = False
    last = 0
    for index, values in enumerate(rows or ()):
        given = values.get("id")
        row = store.columns_from(child, {k: v for k, v in values.items() if k != "id"})
        if LINE in child.fields and row.get(LINE) is None and (given is None or LINE in values):
            row[LINE] = last + 10 - last % 10
        last = max(last, row.get(LINE) or (present[given].get(LINE, 0) if given in present else 0))
        if given is None:
            row[fk] = pk
            _inherit(child, row, parent_row)
            fresh.append(store.row_complete(child, row))
            continue
        old = present.get(given)
        if old is None or given in seen:
            raise FieldError(
                f"{name}.{index}.id",
                "table.row_unknown",
                Text("This line does not belong to the record.", "该行不属于此记录。"),
            )
        seen.add(given)
        moved = {column: value for column, value in row.items() if old.get(column) != value}
        if moved:
            store.row_update(child, given, moved)
            changed = True
    gone = [row_id for row_id in present if row_id not in seen]
    store.rows_delete(child, gone)
    store.rows_insert(child, fresh)
    return changed or bool(gone) or bool(fresh)


def _inherit(child: Entity, row: store.Row, parent_row: store.Row) -> None:
    """A scoped child carries its parent's supplier itself, so that the wall needs no join."""
    supplier = parent_row.get("supplier_id")
    if supplier is None or row.get("supplier_id") is not None:
        return
    own = child.fields.get("supplier")
    if child.scope == "supplier" or (own is not None and own.column == "supplier_id"):
        row["supplier_id"] = supplier


def rows_shown(actor: Actor, parent: Entity, name: str, pk: uuid.UUID) -> list[dict[str, Any]]:
    """Return the lines of a record for its page: hidden fields left out, references labelled."""
    child, _ = child_of(parent, name)
    hidden = field_rights(actor, child).hidden
    shown = {f.name for f in child.stored if f.name not in hidden}
    rows = [{key: v for key, v in row.items() if key in shown} for row in rows_of(parent, name, pk)]
    for f in child.stored:
        if f.target is not None and not f.system and f.name in shown:
            labels = labels_of(actor, f.target, {row[f.name] for row in rows if row[f.name] is not None})
            for row in rows:
                if row[f.name] is not None:
                    row[f.name] = {"id": row[f.name], "label": labels.get(row[f.name], "")}
    return rows
