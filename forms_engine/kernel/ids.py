"""Identities that sort by the time they were made (UUID version 7, RFC 9562), made in Python."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """Return a fresh uuid7; later calls of one process always sort after earlier ones.

    48 bits of milliseconds, 12 bits of the fraction below (about 0.25 µs, stepped on when two calls fall
    together), 62 random bits. It reads the real time, never the simulated clock: identities must not repeat.
    """
    return uuid.UUID(int=_value(_stamps(1), os.urandom(8)))


def new_id_texts(count: int) -> list[str]:
    """Return so many fresh uuid7s as text, rising: what rows by the thousand are given."""
    first, chance = _stamps(count), os.urandom(8 * count)
    digits = [f"{_value(first + row, chance[8 * row : 8 * row + 8]):032x}" for row in range(count)]
    return [f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}" for d in digits]


def _stamps(count: int) -> int:
    """Take the next `count` stamps of this process; returns the first."""
    global _last
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        stamp = max(stamp, _last + 1)
        _last = stamp + count - 1
    return stamp


def _value(stamp: int, chance: bytes) -> int:
    random = int.from_bytes(chance, "big") & 0x3FFF_FFFF_FFFF_FFFF
    return ((stamp >> 12) << 80) | (0x7 << 76) | ((stamp & 0xFFF) << 64) | (0b10 << 62) | random


def time_of(identity: uuid.UUID) -> float:
    """Return when a uuid7 was made, seconds since 1970.

    Raises: ValueError if it is another kind of UUID.
    """
    if identity.version != 7:
        raise ValueError(f"{identity} is not a time-sorted identity")
    return (identity.int >> 80) / 1000
