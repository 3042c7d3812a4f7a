"""What planning tells others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from forms_engine.journal.events import Event


@dataclass(frozen=True)
class PlanSubmitted(Event):
    """A planner submitted a production plan; the approval flow starts."""

    topic: ClassVar[str] = "planning.plan.submitted"
    record_id: UUID
    number: str
    submitted_by: str


@dataclass(frozen=True)
class PlanReleased(Event):
    """A production plan was approved and stands in work orders."""

    topic: ClassVar[str] = "planning.plan.released"
    record_id: UUID
    number: str


@dataclass(frozen=True)
class RunFinished(Event):
    """A run is done; the counts say what it found and changed."""

    topic: ClassVar[str] = "planning.planrun.finished"
    record_id: UUID
    number: str
    new: int
    changed: int
    cancelled: int
    exceptions: int
    shortages: int
