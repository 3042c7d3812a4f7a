"""What happens to call-offs, shipments and receipts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from forms_engine.journal.events import Event


@dataclass(frozen=True)
class CallOffReleased(Event):
    """A buyer (or a rule) released a proposal; the supplier is to be told."""

    topic: ClassVar[str] = "supply.calloff.released"
    record_id: UUID
    supplier_id: str
    number: str


@dataclass(frozen=True)
class CallOffChanged(Event):
    """A released call-off has a new version; `delta` is the signed difference in stock units."""

    topic: ClassVar[str] = "supply.calloff.changed"
    record_id: UUID
    supplier_id: str
    number: str
    revision: int
    quantity: str
    delta: str
    cancelled: bool = False


@dataclass(frozen=True)
class CallOffReplied(Event):
    """A supplier answered; `kind` is a `CallOffReply.Kind`."""

    topic: ClassVar[str] = "supply.calloff.replied"
    record_id: UUID
    supplier_id: str
    number: str
    kind: str
    quantity: str


@dataclass(frozen=True)
class CallOffsProposed(Event):
    """A run changed proposals: how many are new, changed and gone."""

    topic: ClassVar[str] = "supply.calloff.proposed"
    record_id: UUID
    new: int
    changed: int
    cancelled: int


@dataclass(frozen=True)
class ShipmentAnnounced(Event):
    """A supplier packed and announced a shipment."""

    topic: ClassVar[str] = "supply.shipment.announced"
    record_id: UUID
    supplier_id: str
    number: str


@dataclass(frozen=True)
class ShipmentDeparted(Event):
    """A shipment is on the road."""

    topic: ClassVar[str] = "supply.shipment.departed"
    record_id: UUID
    supplier_id: str
    number: str


@dataclass(frozen=True)
class ShipmentReceived(Event):
    """A shipment was counted at the dock; `is_discrepant` when the count differs from the notice."""

    topic: ClassVar[str] = "supply.shipment.received"
    record_id: UUID
    supplier_id: str
    number: str
    receipt: str
    is_discrepant: bool


@dataclass(frozen=True)
class ReceiptBlocked(Event):
    """Pieces of a receipt were found not good afterwards; `reason` is a `ReceiptLine.Blocked`."""

    topic: ClassVar[str] = "supply.receipt.blocked"
    record_id: UUID
    supplier_id: str
    number: str
    quantity: str
    reason: str
