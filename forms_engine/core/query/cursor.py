"""Keyset pages: a cursor holds the sort keys of a row, so page 10,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forms_engine.core.query.spec import BadQuery

Sql = tuple[str, list[Any]]


@dataclass(frozen=True)
class SortKey:
    """One key of the order. Ascending puts empty ones last, descending first, as PostgreSQL's indexes do."""

    name: str
    sql: str
    pg_type: str
    descending: bool
    nullable: bool

    def reversed(self) -> SortKey:
        return SortKey(self.name, self.sql, self.pg_type, not self.descending, self.nullable)

    @property
    def order(self) -> str:
        return f"{self.sql} DESC" if self.descending else self.sql


def cursor_write(keys: Sequence[SortKey], values: Sequence[str | None]) -> str:
    """Return the cursor of a row: the order it belongs to and the row's sort keys as text."""
    data = json.dumps([_signature(keys), list(values)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def cursor_read(keys: Sequence[SortKey], text: str) -> list[str | None]:
    """Return the sort keys in a cursor.

    Raises:
        BadQuery: damaged, or of another order. The values are bound as parameters, so they need no trust.
    """
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        signature, values = json.loads(raw)
    except (ValueError, binascii.Error, UnicodeError, TypeError):
        raise _damaged() from None
    sound = (
        signature == _signature(keys)
        and isinstance(values, list)
        and len(values) == len(keys)
        and all(value is None or (isinstance(value, str) and "\0" not in value) for value in values)
    )
    if not sound:
        raise _damaged()
    return values


def _damaged() -> BadQuery:
    return BadQuery("This page address does not fit the list.", "翻页标记与列表不符。")


def _signature(keys: Sequence[SortKey]) -> str:
    return ",".join(("-" if key.descending else "") + key.name for key in keys)


def after_condition(keys: Sequence[SortKey], values: Sequence[str | None]) -> Sql:
    """Return the condition for rows that come after a row in the order.

    With one direction and no empty keys it is one row comparison, which an index answers from its middle;
    a descending order has its empty rows before, so they need no mention.
    """
    filled = all(value is not None for value in values)
    plain = all(key.descending == keys[0].descending for key in keys)
    no_empties_follow = keys[0].descending or not any(key.nullable for key in keys)
    if filled and plain and no_empties_follow and not any(key.nullable for key in keys[1:]):
        sign = "<" if keys[0].descending else ">"
        left = ", ".join(key.sql for key in keys)
        right = ", ".join(f"%s::{key.pg_type}" for key in keys)
        return f"({left}) {sign} ({right})", list(values)
    parts: list[str] = []
    params: list[Any] = []
    for index, key in enumerate(keys):
        piece: list[str] = []
        piece_params: list[Any] = []
        for before, value in zip(keys[:index], values, strict=False):
            if value is None:
                piece.append(f"{before.sql} IS NULL")
            else:
                piece.append(f"{before.sql} = %s::{before.pg_type}")
                piece_params.append(value)
        text, more = _beyond(key, values[index])
        parts.append(" AND ".join([*piece, text]))
        params += piece_params + more
    return "(" + " OR ".join(f"({part})" for part in parts) + ")", params


def _beyond(key: SortKey, value: str | None) -> Sql:
    if value is None:
        return (f"{key.sql} IS NOT NULL", []) if key.descending else ("FALSE", [])
    if key.descending:
        return f"{key.sql} < %s::{key.pg_type}", [value]
    if key.nullable:
        return f"({key.sql} > %s::{key.pg_type} OR {key.sql} IS NULL)", [value]
    return f"{key.sql} > %s::{key.pg_type}", [value]
