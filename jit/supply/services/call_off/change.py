"""Another quantity, a stop, an end: what the plant does to a call-off it has released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.base.sql import execute
from forms_engine.journal.services import event_publish, events_publish
from forms_engine.kernel.text import Text as T
from jit.supply.events import CallOffChanged
from jit.supply.models import CallOff, CallOffVersion
from jit.supply.services.call_off.row import CallOffRefused, State, locked, require_state

_DRAFTS = """
UPDATE supply_calloff c SET quantity = v.quantity, state = v.state
FROM unnest(%s::uuid[], %s::numeric[], %s::text[]) AS v(id, quantity, state) WHERE c.id = v.id
"""
_TOLD = """
UPDATE supply_calloff c
SET previous_quantity = v.previous, quantity = v.quantity, revision = v.revision, state = v.state,
    reason = %s, confirmed_quantity = NULL, promised_at = NULL, replied_at = NULL, acked_at = NULL
FROM unnest(%s::uuid[], %s::numeric[], %s::numeric[], %s::int[], %s::text[])
     AS v(id, previous, quantity, revision, state)
WHERE c.id = v.id
"""


def calloff_change(*, actor: Any, calloff: CallOff, quantity: Decimal, reason: str = "") -> CallOff:
    """Require another quantity: version n + 1 with the signed difference (pull.md 24); 0 cancels it.

    Raises:
        CallOffNotOpen: shipped already; the next call nets it.
        CallOffRefused: below what is packed.
    """
    with db.atomic():
        row = locked(calloff.pk)
        _write(actor, [(row, quantity)], reason)
    return row


def calloffs_change(*, actor: Any, quantities: Mapping[UUID, Decimal], reason: str = "") -> list[CallOff]:
    """Require other quantities of many call-offs, as `calloff_change` does of one, in four statements.

    Args: quantities: {call-off id: what is required now}, locked in the order of the ids.

    Raises: CallOffNotOpen, CallOffRefused: one of them cannot be changed; then none is.
    """
    with db.atomic():
        rows = list(
            CallOff.objects.select_for_update(of=("self",)).filter(pk__in=list(quantities)).order_by("pk")
        )
        _write(actor, [(row, quantities[row.pk]) for row in rows], reason)
    return rows


def _write(actor: Any, wanted: Sequence[tuple[CallOff, Decimal]], reason: str) -> None:
    """Check and change locked call-offs; what a supplier was told becomes a version, and he is told again."""
    drafts, told, deltas = [], [], []
    for row, quantity in wanted:
        _refuse(row, quantity)
        if quantity == row.quantity:
            continue
        if row.state == State.DRAFT:
            row.quantity = quantity
            row.state = State.CANCELLED if quantity == 0 else State.DRAFT
            drafts.append(row)
            continue
        deltas.append(quantity - row.quantity)
        row.previous_quantity, row.quantity = row.quantity, quantity
        row.revision += 1
        row.reason = reason
        # A new version asks anew: the old answer stands in `replies`, it does not bind the new quantity.
        row.confirmed_quantity = row.promised_at = row.replied_at = row.acked_at = None
        row.state = State.CANCELLED if quantity == 0 else State.RELEASED
        told.append(row)
    if drafts:
        execute(_DRAFTS, _columns(drafts, "pk", "quantity", "state"))
    if not told:
        return
    execute(_TOLD, [reason, *_columns(told, "pk", "previous_quantity", "quantity", "revision", "state")])
    CallOffVersion.objects.bulk_create(
        [
            CallOffVersion(
                calloff=row,
                supplier_id=row.supplier_id,
                revision=row.revision,
                quantity=row.quantity,
                delta=delta,
                window_start=row.window_start,
                window_end=row.window_end,
                reason=reason,
            )
            for row, delta in zip(told, deltas, strict=True)
        ],
        batch_size=1_000,
    )
    events_publish([_changed(row, delta) for row, delta in zip(told, deltas, strict=True)], actor=actor)


def _refuse(row: CallOff, quantity: Decimal) -> None:
    require_state(row, (State.DRAFT, *CallOff.OPEN, State.DECLINED))
    if quantity < 0 or quantity < row.packed_quantity:
        raise CallOffRefused(
            T(
                "The supplier has packed %(packed)s already.",
                "供应商已打包 %(packed)s。",
                packed=row.packed_quantity,
            ),
            field="quantity",
        )


def _columns(rows: Sequence[CallOff], *names: str) -> list[list[Any]]:
    return [[str(getattr(row, name)) for row in rows] for name in names]


def _changed(row: CallOff, delta: Decimal) -> CallOffChanged:
    return CallOffChanged(
        record_id=row.pk,
        supplier_id=str(row.supplier_id),
        number=row.number,
        revision=row.revision,
        quantity=str(row.quantity),
        delta=str(delta),
        cancelled=row.state == State.CANCELLED,
    )


def calloff_cancel(*, actor: Any, calloff: CallOff, reason: str = "") -> CallOff:
    """Withdraw a call-off that has not been packed. Raises: CallOffNotOpen, CallOffRefused."""
    with db.atomic():
        row = locked(calloff.pk)
        if row.state == State.HOLD:
            row.state = row.held_from
            row.save(update_fields=["state"])
        return calloff_change(actor=actor, calloff=row, quantity=Decimal(0), reason=reason)


def calloff_hold(*, actor: Any, calloff: CallOff, reason: str = "") -> CallOff:
    """Stop it for a while; it remembers where it was (pull.md 30)."""
    with db.atomic():
        row = locked(calloff.pk)
        require_state(row, (State.DRAFT, *CallOff.OPEN))
        row.held_from, row.state, row.reason = row.state, State.HOLD, reason
        row.save(update_fields=["held_from", "state", "reason"])
        event_publish(_changed(row, Decimal(0)), actor=actor)
    return row


def calloff_resume(*, actor: Any, calloff: CallOff) -> CallOff:
    """Let a held call-off go on from where it was."""
    with db.atomic():
        row = locked(calloff.pk)
        require_state(row, (State.HOLD,))
        row.state, row.held_from = row.held_from, ""
        row.save(update_fields=["held_from", "state"])
        event_publish(_changed(row, Decimal(0)), actor=actor)
    return row


def calloff_short_close(*, actor: Any, calloff: CallOff, reason: str = "") -> CallOff:
    """Say that the rest will not come; the next run nets the remaining need."""
    with db.atomic():
        row = locked(calloff.pk)
        require_state(row, (*CallOff.OPEN, State.DECLINED, State.SHIPPED, State.AT_GATE, State.UNLOADED))
        row.state, row.reason = State.SHORT_CLOSED, reason
        row.save(update_fields=["state", "reason"])
        event_publish(_changed(row, row.received_quantity - row.quantity), actor=actor)
    return row
