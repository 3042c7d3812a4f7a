"""The lock between writers and a publish: shared in the head of the door, exclusive while publishing."""

from __future__ import annotations

import zlib

ENTITY_CLASS = 74_281  # first key of the advisory lock; the second tells the table


def entity_lock(table: str) -> tuple[int, int]:
    """Return the two int4 keys of a table's lock for `pg_advisory_xact_lock[_shared](%s, %s)`."""
    number = zlib.crc32(table.encode())
    return ENTITY_CLASS, number - (1 << 32) if number >= 1 << 31 else number
