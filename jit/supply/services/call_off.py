"""The life of a call-off up to the moment it is shipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, SourcingRule, Supplier
from jit.catalog.numbers import number_next
from jit.supply.events import CallOffChanged, CallOffReleased, CallOffReplied
from jit.supply.models import Agreement, CallOff, CallOffReply, CallOffVersion, ControlCycle

State = CallOff.State


class CallOffNotOpen(Conflict):
    """The call-off is in a state that does not allow this."""

    code = "supply.calloff.not_open"


class CallOffRefused(MesError):
    """A guard of the release, a quantity or a time does not hold."""

    code = "supply.calloff.refused"


def locked(calloff_id: UUID) -> CallOff:
    """Read a call-off for writing."""
    return CallOff.objects.select_for_update(of=("self",)).get(pk=calloff_id)


def require_state(calloff: CallOff, allowed: Iterable[str]) -> None:
    """Raises: CallOffNotOpen, naming the state it is in."""
    if calloff.state not in set(allowed):
        raise CallOffNotOpen(
            T(
                "Call-off %(number)s is %(state)s; this is no longer possible.",
                "叫料单 %(number)s 当前为「%(state)s」，不能再执行此操作。",
                number=calloff.number,
                state=State(calloff.state).label,
            )
        )


def firm_quantity(calloff: CallOff) -> Decimal:
    """What is to come: the confirmed quantity once there is one, else the required one."""
    return calloff.quantity if calloff.confirmed_quantity is None else calloff.confirmed_quantity


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
        CallOffRefused: quantity, time or the missing reason.
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


@dataclass(frozen=True)
class CallOffDraft:
    """What a new call-off needs; the copies for the supplier are looked up here."""

    item: Item
    area: Location
    supplier: Supplier
    dock: Location
    window_start: datetime
    window_end: datetime
    quantity: Decimal
    ship_at: datetime | None = None
    pack_quantity: Decimal = Decimal(1)
    requirement_id: UUID | None = None
    run_id: UUID | None = None
    kind: str = CallOff.Kind.JIT.value


def calloff_built(draft: CallOffDraft, number: str, supplier_part: str = "") -> CallOff:
    """Return an unsaved proposal with everything its supplier may read on the row itself."""
    return CallOff(
        number=number,
        kind=draft.kind,
        plant_id=draft.dock.plant_id,
        item=draft.item,
        area=draft.area,
        dock=draft.dock,
        supplier=draft.supplier,
        window_start=draft.window_start,
        window_end=draft.window_end,
        quantity=draft.quantity,
        pack_quantity=draft.pack_quantity,
        ship_at=draft.ship_at,
        requirement_id=draft.requirement_id,
        run_id=draft.run_id,
        item_code=draft.item.code,
        item_name=draft.item.name,
        unit_code=draft.item.unit.code,
        dock_name=draft.dock.name or draft.dock.code,
        area_name=draft.area.name or draft.area.code,
        supplier_part=supplier_part,
    )


def calloff_emergency(
    *,
    actor: Any,
    item: Item,
    area: Location,
    supplier: Supplier,
    dock: Location,
    window_start: datetime,
    window_end: datetime,
    quantity: Decimal,
    reason: str,
) -> CallOff:
    """Propose a call inside the frozen zone: a type of its own, released by a person (pull.md 23)."""
    if not quantity > 0:
        raise CallOffRefused(T("The quantity must be above zero.", "数量必须大于零。"), field="quantity")
    if not window_start < window_end:
        raise CallOffRefused(
            T("The window ends before it begins.", "时间窗结束早于开始。"), field="window_end"
        )
    rule = (
        SourcingRule.objects.filter(item=item, supplier=supplier, is_active=True).order_by("-area_id").first()
    )
    with db.atomic():
        row = calloff_built(
            CallOffDraft(
                item=item,
                area=area,
                supplier=supplier,
                dock=dock,
                window_start=window_start,
                window_end=window_end,
                quantity=quantity,
                kind=CallOff.Kind.EMERGENCY.value,
                pack_quantity=rule.pack_quantity if rule else Decimal(1),
            ),
            number_next("CO"),
            rule.supplier_part if rule else "",
        )
        row.reason = reason
        row.save(force_insert=True)
    return row


def proposals_to_release(*, run_id: UUID) -> list[CallOff]:
    """Return the proposals whose control cycle releases by itself."""
    automatic = ControlCycle.objects.filter(auto_release=True, archived_at=None).values_list(
        "item_id", "area_id"
    )
    wanted = set(automatic)
    rows = CallOff.objects.filter(state=State.DRAFT, kind=CallOff.Kind.JIT).order_by("pk")
    return [row for row in rows if (row.item_id, row.area_id) in wanted]


def zone_of(calloff: CallOff) -> ZoneInfo:
    """Return the zone of the plant a call-off delivers to."""
    return ZoneInfo(calloff.plant.zone)


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
