"""What happens on the floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from forms_engine.journal.events import Event


@dataclass(frozen=True)
class WorkOrderReleased(Event):
    """A work order may be made; its components are frozen."""

    topic: ClassVar[str] = "shopfloor.workorder.released"
    record_id: UUID
    number: str


@dataclass(frozen=True)
class WorkOrderDone(Event):
    """A work order is finished, fully or with a reason."""

    topic: ClassVar[str] = "shopfloor.workorder.done"
    record_id: UUID
    number: str


@dataclass(frozen=True)
class ReportMade(Event):
    """A quantity was reported (or taken back: negative); `short` counts components that went to variances."""

    topic: ClassVar[str] = "shopfloor.report.made"
    record_id: UUID
    work_order: str
    good: str
    scrap: str
    short: int
