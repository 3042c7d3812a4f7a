"""The supplier's answer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T
from jit.supply.events import CallOffReplied
from jit.supply.models import CallOff, CallOffReply
from jit.supply.services.call_off.row import (
    CallOffFraction,
    CallOffNotOpen,
    CallOffRefused,
    State,
    fraction_fault,
    locked,
    require_state,
)


def calloff_see(*, actor: Any, calloff: CallOff) -> CallOff:
    """The supplier has opened it: the answer clock may rest."""
    with db.atomic():
        row = locked(calloff.pk)
        if row.state in (State.RELEASED, State.SENT):
            row.state = State.ACKED
        if row.acked_at is None:
            row.acked_at = clock.now()
        row.save(update_fields=["state", "acked_at"])
    return row


def calloff_reply(
    *,
    actor: Any,
    calloff: CallOff,
    kind: CallOffReply.Kind,
    quantity: Decimal | None = None,
    promised_at: datetime | None = None,
    reason: str = "",
    revision: int | None = None,
) -> CallOff:
    """Take the supplier's answer as the new firm quantity and time; publishes `CallOffReplied`.

    Args:
        quantity: for LESS, above 0 and below what is required; stock units.
        promised_at: for LATER, after the window's end.
        revision: the version the supplier saw; None = the present one.

    Raises:
        CallOffNotOpen: answered, packed or withdrawn meanwhile, or changed since it was seen.
        CallOffRefused: quantity, time or the missing reason. CallOffFraction: half a piece.
    """
    with db.atomic():
        row = locked(calloff.pk)
        require_state(row, (State.RELEASED, State.SENT, State.ACKED))
        if revision is not None and revision != row.revision:
            raise CallOffNotOpen(
                T(
                    "Call-off %(number)s has changed meanwhile. Please look at the new version.",
                    "叫料单 %(number)s 已变更，请查看新版本后再回复。",
                    number=row.number,
                )
            )
        promised = row.window_end
        answered = row.quantity
        if kind == CallOffReply.Kind.LESS:
            if quantity is None or not 0 < quantity < row.quantity:
                raise CallOffRefused(
                    T("Give a quantity above 0 and below the required one.", "数量须大于 0 且小于需求数量。"),
                    field="quantity",
                )
            if words := fraction_fault(row, quantity):
                raise CallOffFraction(words, field="quantity")
            answered, row.state = quantity, State.PARTIAL
        elif kind == CallOffReply.Kind.LATER:
            if promised_at is None or promised_at <= row.window_end:
                raise CallOffRefused(
                    T("Give a time after the window's end.", "请填写晚于时间窗结束的时间。"),
                    field="promised_at",
                )
            promised, row.state = promised_at, State.PARTIAL
        elif kind == CallOffReply.Kind.REFUSE:
            answered, row.state = Decimal(0), State.DECLINED
        else:
            row.state = State.CONFIRMED
        if kind in (CallOffReply.Kind.LESS, CallOffReply.Kind.REFUSE) and not reason.strip():
            raise CallOffRefused(T("Please give the reason.", "请填写原因。"), field="reason")
        now = clock.now()
        row.confirmed_quantity, row.promised_at, row.replied_at = answered, promised, now
        row.acked_at = row.acked_at or now
        row.reason = reason
        row.save(
            update_fields=["state", "confirmed_quantity", "promised_at", "replied_at", "acked_at", "reason"]
        )
        CallOffReply.objects.create(
            calloff=row,
            supplier_id=row.supplier_id,
            revision=row.revision,
            kind=kind.value,
            quantity=answered,
            promised_at=promised,
            reason=reason,
            by_name=actor.name,
        )
        event_publish(
            CallOffReplied(
                record_id=row.pk,
                supplier_id=str(row.supplier_id),
                number=row.number,
                kind=kind.value,
                quantity=str(answered),
            ),
            actor=actor,
        )
    return row
