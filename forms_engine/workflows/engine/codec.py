"""Values of records as JSON and back, exactly: decimals, dates and instants keep their kind."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def pack(value: Any) -> Any:
    """Return JSON-ready data; a kind JSON lacks becomes `{"$kind": text}`.

    Raises: ValueError for a value no event may carry (an open file, a model …).
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, dt.datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$date": value.isoformat()}
    if isinstance(value, dt.time):
        return {"$time": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"$seconds": str(Decimal(value // dt.timedelta(microseconds=1)) / 1_000_000)}
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): pack(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [pack(item) for item in value]
    raise ValueError(f"a flow cannot remember a {type(value).__name__}")


def unpack(value: Any) -> Any:
    """Return what `pack` was given; sequences come back as tuples."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            ((key, text),) = value.items()
            reader = _READERS.get(key)
            if reader is not None:
                return reader(text)
        return {key: unpack(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(unpack(item) for item in value)
    return value


def _seconds(text: str) -> dt.timedelta:
    return dt.timedelta(microseconds=int(Decimal(text) * 1_000_000))


_READERS: dict[str, Any] = {
    "$float": float,
    "$decimal": Decimal,
    "$datetime": dt.datetime.fromisoformat,
    "$date": dt.date.fromisoformat,
    "$time": dt.time.fromisoformat,
    "$seconds": _seconds,
}
