"""Many rows of one entity at once: found by key, copied in, changed in a pipeline."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from django.db import DatabaseError

from forms_engine.access.predicate import Predicate
from forms_engine.base import db
from forms_engine.base.sql import execute, quote, rows_of
from forms_engine.core.constraints import refusal_of
from forms_engine.core.entity import Entity
from forms_engine.core.store import Row, columns_of, row_insert, row_update, update_text
from forms_engine.kernel.errors import MesError

Key = tuple[Any, ...]
Refused = tuple[int, MesError]
TEMPORARY = "takt_bulk"


def rows_find(
    entity: Entity, columns: Sequence[str], keys: Iterable[Key], predicate: Predicate
) -> dict[Key, Row]:
    """Return {key: row} of the records with these keys, a living one before an archived one.

    The first column that is never empty among the keys is searched by its index, the rest compared here.
    """
    wanted = set(keys)
    place = next((at for at in range(len(columns)) if all(key[at] is not None for key in wanted)), None)
    if not wanted or place is None:
        return {}
    condition, params = predicate.sql("t")
    listed = ", ".join(f"t.{quote(column)}" for column in columns_of(entity))
    text = (
        f"SELECT {listed} FROM {quote(entity.table)} t "  # noqa: S608 - own names
        f"WHERE t.{quote(columns[place])} = ANY(%s) AND {condition} "
        "ORDER BY t.archived_at NULLS LAST"
    )
    found: dict[Key, Row] = {}
    values = sorted({key[place] for key in wanted})
    for row in rows_of(execute(text, [values, *params])):
        key = tuple(_comparable(row[column]) for column in columns)
        if key in wanted and (key not in found or row["archived_at"] is None):
            found[key] = row
    return found


def _comparable(value: Any) -> Any:
    """An empty text in a column that may not be NULL is the key's None."""
    return None if value == "" else value


def rows_copy(entity: Entity, rows: Sequence[Row]) -> list[Refused]:
    """Insert complete rows by COPY; if one is refused, one by one.

    COPY cannot go into a table with row-level security, so it goes into a temporary one of the same shape.
    Returns: (place in `rows`, refusal) of the rows that were not taken.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(tuple(row), []).append(place)
    refused: list[Refused] = []
    for columns, places in groups.items():
        try:
            with db.atomic():
                _copy(entity, columns, [rows[place] for place in places])
        except DatabaseError as error:
            if refusal_of(error, entity) is None:
                raise
            refused += _one_by_one(entity, [(place, rows[place]) for place in places])
    return refused


def _copy(entity: Entity, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    listed = ", ".join(quote(column) for column in columns)
    table = quote(entity.table)
    execute(
        f"CREATE TEMP TABLE {TEMPORARY} ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA",  # noqa: S608
        prepare=False,
    )
    wrapper = db.connection()
    raw: psycopg.Connection[Any] = wrapper.connection
    with (
        wrapper.wrap_database_errors,
        psycopg.Cursor(raw) as cursor,
        cursor.copy(f"COPY {TEMPORARY} ({listed}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([row[column] for column in columns])
    execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {TEMPORARY}", prepare=False)  # noqa: S608
    execute(f"DROP TABLE {TEMPORARY}", prepare=False)


def _one_by_one(entity: Entity, rows: Iterable[tuple[int, Row]]) -> list[Refused]:
    refused = []
    for place, row in rows:
        refusal = attempt(entity, lambda row=row: row_insert(entity, row))
        if refusal is not None:
            refused.append((place, refusal))
    return refused


def rows_change(entity: Entity, changes: Sequence[tuple[uuid.UUID, Row]]) -> list[Refused]:
    """Change columns of many rows, sent in one pipeline; if one is refused, one by one.

    Returns: (place in `changes`, refusal) of the changes that were not taken.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, (_pk, row) in enumerate(changes):
        groups.setdefault(tuple(row), []).append(place)
    refused: list[Refused] = []
    for columns, places in groups.items():
        params = [[*changes[place][1].values(), changes[place][0]] for place in places]
        wrapper = db.connection()
        try:
            with db.atomic(), wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection) as cursor:
                cursor.executemany(update_text(entity, columns), params)
        except DatabaseError as error:
            if refusal_of(error, entity) is None:
                raise
            for place in places:
                pk, row = changes[place]
                refusal = attempt(entity, lambda pk=pk, row=row: row_update(entity, pk, row))
                if refusal is not None:
                    refused.append((place, refusal))
    return refused


def attempt(entity: Entity, write: Any) -> MesError | None:
    """Do one write in a savepoint; return why it was refused, None if it was not."""
    try:
        with db.atomic():
            write()
    except MesError as refusal:
        return refusal
    except DatabaseError as error:
        refusal = refusal_of(error, entity)
        if refusal is None:
            raise
        return refusal
    return None


def moved(row: Mapping[str, Any], wanted: Row) -> Row:
    """Return the columns that do not hold their wanted value yet."""
    return {column: value for column, value in wanted.items() if row.get(column) != value}
