"""What a requirement and a truck have in common: the lane."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jit.supply.models import InboundRequirement, TruckLane

CHUNK = 1_000


Lane = tuple[UUID, str, UUID, UUID]


def lane_of(row: InboundRequirement | TruckLane) -> Lane:
    """Return the lane of a requirement or of what a truck may carry."""
    return row.supplier_id, row.supplier_dock, row.dock_id, row.item_id


def minute_of(moment: datetime) -> int:
    """Return a moment as whole minutes since 1970."""
    return int(moment.timestamp() // 60)
