"""Writing stock: postings, reversals, transfers, counts, lots, variances; all through `move_post`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.journal.services import event_publish, event_publish_if
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, Plant
from jit.stock.events import StockPosted, VarianceOpened
from jit.stock.models import Balance, Lot, Posting, Reservation, StockMove, Variance

EVENT_NAMES = 200
POST = (
    "stock_post(%s, %s, %s, %s, %s, %s, %s, %s, "
    "%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::numeric[])"
)
POSTED, REVERSED = "posted", "reversed"
ALREADY_REVERSED = T("This posting has been reversed already.", "该凭证已冲销。")


class StockShort(MesError):
    """There is less free stock than asked for."""

    code = "stock.short"
    status = 409


class PostingUnbalanced(MesError):
    """The lines of a posting do not add up to zero per item."""

    code = "stock.posting.unbalanced"


class AlreadyReversed(Conflict):
    """A posting is reversed at most once (I5)."""

    code = "stock.posting.reversed"


class QuantityRefused(MesError):
    """A quantity that is not above zero, or finer than a millionth."""

    code = "stock.quantity"


@dataclass(frozen=True)
class Line:
    """One signed line of a posting: + where stock arrives, - where it leaves; in the item's stock unit."""

    item_id: UUID
    location_id: UUID
    quantity: Decimal
    lot_id: UUID | None = None
    owner_id: UUID | None = None


def pair(
    *,
    item_id: UUID,
    from_id: UUID,
    to_id: UUID,
    quantity: Decimal,
    lot_id: UUID | None = None,
    owner_id: UUID | None = None,
) -> tuple[Line, Line]:
    """Return the two lines that carry a quantity from one place to another."""
    return (
        Line(item_id, from_id, -quantity, lot_id, owner_id),
        Line(item_id, to_id, quantity, lot_id, owner_id),
    )


def _columns(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the lines as five arrays in PostgreSQL's notation, which is cheaper than psycopg's way there.

    Raises: QuantityRefused for more than six decimals.
    """
    for line in lines:
        if not line.quantity.is_finite() or line.quantity != round(line.quantity, 6):
            raise QuantityRefused(
                T("Quantities have at most six decimals.", "数量最多六位小数。"), field="quantity"
            )
    return (
        _array([line.item_id for line in lines]),
        _array([line.location_id for line in lines]),
        _array([line.lot_id for line in lines]),
        _array([line.owner_id for line in lines]),
        _array([line.quantity for line in lines]),
    )


def _array(values: Sequence[UUID | Decimal | None]) -> str:
    """Write an array literal; identities and numbers need no quotes."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def move_post(
    *,
    actor: Any,
    kind: Posting.Kind,
    lines: Sequence[Line],
    posting_id: UUID | None = None,
    occurred_at: datetime | None = None,
    document: str = "",
    document_id: UUID | None = None,
    reason: str = "",
    reverses_id: UUID | None = None,
) -> tuple[UUID, bool]:
    """Post balanced lines; publishes `StockPosted`. Returns (posting id, False if that id was posted before).

    Args:
        lines: sum to zero per item; see `Line`.
        posting_id: chosen by the caller to make a repeat harmless; default a new one.
        occurred_at: aware; a late fact posts now with its old time (default now).

    Raises:
        StockShort: a place that may not go negative holds too little free stock; nothing is posted.
        PostingUnbalanced: the lines of an item do not sum to zero.
        AlreadyReversed: `reverses_id` has been reversed by another posting.
    """
    identity = posting_id or new_id()
    # One statement: without a transaction around it, balances are locked for no round trip at all; and inside
    # one, a refusal leaves the transaction whole without a savepoint.
    answer = event_publish_if(
        POST,
        [
            identity,
            kind.value,
            occurred_at or clock.now(),
            document,
            document_id,
            reason,
            actor.name,
            reverses_id,
            *_columns(lines),
        ],
        answer=POSTED,
        event=StockPosted(
            record_id=identity,
            kind=kind.value,
            document=document,
            items=tuple(sorted({str(line.item_id) for line in lines})[:EVENT_NAMES]),
            locations=tuple(sorted({str(line.location_id) for line in lines})[:EVENT_NAMES]),
        ),
        actor=actor,
    )
    if answer == REVERSED:
        raise AlreadyReversed(ALREADY_REVERSED)
    if answer.startswith("{"):
        raise _refusal(json.loads(answer))
    return identity, answer == POSTED


def _refusal(found: dict[str, Any]) -> MesError:
    """Turn what the database function answered into an error a person can act on."""
    if found.pop("refused") == "short":
        return StockShort(
            T(
                "Only %(free)s are free at this place, %(wanted)s are needed.",
                "该库位仅可用 %(free)s，需要 %(wanted)s。",
                free=plain(Decimal(found["free"])),
                wanted=plain(Decimal(found["wanted"])),
            ),
            field="quantity",
            params=found,
        )
    return PostingUnbalanced(
        T("The lines of an item must add up to zero.", "同一物料各行之和必须为零。"), params=found
    )


def plain(quantity: Decimal) -> str:
    """Write a quantity without trailing zeros or an exponent."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def posting_reverse(*, actor: Any, posting: Posting, reason: str) -> UUID:
    """Post the opposite of a posting, into the same lots; at most once.

    Raises: AlreadyReversed; StockShort when what it brought has left meanwhile.
    """
    with db.atomic():
        # app_rw may lock no posting: the unique `reverses_id` decides who is first.
        if Posting.objects.filter(reverses_id=posting.pk).exists():
            raise AlreadyReversed(ALREADY_REVERSED)
        lines = [
            Line(move.item_id, move.location_id, -move.quantity, move.lot_id, move.owner_id)
            for move in StockMove.objects.filter(posting_id=posting.pk).order_by("line_no")
        ]
        identity, _ = move_post(
            actor=actor,
            kind=Posting.Kind.REVERSAL,
            lines=lines,
            document=posting.document,
            document_id=posting.document_id,
            reason=reason,
            reverses_id=posting.pk,
        )
    return identity


def virtual_location(*, plant: Plant, kind: Location.Kind) -> Location:
    """Return the plant's other side of a posting (supplier, production, scrap …), made on first use."""
    found = Location.objects.filter(plant=plant, kind=kind.value, archived_at=None).order_by("code").first()
    if found is None:
        found, _ = Location.objects.get_or_create(
            code=f"{plant.code}-{kind.value}",
            defaults={"plant": plant, "kind": kind.value, "name": str(kind.label), "allow_negative": True},
        )
    return found


def lot_named(
    *, item: Item, code: str, supplier_id: UUID | None = None, expires_at: datetime | None = None
) -> Lot | None:
    """Return the item's lot of that code, made on first sight; None for an empty code."""
    if not code:
        return None
    lot, _ = Lot.objects.get_or_create(
        item=item, code=code, defaults={"supplier_id": supplier_id, "expires_at": expires_at}
    )
    return lot


def stock_transfer(
    *,
    actor: Any,
    item: Item,
    from_location: Location,
    to_location: Location,
    quantity: Decimal,
    lot: Lot | None = None,
    document: str = "",
    posting_id: UUID | None = None,
) -> UUID:
    """Carry stock from one place to another. Raises: QuantityRefused, StockShort."""
    _positive(quantity)
    identity, _ = move_post(
        actor=actor,
        kind=Posting.Kind.TRANSFER,
        document=document,
        posting_id=posting_id,
        lines=pair(
            item_id=item.pk,
            from_id=from_location.pk,
            to_id=to_location.pk,
            quantity=quantity,
            lot_id=lot.pk if lot else None,
        ),
    )
    return identity


def stock_count(
    *,
    actor: Any,
    item: Item,
    location: Location,
    counted: Decimal,
    lot: Lot | None = None,
    reason: str = "",
    kind: Posting.Kind = Posting.Kind.ADJUSTMENT,
) -> UUID | None:
    """Set what is at a place to what was counted, as an adjustment; None when the books were right."""
    if counted < 0:
        raise QuantityRefused(T("A count is zero or more.", "盘点数量不能为负。"), field="counted")
    with db.atomic():
        held = (
            Balance.objects.filter(item=item, location=location, lot=lot, owner=None)
            .values_list("quantity", flat=True)
            .first()
        ) or Decimal(0)
        if counted == held:
            return None
        other = virtual_location(plant=location.plant, kind=Location.Kind.ADJUSTMENT)
        identity, _ = move_post(
            actor=actor,
            kind=kind,
            reason=reason,
            lines=pair(
                item_id=item.pk,
                from_id=other.pk,
                to_id=location.pk,
                quantity=counted - held,
                lot_id=lot.pk if lot else None,
            ),
        )
    return identity


def stock_reserve(
    *,
    item: Item,
    location: Location,
    quantity: Decimal,
    document: str,
    document_id: UUID | None = None,
    lot: Lot | None = None,
) -> Reservation:
    """Put a hard claim on stock. Raises: StockShort when less is free."""
    _positive(quantity)
    with db.atomic():
        if not _reserved(item.pk, location.pk, lot, quantity):
            raise StockShort(
                T("Not enough free stock to reserve.", "可用库存不足，无法预留。"), field="quantity"
            )
        return Reservation.objects.create(
            item=item,
            location=location,
            lot=lot,
            quantity=quantity,
            document=document,
            document_id=document_id,
        )


def stock_release(*, reservation: Reservation) -> None:
    """Give a claim up."""
    with db.atomic():
        held = Reservation.objects.select_for_update(of=("self",)).filter(pk=reservation.pk).first()
        if held is None:
            return
        _reserved(held.item_id, held.location_id, held.lot, -held.quantity)
        held.delete()


def _reserved(item_id: UUID, location_id: UUID, lot: Lot | None, delta: Decimal) -> bool:
    with db.connection().cursor() as cursor:
        cursor.execute(
            "SELECT stock_reserve(%s, %s, %s, %s)", [item_id, location_id, lot.pk if lot else None, delta]
        )
        return bool(cursor.fetchone()[0])


def _positive(quantity: Decimal) -> None:
    if not quantity > 0:
        raise QuantityRefused(T("The quantity must be above zero.", "数量必须大于零。"), field="quantity")


def variance_open(
    *,
    actor: Any,
    item_id: UUID,
    location_id: UUID,
    quantity: Decimal,
    document: str,
    document_id: UUID | None,
) -> Variance:
    """Put into the variance queue what the books did not hold; publishes `VarianceOpened`."""
    row = Variance.objects.create(
        item_id=item_id,
        location_id=location_id,
        quantity=quantity,
        document=document,
        document_id=document_id,
        occurred_at=clock.now(),
    )
    event_publish(
        VarianceOpened(
            record_id=row.pk, item=str(item_id), location=str(location_id), quantity=plain(quantity)
        ),
        actor=actor,
    )
    return row


def variance_resolve(*, actor: Any, variance: Variance, counted: Decimal, resolution: str) -> Variance:
    """Close an open variance with a count of what is really there.

    Raises: Conflict when it was settled meanwhile.
    """
    with db.atomic():
        row = Variance.objects.select_for_update(of=("self",)).get(pk=variance.pk)
        if row.state != Variance.State.OPEN:
            raise Conflict(T("This variance has been settled already.", "该差异已处理。"))
        row.posting_id = stock_count(
            actor=actor, item=row.item, location=row.location, counted=counted, reason=resolution
        )
        row.state = Variance.State.RESOLVED
        row.resolution = resolution
        row.resolved_at = clock.now()
        row.save(update_fields=["state", "resolution", "resolved_at", "posting"])
    return row
