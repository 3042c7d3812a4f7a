"""Proposals of a run by the thousand: a few statements for all of them, never one for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from forms_engine.base import db
from forms_engine.base.aside import Aside
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id_texts

#: What the supplier may read is copied from the master data here, as `call_off.calloff_built` does.
INSERT = """
INSERT INTO supply_calloff (
    id, created_at, updated_at, version, number, revision, kind, state, held_from, plant_id, item_id,
    area_id, dock_id, supplier_id, window_start, window_end, quantity, pack_quantity, ship_at,
    packed_quantity, shipped_quantity, received_quantity, reason, run_id, item_code, item_name, unit_code,
    unit_decimals, dock_name, area_name, supplier_part)
SELECT v.id, %s, %s, 1, v.number, 1, 'JIT', 'DRAFT', '', d.plant_id, i.id,
       a.id, d.id, v.supplier, v.begin, v.ends, v.quantity, v.pack, v.ship,
       0, 0, 0, '', %s, i.code, i.name, u.code,
       u.decimals, coalesce(nullif(d.name, ''), d.code), coalesce(nullif(a.name, ''), a.code), ''
FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[],
            %s::timestamptz[], %s::numeric[], %s::numeric[], %s::timestamptz[])
     AS v(id, number, item, area, dock, supplier, begin, ends, quantity, pack, ship)
JOIN catalog_item i ON i.id = v.item
JOIN catalog_unit u ON u.id = i.unit_id
JOIN catalog_location a ON a.id = v.area
JOIN catalog_location d ON d.id = v.dock
"""
CHANGE = """
UPDATE supply_calloff c
SET quantity = v.quantity, state = CASE WHEN v.quantity = 0 THEN 'CANCELLED' ELSE c.state END
FROM unnest(%s::uuid[], %s::numeric[]) AS v(id, quantity)
WHERE c.id = v.id AND c.state = 'DRAFT'
"""


@dataclass(frozen=True)
class Proposal:
    """One new call-off of a run; ids as text, quantities as exact text in stock units."""

    item: str
    area: str
    dock: str
    supplier: str
    window_start: datetime
    window_end: datetime
    quantity: str
    pack_quantity: str
    ship_at: datetime


def proposals_make(
    *, run_id: UUID, proposals: Sequence[Proposal], numbers: Sequence[str], writer: Aside
) -> None:
    """Insert proposals under numbers of `numbers_next`."""
    if not proposals:
        return
    now = clock.now()
    columns = [
        [getattr(row, name) for row in proposals]
        for name in (
            "item",
            "area",
            "dock",
            "supplier",
            "window_start",
            "window_end",
            "quantity",
            "pack_quantity",
            "ship_at",
        )
    ]
    writer.execute(INSERT, [now, now, run_id, new_id_texts(len(proposals)), list(numbers), *columns])


def proposals_change(*, quantities: dict[str, str]) -> int:
    """Change proposals nobody was told of: {id: quantity}; 0 withdraws one. Returns how many rows."""
    if not quantities:
        return 0
    with db.connection().cursor() as cursor:
        cursor.execute(CHANGE, [list(quantities), list(quantities.values())])
        return int(cursor.rowcount)
