"""What follows from receipts: cumulative quantities, and the call-offs concerned."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from forms_engine.base import db
from jit.supply.models import Agreement, CallOff, ShipmentLine


def agreement_recount(*, agreement_ids: Sequence[UUID]) -> None:
    """Bring the cumulative quantities of agreements up to their documents; they never fall (I6)."""
    with db.atomic():
        for agreement in (
            Agreement.objects.select_for_update(of=("self",))
            .filter(pk__in=list(agreement_ids))
            .order_by("pk")
        ):
            totals = CallOff.objects.filter(agreement=agreement).aggregate(
                shipped=Sum("shipped_quantity"), received=Sum("received_quantity")
            )
            agreement.cumulative_shipped = max(agreement.cumulative_shipped, totals["shipped"] or Decimal(0))
            agreement.cumulative_received = max(
                agreement.cumulative_received, totals["received"] or Decimal(0)
            )
            agreement.save(update_fields=["cumulative_shipped", "cumulative_received"])


def calloffs_of(*, shipment_id: UUID) -> list[UUID]:
    """Return the call-offs a shipment delivers."""
    return list(
        ShipmentLine.objects.filter(shipment_id=shipment_id, calloff__isnull=False)
        .values_list("calloff_id", flat=True)
        .distinct()
    )
