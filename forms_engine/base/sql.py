"""One statement to PostgreSQL by psycopg itself: parameters bound by the server, the plan kept.

Django's own cursor interpolates on the client, so nothing it sends is ever prepared. All of it runs in
Django's transaction of the current alias and is counted by its query log, so budgets see it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from forms_engine.base import db


def execute(
    sql: str, params: Sequence[Any] = (), *, prepare: bool = True, binary: bool = False
) -> psycopg.Cursor[Any]:
    """Run one statement and return its cursor.

    Args:
        sql: text with %s; it must come from a finite set of shapes, never from a user.
        prepare: False for one-off statements (DDL, COPY).
        binary: values come as PostgreSQL sends them; a bytea is then its bytes and not twice as much text.

    Raises: Django's database errors, as everywhere.
    """
    wrapper = db.connection()
    wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    connection = wrapper.connection
    assert connection is not None  # noqa: S101 - ensure_connection has just made it
    cursor = psycopg.Cursor(connection)
    started = time.perf_counter() if wrapper.queries_logged else 0.0
    try:
        with wrapper.wrap_database_errors:
            cursor.execute(sql, params, prepare=prepare, binary=binary)  # type: ignore[arg-type]
    finally:
        if wrapper.queries_logged:
            wrapper.queries_log.append({"sql": sql, "time": f"{time.perf_counter() - started:.3f}"})
    return cursor


def rows_of(cursor: psycopg.Cursor[Any]) -> list[dict[str, Any]]:
    """Return all rows as {column: value}."""
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def json_value(value: Any) -> Any:
    """Return JSON of a column: Django keeps psycopg from parsing jsonb, so it arrives as text."""
    return json.loads(value) if isinstance(value, str) else value


def quote(name: str) -> str:
    """Quote an identifier that comes from a model or a checked schema."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'
