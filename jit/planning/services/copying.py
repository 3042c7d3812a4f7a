"""COPY BINARY, its rows built in numpy: a row costs the planner nothing but its bytes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from forms_engine.base import db

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NOTHING = "0" * 32


def uuids_packed(values: Iterable[str]) -> np.ndarray:
    """Return UUIDs as 16 bytes each, shape (n,); an empty text becomes zeros."""
    return np.frombuffer(
        bytes.fromhex("".join([value.replace("-", "") if value else NOTHING for value in values])), "V16"
    )


def rows_copy(table: str, columns: str, parts: Iterable[bytes]) -> None:
    """Copy rows into a table; `parts` together are the rows in PostgreSQL's binary format."""
    statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
    with db.connection().cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join((SIGNATURE, *parts, TRAILER)))


def heads(rows: int, columns: int, fields: dict[str, np.ndarray | bytes | None]) -> list[bytes]:
    """Return the leading columns of rows of one shape: every value with its length before it, big-endian.

    Args:
        rows: how many rows. columns: how many columns a whole row has.
        fields: big-endian values of one width, shape (rows,); the same bytes for each row; or None.
    """
    layout: list[tuple[str, str]] = [("columns", ">i2")]
    for name, value in fields.items():
        layout.append((f"{name} length", ">i4"))
        if isinstance(value, bytes):
            layout.append((name, f"V{len(value)}"))
        elif value is not None:
            layout.append((name, value.dtype.str))
    block = np.zeros(rows, np.dtype(layout))
    block["columns"] = columns
    for name, value in fields.items():
        block[f"{name} length"] = -1 if value is None else block.dtype[name].itemsize
        if value is not None:
            block[name] = np.void(value) if isinstance(value, bytes) else value
    packed, width = block.tobytes(), block.dtype.itemsize
    return [packed[at : at + width] for at in range(0, rows * width, width)]
