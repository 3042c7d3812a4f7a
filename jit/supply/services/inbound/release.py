"""A data set's proposals released, many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.journal.services import events_publish
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Supplier
from jit.supply.events import CallOffReleased
from jit.supply.models import Agreement, CallOff, CallOffVersion, InboundRequirement
from jit.supply.services.call_off import release_problem
from jit.supply.services.inbound.lanes import CHUNK


def inbound_release(*, actor: Any, batch: str) -> tuple[int, list[tuple[CallOff, T]]]:
    """Release a data set's proposals, many at once; publishes `CallOffReleased` for each.

    Returns: how many were released, and those that were not, with the reason.
    """
    with db.atomic():
        wanted = set(
            InboundRequirement.objects.filter(batch=batch, calloff__isnull=False).values_list(
                "calloff_id", flat=True
            )
        )
        rows = list(
            CallOff.objects.select_for_update(of=("self",))
            .filter(pk__in=wanted, state=CallOff.State.DRAFT)
            .prefetch_related("supplier")
            .order_by("pk")
        )
        agreements = _agreements({row.item_id for row in rows})
        good: list[CallOff] = []
        refused: list[tuple[CallOff, T]] = []
        for row in rows:
            row.agreement = next(
                (a for a in agreements[row.item_id, row.supplier_id] if _holds(a, row.window_end)), None
            )
            problem = None
            if row.agreement is None or row.supplier.status != Supplier.Status.APPROVED:
                problem = release_problem(row)
            if problem is None:
                good.append(row)
            else:
                refused.append((row, problem))
        _released(good, actor)
    return len(good), refused


def _agreements(items: set[UUID]) -> dict[tuple[UUID, UUID], list[Agreement]]:
    found: dict[tuple[UUID, UUID], list[Agreement]] = defaultdict(list)
    rows = Agreement.objects.filter(
        item__in=items, status=Agreement.Status.ACTIVE, archived_at=None
    ).order_by("number")
    for row in rows:
        found[row.item_id, row.supplier_id].append(row)
    return found


def _holds(agreement: Agreement, at: datetime) -> bool:
    """Whether the price holds at a window's end."""
    begun = agreement.valid_from is None or agreement.valid_from <= at
    return begun and (agreement.valid_to is None or agreement.valid_to > at)


def _released(rows: Sequence[CallOff], actor: Any) -> None:
    now = clock.now()
    for row in rows:
        row.state, row.released_at = CallOff.State.RELEASED, now
    CallOff.objects.bulk_update(rows, ["state", "released_at", "agreement"], batch_size=CHUNK)
    CallOffVersion.objects.bulk_create(
        [
            CallOffVersion(
                calloff=row,
                supplier_id=row.supplier_id,
                revision=row.revision,
                quantity=row.quantity,
                delta=row.quantity,
                window_start=row.window_start,
                window_end=row.window_end,
            )
            for row in rows
        ],
        batch_size=CHUNK,
    )
    events_publish(
        [
            CallOffReleased(record_id=row.pk, supplier_id=str(row.supplier_id), number=row.number)
            for row in rows
        ],
        actor=actor,
    )
