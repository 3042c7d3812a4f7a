"""What an event is: a frozen dataclass in the past tense, with the topic it is published under."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar

from forms_engine.kernel.text import Text

_types: dict[str, type[Event]] = {}


@dataclass(frozen=True)
class Event:
    """Base of every event: `class CallOffReleased(Event): topic = "supply.calloff.released"`.

    `record_id` is the record it happened to: events of one record are delivered in order.
    """

    record_id: uuid.UUID
    topic: ClassVar[str] = ""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        topic = cls.__dict__.get("topic", "")
        if topic:
            known = _types.get(topic)
            if known is not None and (known.__module__, known.__qualname__) != (
                cls.__module__,
                cls.__qualname__,
            ):
                raise RuntimeError(f"topic {topic!r} is claimed by {known.__module__} and {cls.__module__}")
            _types[topic] = cls

    def payload(self) -> dict[str, Any]:
        """Return the fields beside `record_id` as JSON data; quantities and times as text."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self) if f.name != "record_id"}


@dataclass(frozen=True)
class StoredEvent:
    """An event as its subscribers see it, read back from the outbox.

    `actor` is the note `base.actor_note` makes; `at` the moment of its transaction.
    """

    id: int
    topic: str
    record_id: uuid.UUID
    payload: dict[str, Any]
    actor: dict[str, Any]
    at: dt.datetime


def event_types() -> dict[str, type[Event]]:
    """Return every declared event class by its topic."""
    return dict(_types)


def plain(value: Any) -> Any:
    """Turn a value into JSON data without loss: decimals, times and ids become text.

    Raises: TypeError for a float (quantities are exact here) or anything unknown.
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return format(Decimal(value // dt.timedelta(microseconds=1)) / 1_000_000, "f")
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Text):
        return value.dump()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    raise TypeError(f"{value!r} cannot be part of an event")
