"""Statements from a thread of their own: the database works while the caller computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg

from forms_engine.base import db

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"


class Aside:
    """A context manager; inside it nobody else may use the connection. Statements run in the order they came.

    They run in the caller's transaction, of the login of the moment. What went wrong is raised at the end, as
    Django's database error.
    """

    def __init__(self) -> None:
        self._wrapper = db.connection()
        self._wrapper.ensure_connection()
        self._wrapper.validate_no_broken_transaction()
        self._thread = ThreadPoolExecutor(1)
        self._asked: list[Future[Any]] = []

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._thread.shutdown(wait=True)
        if kind is None:
            for asked in self._asked:
                asked.result()

    def fetch(self, sql: str, params: Any = None) -> Future[list[tuple[Any, ...]]]:
        """Ask for the rows of a statement, values as PostgreSQL sends them (bytea as bytes)."""
        return self._ask(lambda cursor: cursor.execute(sql, params, binary=True).fetchall())

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> None:
        """Run a statement without rows."""
        self._ask(lambda cursor: cursor.execute(sql, params))

    def copy(self, table: str, columns: str, parts: Iterable[bytes]) -> None:
        """Copy rows into a table; `parts` together are the rows in PostgreSQL's binary format."""
        rows = b"".join((SIGNATURE, *parts, TRAILER))

        def send(cursor: psycopg.Cursor[Any]) -> None:
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(rows)

        self._ask(send)

    def _ask(self, work: Callable[[psycopg.Cursor[Any]], Any]) -> Future[Any]:
        self._asked.append(self._thread.submit(self._do, work))
        return self._asked[-1]

    def _do(self, work: Callable[[psycopg.Cursor[Any]], Any]) -> Any:
        with self._wrapper.wrap_database_errors:
            return work(psycopg.Cursor(self._wrapper.connection))
