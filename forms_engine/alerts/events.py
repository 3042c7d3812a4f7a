"""What happens to alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from forms_engine.journal.events import Event


@dataclass(frozen=True)
class AlertOpened(Event):
    """Something is wrong that was not before."""

    topic: ClassVar[str] = "alerts.alert.opened"
    record_id: UUID
    rule: str
    cause: str
    severity: int
