"""Pegs are computed on reading; only those of a released call-off are kept (pull.md 29)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from forms_engine.base import db
from jit.planning.models import CallOffPeg
from jit.planning.selectors.pegs import calloff_serves
from jit.supply.models import CallOff

STEP = Decimal("0.000001")


def pegs_store(*, calloff_id: UUID) -> int:
    """Keep whom a call-off serves now in place of what was kept of it; returns how many pegs."""
    with db.atomic():
        calloff = CallOff.objects.get(pk=calloff_id)
        pegs = [
            CallOffPeg(
                calloff=calloff,
                demand=peg.label,
                need_at=peg.need_at,
                quantity=Decimal(repr(peg.quantity)).quantize(STEP),
            )
            for peg in calloff_serves(calloff)
        ]
        CallOffPeg.objects.filter(calloff=calloff).delete()
        CallOffPeg.objects.bulk_create(pegs, batch_size=1000)
    return len(pegs)
