"""Rows in and out of entity tables by statements of our own: one shape per entity and set of columns."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from psycopg.types.json import Jsonb

from forms_engine.access.predicate import Predicate
from forms_engine.base.sql import execute, quote, rows_of
from forms_engine.core.entity import Entity, EntityField
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id

Row = dict[str, Any]


def row_fetch(
    entity: Entity, pk: uuid.UUID, *, predicate: Predicate | None = None, lock: bool = False
) -> Row | None:
    """Return the row of columns of a record, None if it is missing or not visible.

    Args:
        predicate: rows one may see; None = all.
        lock: hold it until the transaction ends.
    """
    key = ("fetch", lock)
    head = entity.memo.get(key)
    if head is None:
        columns = ", ".join(f"t.{quote(column)}" for column in columns_of(entity))
        head = f"SELECT {columns} FROM {quote(entity.table)} t WHERE t.id = %s"  # noqa: S608 - own names
        entity.memo[key] = head
    params: list[Any] = [pk]
    text = head
    if predicate is not None and not predicate.is_everything:
        condition, more = predicate.sql("t")
        text += f" AND {condition}"
        params += more
    if lock:
        text += " FOR UPDATE OF t"
    rows = rows_of(execute(text, params))
    return rows[0] if rows else None


def columns_of(entity: Entity) -> tuple[str, ...]:
    """Return every column the entity's fields use, in order."""
    found = entity.memo.get("columns")
    if found is None:
        names: dict[str, None] = {}
        for f in entity.stored:
            for column in f.type.columns(f.spec):
                names[column.name] = None
        if entity.model is not None and entity.scope == "supplier":
            names["supplier_id"] = None
        found = tuple(names)
        entity.memo["columns"] = found
    return found


def columns_from(entity: Entity, values: Mapping[str, Any]) -> Row:
    """Turn cleaned values into columns; what lives in no column (child tables) is left out."""
    row: Row = {}
    for name, value in values.items():
        f = entity.fields.get(name)
        if f is None or f.column is None:
            continue
        row.update(column_value(f, value))
    return row


def column_value(f: EntityField, value: Any) -> Row:
    """Turn one value into its columns; a typed text column that may not be NULL holds "" for nothing."""
    if value is None and not f.null and f.type.fx_type == "text":
        return {f.column or f.name: ""}
    return f.type.to_columns(f.spec, value)


def row_complete(entity: Entity, row: Row) -> Row:
    """Return a row with every column an INSERT must name: identity, times, the model's defaults."""
    full: Row = {}
    if entity.model is None:
        full = dict.fromkeys(columns_of(entity))
        full.pop("version", None)
        full.pop("archived_at", None)
        full["id"] = new_id()
        full["created_at"] = full["updated_at"] = clock.now()
    else:
        for field in entity.model._meta.concrete_fields:
            column = field.column
            if column not in row:
                value = field.get_default()
                full[column] = Jsonb(value) if isinstance(field, models.JSONField) else value
        for f in entity.stored:
            if f.name in entity.x_names:
                for column in f.type.columns(f.spec):
                    full.setdefault(column.name, None)
    full.update(row)
    for column, value in row.items():
        if value is None and entity.model is not None:
            field = _model_field(entity, column)
            if field is not None and not field.null and field.has_default():
                full[column] = field.get_default()
    return full


def _model_field(entity: Entity, column: str) -> models.Field[Any, Any] | None:
    found = entity.memo.get("model_fields")
    if found is None and entity.model is not None:
        found = {field.column: field for field in entity.model._meta.concrete_fields}
        entity.memo["model_fields"] = found
    return found.get(column) if found else None


def insert_text(entity: Entity, columns: Iterable[str]) -> str:
    """Return INSERT INTO … VALUES … for these columns."""
    names = tuple(columns)
    key = ("insert", names)
    text = entity.memo.get(key)
    if text is None:
        listed = ", ".join(quote(name) for name in names)
        marks = ", ".join(["%s"] * len(names))
        text = f"INSERT INTO {quote(entity.table)} ({listed}) VALUES ({marks})"  # noqa: S608 - own names
        entity.memo[key] = text
    return text


def update_text(entity: Entity, columns: Iterable[str]) -> str:
    """Return UPDATE … SET … WHERE id = %s for these columns."""
    # Not kept: clients choose the subset, and there are too many of those.
    listed = ", ".join(f"{quote(name)} = %s" for name in columns)
    return f"UPDATE {quote(entity.table)} SET {listed} WHERE id = %s"  # noqa: S608 - own names


def row_insert(entity: Entity, row: Row) -> uuid.UUID:
    """Insert one complete row; returns its id."""
    execute(insert_text(entity, row), list(row.values()))
    return row["id"]


def rows_insert(entity: Entity, rows: list[Row]) -> None:
    """Insert rows of one shape, at most some hundreds, in one statement."""
    if not rows:
        return
    names = tuple(rows[0])
    head = insert_text(entity, names).rpartition(" VALUES ")[0]
    marks = "(" + ", ".join(["%s"] * len(names)) + ")"
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        params = [row[name] for row in part for name in names]
        execute(f"{head} VALUES {', '.join([marks] * len(part))}", params, prepare=False)


def row_update(entity: Entity, pk: uuid.UUID, row: Row) -> None:
    """Change columns of one row."""
    if row:
        execute(update_text(entity, row), [*row.values(), pk])


def children_fetch(entity: Entity, fk_column: str, parent: uuid.UUID, *, lock: bool = False) -> list[Row]:
    """Return the child rows of a parent as columns, oldest first."""
    columns = ", ".join(f"t.{quote(column)}" for column in columns_of(entity))
    living = " AND t.archived_at IS NULL" if entity.may_be_archived else ""
    text = (
        f"SELECT {columns} FROM {quote(entity.table)} t "  # noqa: S608 - own names
        f"WHERE t.{quote(fk_column)} = %s{living} ORDER BY t.id"
    )
    if lock:
        text += " FOR UPDATE OF t"
    return rows_of(execute(text, [parent]))


def rows_delete(entity: Entity, pks: list[uuid.UUID]) -> None:
    """Remove child rows that were taken out of their table; the journal keeps what they held."""
    if pks:
        execute(f"DELETE FROM {quote(entity.table)} WHERE id = ANY(%s::uuid[])", [pks])  # noqa: S608 - own names
