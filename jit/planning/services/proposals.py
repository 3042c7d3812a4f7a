"""Planned orders and schedule lines into their packs: a pack that says the same again is not touched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forms_engine.base.aside import Aside
from jit.algorithms.mrp.result import OrderFlag, OrderKind, PlanResult
from jit.planning.models import PlannedOrder
from jit.planning.selectors.planned import (
    BUY,
    FORECAST,
    MAKE,
    MILLION,
    RECORD,
    TRANSFER,
    halves,
    places,
    uuids_packed,
)
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services.copying import heads
from jit.planning.services.forecasts import forecasts_found

LETTERS = {int(OrderKind.MAKE): MAKE, int(OrderKind.BUY): BUY, int(OrderKind.TRANSFER): TRANSFER}
NAMES = {ord(kind.value[0]): kind.value.encode() for kind in PlannedOrder.Kind}
COLUMNS = "kind, is_blocked, plant_id, item_id, area_id, source_id, orders"
#: More than any letter; ids come in blocks of so many (`sql/planned_order.sql`).
LETTER, BLOCK = 128, 1 << 20
NEXT = "SELECT nextval('takt_planned_block') FROM generate_series(1, %s)"


@dataclass(frozen=True)
class Changes:
    """How many rows a run made, changed and took away."""

    new: int
    changed: int
    cancelled: int


@dataclass(frozen=True)
class Wanted:
    """What is to stand after the run, by node; shape (n,).

    `maker`: row of the sorted suppliers, -1 = none. `old`: row of the snapshot's orders that it was before,
    -1 = new. Times in minutes, quantities in stock units.
    """

    kind: np.ndarray
    node: np.ndarray
    maker: np.ndarray
    blocked: np.ndarray
    old: np.ndarray
    need: np.ndarray
    start: np.ndarray
    finish: np.ndarray
    quantity: np.ndarray
    good: np.ndarray


def proposals_store(*, snapshot: Snapshot, result: PlanResult, writer: Aside) -> tuple[Changes, Changes]:
    """Store the planned orders and the schedule lines; returns what became of each of the two."""
    makers = sorted({row.supplier for row, _ in snapshot.sources})
    rank = {maker: row for row, maker in enumerate(makers)}
    maker_of = np.array([rank[row.supplier] for row, _ in snapshot.sources] or [-1], "i8")
    orders = _orders(snapshot, result, maker_of)
    lines = Wanted(**forecasts_found(snapshot=snapshot, result=result, makers=makers, maker_of=maker_of))
    both = Wanted(
        **{name: np.concatenate((column, vars(lines)[name])) for name, column in vars(orders).items()}
    )
    records, moved = _records(snapshot, both, writer)
    _packs_store(snapshot, makers, both, records, writer)
    split, letters = len(orders.old), snapshot.proposals.kind[snapshot.proposals.pack]
    return (
        _changes(orders, moved[:split], int((letters != FORECAST).sum())),
        _changes(lines, moved[split:], int((letters == FORECAST).sum())),
    )


def _orders(snapshot: Snapshot, result: PlanResult, maker_of: np.ndarray) -> Wanted:
    """Return the planned orders of a run; hand-downs and work orders are no documents of it."""
    o = result.orders
    letters = np.zeros(max(OrderKind) + 1, "i8")
    letters[list(LETTERS)] = list(LETTERS.values())
    kind = letters[o.kind]
    rows = np.flatnonzero(kind)
    source, match = o.source[rows], o.match[rows]
    old = (
        np.where(match >= 0, snapshot.matched[match], -1) if len(snapshot.matched) else np.full(len(rows), -1)
    )
    return Wanted(
        kind=kind[rows],
        node=o.node[rows].astype("i8"),
        maker=np.where(source >= 0, maker_of[source], -1),
        blocked=(o.flags[rows] & OrderFlag.BLOCKED) != 0,
        old=old,
        need=o.need[rows],
        start=o.start[rows],
        finish=o.finish[rows],
        quantity=o.qty[rows],
        good=o.good[rows],
    )


def _records(snapshot: Snapshot, wanted: Wanted, writer: Aside) -> tuple[np.ndarray, np.ndarray]:
    """Return the records to store and, for each, whether it lives on with another quantity or time."""
    made, rows = np.empty(len(wanted.old), RECORD), np.flatnonzero(wanted.old >= 0)
    fresh = np.flatnonzero(wanted.old < 0)
    blocks = writer.fetch(NEXT, [-(-len(fresh) // BLOCK)]) if len(fresh) else None
    was = snapshot.proposals.orders.take(wanted.old[rows])  # a tenth of what indexing records costs
    for name in ("need", "start", "finish"):
        made[name] = getattr(wanted, name)
    moved = np.zeros(len(made), bool)
    for name in ("quantity", "good"):
        value = np.rint(getattr(wanted, name) * MILLION).astype("i8")
        # A last digit more or less is no other quantity.
        same = np.abs(value[rows] - was[name]) <= 1
        value[rows[same]] = was[name][same]
        made[name] = value
    for name in ("need", "start", "finish", "quantity", "good"):
        moved[rows] |= made[name][rows] != was[name]
    made["number"][rows] = was["number"]
    if blocks is not None:
        numbers = [np.arange(number * BLOCK, (number + 1) * BLOCK) for (number,) in blocks.result()]
        made["number"][fresh] = np.concatenate(numbers)[: len(fresh)]
    return made, moved


def _packs_store(
    snapshot: Snapshot, makers: list[str], wanted: Wanted, records: np.ndarray, writer: Aside
) -> None:
    """Replace the packs whose bytes differ."""
    width = (len(makers) + 1) * 2 * LETTER
    key = wanted.node * width + ((wanted.maker + 1) * 2 + wanted.blocked) * LETTER + wanted.kind
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        key, records = key[order], records.take(order)
    first = np.flatnonzero(np.concatenate((np.ones(min(len(key), 1), bool), key[1:] != key[:-1])))
    end = np.append(first[1:], len(key))[: len(first)]
    key = key[first]
    old = snapshot.proposals
    gone, stays = _compared(
        _pack_keys(snapshot, makers, width), old.count, old.orders, key, first, end, records
    )
    if gone.any():
        writer.execute("DELETE FROM planning_plannedpack WHERE id = ANY(%s)", [old.id[gone].tolist()])
    rows = np.flatnonzero(~stays)
    if len(rows):
        parts = _packs_parts(snapshot, makers, key[rows], width, first[rows], end[rows], records)
        writer.copy("planning_plannedpack", COLUMNS, parts)


def _pack_keys(snapshot: Snapshot, makers: list[str], width: int) -> np.ndarray:
    """Return the key of every pack there is; -1 = its node or its supplier is no more."""
    old = snapshot.proposals
    node, maker = snapshot.pack_nodes, places(halves(makers), old.supplier)
    maker = np.where(old.supplier == 0, -1, np.where(maker < 0, -2, maker))
    key = node * width + ((maker + 1) * 2 + old.is_blocked) * LETTER + old.kind
    return np.where((node < 0) | (maker < -1), -1, key)


def _compared(
    old_key: np.ndarray,
    count: np.ndarray,
    old: np.ndarray,
    key: np.ndarray,
    first: np.ndarray,
    end: np.ndarray,
    records: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which of the old packs must go, and which of the new ones stand already."""
    stays = np.zeros(len(key), bool)
    if not len(old_key) or not len(key):
        return np.ones(len(old_key), bool), stays
    at = np.minimum(np.searchsorted(key, old_key), len(key) - 1)
    begin = np.cumsum(count) - count
    same = (key[at] == old_key) & (end[at] - first[at] == count)
    alike = np.flatnonzero(same)
    pack = np.repeat(alike, count[alike])
    inside = np.arange(len(pack)) - np.repeat(np.cumsum(count[alike]) - count[alike], count[alike])
    # As bytes: field by field the comparison takes four times as long.
    here, there = (column.view(f"V{RECORD.itemsize}") for column in (old, records))
    differs = here.take(begin[pack] + inside) != there.take(first[at[pack]] + inside)
    same[pack[differs]] = False
    # Two packs of one key: a person put an order back. They become one.
    _, place, many = np.unique(old_key, return_inverse=True, return_counts=True)
    same &= many[place] == 1
    stays[at[same]] = True
    return ~same, stays


def _packs_parts(
    snapshot: Snapshot,
    makers: list[str],
    key: np.ndarray,
    width: int,
    first: np.ndarray,
    end: np.ndarray,
    records: np.ndarray,
) -> list[bytes]:
    """Return packs as COPY wants them."""
    node, rest = key // width, key % width
    kind, blocked, maker = rest % LETTER, (rest // LETTER) % 2, rest // (2 * LETTER) - 1
    items, plants, areas = (column[node] for column in snapshot.uuids)
    has_area, sources = snapshot.has_area[node], uuids_packed([*makers, ""])[maker]
    shape = (kind * 2 + has_area) * 2 + (maker >= 0)
    packed, parts = records.tobytes(), []
    for group in np.unique(shape).tolist():
        rows = np.flatnonzero(shape == group)
        fields = {
            "kind": NAMES[group // 4],
            "is_blocked": blocked[rows].astype("u1"),
            "plant": plants[rows],
            "item": items[rows],
            "area": areas[rows] if group & 2 else None,
            "source": sources[rows] if group & 1 else None,
        }
        a, b = first[rows] * RECORD.itemsize, end[rows] * RECORD.itemsize
        sizes = (b - a).astype(">i4").tobytes()
        for row, (head, begin, stop) in enumerate(
            zip(heads(len(rows), 7, fields), a.tolist(), b.tolist(), strict=True)
        ):
            parts += (head, sizes[4 * row : 4 * row + 4], packed[begin:stop])
    return parts


def _changes(wanted: Wanted, moved: np.ndarray, before: int) -> Changes:
    kept = int((wanted.old >= 0).sum())
    return Changes(new=len(wanted.old) - kept, changed=int(moved.sum()), cancelled=before - kept)
