"""Business numbers: counted in PostgreSQL, so that 200 parallel inserts get 200 numbers."""

from __future__ import annotations

import datetime as dt

from forms_engine.base.sql import execute
from forms_engine.fields.serial import DEFAULT_PATTERN, serial_format, serial_period
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.schema import FieldSpec

_NEXT = """
INSERT INTO core_serialcounter (id, key, period, value) VALUES (%s, %s, %s, 1)
ON CONFLICT (key, period) DO UPDATE SET value = core_serialcounter.value + 1 RETURNING value
"""


def serial_next(pattern: str, *, key: str = "", reset: str = "", day: dt.date | None = None) -> str:
    """Return the next number of a pattern such as `CO-{YYYY}{MM}-{####}`, in the caller's transaction.

    The counter's row stays locked until that ends: numbers have no gaps, and parallel callers wait for each
    other, so take it late. Call it only inside a transaction.

    Args:
        key: names the counter; default is the pattern itself.
        reset: never, year, month or day; default: the smallest period the pattern shows.
        day: the plant's day, default today.
    """
    day = day or clock.today(clock.plant_zone())
    period = serial_period(reset or _reset_of(pattern), day)
    row = execute(_NEXT, [new_id(), key or pattern, period]).fetchone()
    return serial_format(pattern, int(row[0]), day)  # type: ignore[index] - RETURNING gives one row


def serial_for(entity_key: str, spec: FieldSpec) -> str:
    """Return the next number of a serial field."""
    pattern = spec.option("pattern", DEFAULT_PATTERN)
    return serial_next(pattern, key=f"{entity_key}.{spec.id}", reset=spec.option("reset", "never"))


def _reset_of(pattern: str) -> str:
    if "{DD}" in pattern:
        return "day"
    if "{MM}" in pattern:
        return "month"
    return "year" if "{YY" in pattern else "never"
