"""Whole tables as columns: one statement, one row of packed bytes, no Python object for each value.

A tuple for each row cost three times the plan of a large plant itself (performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

END = "\x1f"
#: How a kind of column leaves the database, and its numpy type; a UUID as its random half, 0 for none.
KINDS: dict[str, tuple[str, str]] = {
    "key": ("coalesce(substr(uuid_send({0}), 9), int8send(0))", ">u8"),
    "int": ("int8send({0}::bigint)", ">i8"),
    "float": ("float8send({0}::float8)", ">f8"),
    "flag": ("int2send({0}::int::smallint)", ">i2"),
    "text": ("{0}", ""),
}


@dataclass(frozen=True)
class Packed:
    """A statement whose only row has a column of packed values for each name."""

    sql: str
    kinds: dict[str, str]


def packed(source: str, **kinds: str) -> Packed:
    """Pack the columns of a SELECT by name; none of them may be NULL but keys. Its order is kept."""
    parts = [
        f"string_agg({KINDS[kind][0].format(name)}, {'chr(31)' if kind == 'text' else 'NULL'})"
        for name, kind in kinds.items()
    ]
    return Packed(" ".join(("SELECT", ", ".join(parts), "FROM (", source, ") packed")), kinds)


def columns_of(table: Packed, values: Sequence[Any]) -> SimpleNamespace:
    """Unpack the row of a packed table: numbers as int64, uint64, float64 or bool arrays, texts as a list."""
    found: dict[str, Any] = {}
    for (name, kind), value in zip(table.kinds.items(), values, strict=True):
        if kind == "text":
            found[name] = [] if value is None else value.split(END)
        else:
            array = np.frombuffer(value or b"", KINDS[kind][1])
            found[name] = array.astype(bool if kind == "flag" else array.dtype.newbyteorder("="))
    return SimpleNamespace(**found)


class Index:
    """Finds the rows of many keys at once."""

    def __init__(self, keys: np.ndarray) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]

    def find(self, asked: np.ndarray) -> np.ndarray:
        """Return the row of each key, -1 = there is none."""
        if not len(self._sorted):
            return np.full(len(asked), -1)
        at = np.minimum(np.searchsorted(self._sorted, asked), len(self._sorted) - 1)
        return np.where(self._sorted[at] == asked, self._order[at], -1)


def spread(first: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows first .. first + count of every group one after the other, and the group of each."""
    group = np.repeat(np.arange(len(count)), count)
    return np.arange(len(group)) + np.repeat(first - (np.cumsum(count) - count), count), group
