"""What the door itself tells: a record was created, changed, archived or brought back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from forms_engine.journal.events import Event, event_types


@dataclass(frozen=True)
class RecordEvent(Event):
    """Base of the door's events; topic `<entity>.created|updated|archived|restored`.

    `changed` are the names of the fields that changed, never their values: those are read under the reader's
    own rights.
    """

    entity: str = ""
    changed: tuple[str, ...] = ()


_classes: dict[str, type[RecordEvent]] = {}


def record_event(
    topic: str, record_id: uuid.UUID, *, entity: str, changed: tuple[str, ...] = ()
) -> RecordEvent | None:
    """Return the event of a topic, or None if a room declared that topic and publishes it itself."""
    kind = _classes.get(topic)
    if kind is None:
        if topic in event_types():
            return None
        kind = dataclass(frozen=True)(type("RecordEvent", (RecordEvent,), {"topic": topic, "__doc__": topic}))
        _classes[topic] = kind
    return kind(record_id, entity=entity, changed=changed)
