"""Reading stock: what is free where, in which order lots are used, and whether the ledger's promises hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Q, Sum

from forms_engine.base import db
from jit.catalog.models import Item, Location
from jit.stock.models import Balance, Lot


@dataclass(frozen=True)
class LotStock:
    """Free stock of one lot at one place. `is_flagged`: passed over because it expires too soon (G10)."""

    lot_id: UUID | None
    quantity: Decimal
    expires_at: datetime | None
    is_flagged: bool = False


def stock_at(*, item_id: UUID, location_id: UUID) -> Decimal:
    """Return what is on hand of an item at a place, over all lots, own and consigned."""
    return Balance.objects.filter(item_id=item_id, location_id=location_id).aggregate(total=Sum("quantity"))[
        "total"
    ] or Decimal(0)


def stock_by_place(*, location_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], Decimal]:
    """Return {(item id, location id): on hand} for many places in one statement."""
    rows = (
        Balance.objects.filter(location_id__in=list(location_ids))
        .values_list("item_id", "location_id")
        .annotate(total=Sum("quantity"))
        .order_by()
    )
    return {(item, place): total for item, place, total in rows}


def lots_for_use(*, item: Item, location: Location, used_at: datetime) -> list[LotStock]:
    """Return free stock in the order it is to be used: first expired first out, then as received.

    A lot with less remaining life at `used_at` than the item's rule comes back flagged, at the end, and
    blocked lots not at all (domain 3.14, G10).
    """
    least = used_at + timedelta(days=item.min_remaining_days)
    rows = (
        Balance.objects.filter(item=item, location=location, quantity__gt=F("reserved"))
        .filter(Q(lot=None) | Q(lot__status=Lot.Status.AVAILABLE))
        .order_by(F("lot__expires_at").asc(nulls_last=True), F("lot__created_at").asc(nulls_first=True), "pk")
        .values_list("lot_id", F("quantity") - F("reserved"), "lot__expires_at")
    )
    found = [
        LotStock(lot, free, expires, expires is not None and expires < least) for lot, free, expires in rows
    ]
    return sorted(found, key=lambda stock: stock.is_flagged)  # stable: keeps first-expired order inside


#: Each check returns no row while the promise holds (reliability 3).
LEDGER_CHECKS: dict[str, str] = {
    "I1": """
        SELECT coalesce(b.item_id, m.item_id), coalesce(b.location_id, m.location_id), b.quantity, m.quantity
        FROM stock_balance b FULL JOIN (
            SELECT item_id, location_id, coalesce(lot_id::text, '') AS lot,
                   coalesce(owner_id::text, '') AS owner, sum(quantity) AS quantity
            FROM stock_stockmove GROUP BY 1, 2, 3, 4) m
        ON m.item_id = b.item_id AND m.location_id = b.location_id
           AND m.lot = coalesce(b.lot_id::text, '') AND m.owner = coalesce(b.owner_id::text, '')
        WHERE coalesce(b.quantity, 0) <> coalesce(m.quantity, 0)""",
    "I2": "SELECT posting_id, item_id FROM stock_stockmove GROUP BY 1, 2 HAVING sum(quantity) <> 0",
    "I3": """
        SELECT b.id FROM stock_balance b JOIN catalog_location l ON l.id = b.location_id
        WHERE NOT l.allow_negative AND (b.quantity < b.reserved OR b.reserved < 0)
           OR b.allow_negative <> l.allow_negative""",
    "I4": """
        SELECT relname FROM pg_class WHERE relname IN ('stock_stockmove', 'stock_posting')
        AND (has_table_privilege('app_rw', oid, 'UPDATE') OR has_table_privilege('app_rw', oid, 'DELETE')
             OR has_table_privilege('app_rw', oid, 'TRUNCATE')
             OR has_table_privilege('app_rw', oid, 'INSERT'))""",
    "I5": """
        SELECT p.id FROM stock_posting p
        JOIN stock_stockmove m ON m.posting_id IN (p.id, p.reverses_id)
        WHERE p.reverses_id IS NOT NULL
        GROUP BY p.id, m.item_id, m.location_id, m.lot_id, m.owner_id HAVING sum(m.quantity) <> 0""",
}


def ledger_violations() -> dict[str, int]:
    """Return {invariant: number of offending rows} for those that do not hold; empty when all is well."""
    found: dict[str, int] = {}
    with db.connection().cursor() as cursor:
        for key, statement in LEDGER_CHECKS.items():
            cursor.execute(statement)
            rows = cursor.fetchall()
            if rows:
                found[key] = len(rows)
    return found
