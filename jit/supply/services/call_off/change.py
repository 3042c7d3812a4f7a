"""Another quantity, a stop, an end: what the plant does to a call-off it has released."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel.text import Text as T
from jit.supply.events import CallOffChanged
from jit.supply.models import CallOff, CallOffVersion
from jit.supply.services.call_off.row import CallOffRefused, State, locked, require_state


def calloff_change(*, actor: Any, calloff: CallOff, quantity: Decimal, reason: str = "") -> CallOff:
    """Require another quantity: version n + 1 with the signed difference (pull.md 24); 0 cancels it.

    Raises:
        CallOffNotOpen: shipped already; the next call nets it.
        CallOffRefused: below what is packed.
    """
    with db.atomic():
        row = locked(calloff.pk)
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
        if quantity == row.quantity:
            return row
        if row.state == State.DRAFT:
            row.quantity = quantity
            row.state = State.CANCELLED if quantity == 0 else State.DRAFT
            row.save(update_fields=["quantity", "state"])
            return row
        delta = quantity - row.quantity
        row.previous_quantity, row.quantity = row.quantity, quantity
        row.revision += 1
        row.reason = reason
        # A new version asks anew: the old answer stands in `replies`, it does not bind the new quantity.
        row.confirmed_quantity = row.promised_at = row.replied_at = row.acked_at = None
        row.state = State.CANCELLED if quantity == 0 else State.RELEASED
        row.save(
            update_fields=[
                "previous_quantity",
                "quantity",
                "revision",
                "reason",
                "confirmed_quantity",
                "promised_at",
                "replied_at",
                "acked_at",
                "state",
            ]
        )
        CallOffVersion.objects.create(
            calloff=row,
            supplier_id=row.supplier_id,
            revision=row.revision,
            quantity=quantity,
            delta=delta,
            window_start=row.window_start,
            window_end=row.window_end,
            reason=reason,
        )
        event_publish(_changed(row, delta), actor=actor)
    return row


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
