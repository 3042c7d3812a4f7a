"""Proposals become binding: the guards, one by one or many, and which are released by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Supplier
from jit.supply.events import CallOffReleased
from jit.supply.models import Agreement, CallOff, CallOffVersion, ControlCycle
from jit.supply.services.call_off.row import CallOffNotOpen, CallOffRefused, State, locked, require_state


def release_problem(calloff: CallOff) -> T | None:
    """Return why a call-off may not be released, or None: supplier, cycle, agreement, price."""
    supplier = Supplier.objects.get(pk=calloff.supplier_id)
    if supplier.status != Supplier.Status.APPROVED:
        return T("Supplier %(code)s is not approved.", "供应商 %(code)s 未准入或已冻结。", code=supplier.code)
    cycle = ControlCycle.objects.filter(
        item_id=calloff.item_id, area_id=calloff.area_id, archived_at=None
    ).first()
    if cycle is not None and cycle.status != ControlCycle.Status.RELEASED:
        return T(
            "Control cycle %(number)s is not released.", "控制循环 %(number)s 未启用。", number=cycle.number
        )
    if agreement_for(calloff) is None:
        return T(
            "There is no active agreement with a valid price for this item and supplier.",
            "该物料与供应商没有价格有效的供货协议。",
        )
    return None


def agreement_for(calloff: CallOff) -> Agreement | None:
    """Return the active agreement whose price holds at the window's end."""
    at = calloff.window_end
    return (
        Agreement.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=at),
            Q(valid_to=None) | Q(valid_to__gt=at),
            item_id=calloff.item_id,
            supplier_id=calloff.supplier_id,
            status=Agreement.Status.ACTIVE,
            archived_at=None,
        )
        .order_by("number")
        .first()
    )


def calloff_release(*, actor: Any, calloff: CallOff) -> CallOff:
    """Make a proposal binding; publishes `CallOffReleased`, upon which the supplier is told.

    Raises: CallOffNotOpen, CallOffRefused with the guard that does not hold.
    """
    with db.atomic():
        row = locked(calloff.pk)
        require_state(row, (State.DRAFT,))
        problem = release_problem(row)
        if problem is not None:
            raise CallOffRefused(problem)
        row.agreement = agreement_for(row)
        row.state = State.RELEASED
        row.released_at = clock.now()
        row.save(update_fields=["agreement", "state", "released_at"])
        CallOffVersion.objects.create(
            calloff=row,
            supplier_id=row.supplier_id,
            revision=row.revision,
            quantity=row.quantity,
            delta=row.quantity,
            window_start=row.window_start,
            window_end=row.window_end,
            reason="",
        )
        event_publish(
            CallOffReleased(record_id=row.pk, supplier_id=str(row.supplier_id), number=row.number),
            actor=actor,
        )
    return row


def calloff_release_many(
    *, actor: Any, calloffs: Sequence[CallOff]
) -> tuple[list[CallOff], list[tuple[CallOff, str]]]:
    """Release what can be released; the rest comes back with its reason, in the current language."""
    released: list[CallOff] = []
    refused: list[tuple[CallOff, str]] = []
    for calloff in sorted(calloffs, key=lambda row: str(row.pk)):  # one lock order for everybody
        try:
            released.append(calloff_release(actor=actor, calloff=calloff))
        except (CallOffNotOpen, CallOffRefused) as refusal:
            refused.append((calloff, str(refusal)))
    return released, refused


def calloff_mark_sent(*, calloff_ids: Sequence[UUID]) -> int:
    """Note that the supplier has been told; returns how many moved on."""
    return CallOff.objects.filter(pk__in=calloff_ids, state=State.RELEASED).update(
        state=State.SENT, sent_at=clock.now()
    )


def proposals_to_release(*, run_id: UUID) -> list[CallOff]:
    """Return the proposals whose control cycle releases by itself."""
    automatic = ControlCycle.objects.filter(auto_release=True, archived_at=None).values_list(
        "item_id", "area_id"
    )
    wanted = set(automatic)
    rows = CallOff.objects.filter(state=State.DRAFT, kind=CallOff.Kind.JIT).order_by("pk")
    return [row for row in rows if (row.item_id, row.area_id) in wanted]


def proposals(
    *, supplier_id: UUID | None = None, until: datetime | None = None, limit: int = 2000
) -> list[CallOff]:
    """Return the proposals that wait for release, soonest first."""
    rows = CallOff.objects.filter(state=State.DRAFT, kind=CallOff.Kind.JIT, archived_at=None)
    if supplier_id:
        rows = rows.filter(supplier_id=supplier_id)
    if until:
        rows = rows.filter(window_end__lte=until)
    return list(rows.order_by("window_end", "number")[:limit])
