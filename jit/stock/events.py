"""What the ledger tells others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from forms_engine.journal.events import Event


@dataclass(frozen=True)
class StockPosted(Event):
    """A posting stands in the ledger. `items` and `locations` name what changed, at most 200 of each."""

    topic: ClassVar[str] = "stock.posting.posted"
    record_id: UUID
    kind: str
    document: str
    items: tuple[str, ...]
    locations: tuple[str, ...]


@dataclass(frozen=True)
class VarianceOpened(Event):
    """A backflush used more than the books held; somebody has to count."""

    topic: ClassVar[str] = "stock.variance.opened"
    record_id: UUID
    item: str
    location: str
    quantity: str
