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
    global _last
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    stamp = (milliseconds << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        if stamp <= _last:
            stamp = _last + 1
        _last = stamp
    random = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    value = ((stamp >> 12) << 80) | (0x7 << 76) | ((stamp & 0xFFF) << 64) | (0b10 << 62) | random
    return uuid.UUID(int=value)


def time_of(identity: uuid.UUID) -> float:
    """Return when a uuid7 was made, seconds since 1970.

    Raises: ValueError if it is another kind of UUID.
    """
    if identity.version != 7:
        raise ValueError(f"{identity} is not a time-sorted identity")
    return (identity.int >> 80) / 1000
