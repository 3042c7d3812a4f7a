"""The netting of every node, packed and stored by one COPY: what grids, drawers and pegs are read from."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from forms_engine.base import db
from jit.algorithms.labels import labels_by_node
from jit.algorithms.mrp.result import OrderKind, PlanResult, ReqKind
from jit.planning.models import PlannedOrder, PlanRun, PlanRunNode
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services.copying import SIGNATURE, TRAILER, uuids_packed

CALL, ORDER, RECEIPT, LOT = PlanRunNode.CALL, PlanRunNode.ORDER, PlanRunNode.RECEIPT, PlanRunNode.LOT
COLUMNS = (
    "run_id, item_id, plant_id, area_id, opening, safety_stock, hard, requirement_at, requirement_quantity, "
    "requirement_source, requirement_priority, supply_at, supply_quantity, supply_source, "
    "supply_wanted, labels"
)
#: Planned orders that bring something; works and hand-downs are receipts or nothing.
BRINGING = {
    int(OrderKind.MAKE): PlannedOrder.Kind.MAKE.value,
    int(OrderKind.BUY): PlannedOrder.Kind.BUY.value,
    int(OrderKind.TRANSFER): PlannedOrder.Kind.TRANSFER.value,
}


class Words:
    """Texts, each once, by number."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def numbers(self, texts: Sequence[str]) -> np.ndarray:
        """Return the number of each text, int64."""
        known = self.known
        return np.fromiter((known.setdefault(text, len(known)) for text in texts), "i8", len(texts))


def nodes_store(*, run: PlanRun, snapshot: Snapshot, result: PlanResult, numbers: Sequence[str]) -> None:
    """Keep the netting of every node that has one; older runs' rows go.

    Args: numbers: the number of each call-off of the result, "" for one that was never made.
    """
    nodes, words = len(snapshot.nodes), Words()
    q = _needs(snapshot, result, words)
    first, end, at, wanted, quantity, source, kind = _supplies(snapshot, result, numbers, words, nodes)
    local, more, used, ends = labels_by_node(len(words.known), q.first, q.end, q.word, first, end, source)
    texts = [json.dumps(text, ensure_ascii=False) for text in words.known]
    due, need = q.due.astype("<i8").tobytes(), q.qty.astype("<f8").tobytes()
    whence, rank = local.astype("<i4").tobytes(), q.priority.astype("<i2").tobytes()
    comes, brings = at.astype("<i8").tobytes(), quantity.astype("<f8").tobytes()
    meant = wanted.astype("<i8").tobytes()
    supply = (more * PlanRunNode.KINDS + kind).astype("<i4").tobytes()
    ranked, moved = _any(q.priority != 0, q.first, q.end), _any(wanted != at, first, end)
    opening = _opening(snapshot, result, nodes)
    fixed = _fixed(run, snapshot, result, opening)
    begin, parts = 0, [SIGNATURE]
    spans = zip(q.first.tolist(), q.end.tolist(), first.tolist(), end.tolist(), ends.tolist(), strict=True)
    for node, (a, b, c, d, stop) in enumerate(spans):
        if a == b and c == d and not opening[node]:
            begin = stop
            continue
        labels = f"\x01[{','.join([texts[word] for word in used[begin:stop].tolist()])}]".encode()
        begin = stop
        parts.append(fixed[node])
        for column in (
            due[8 * a : 8 * b],
            need[8 * a : 8 * b],
            whence[4 * a : 4 * b],
            rank[2 * a : 2 * b] if ranked[node] else b"",
            comes[8 * c : 8 * d],
            brings[8 * c : 8 * d],
            supply[4 * c : 4 * d],
            meant[8 * c : 8 * d] if moved[node] else b"",
            labels,
        ):
            parts.append(len(column).to_bytes(4, "big"))
            parts.append(column)
    parts.append(TRAILER)
    with db.connection().cursor() as cursor:
        cursor.execute("DELETE FROM planning_planrunnode")
        with cursor.copy(f"COPY planning_planrunnode ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"".join(parts))


def _any(flag: np.ndarray, first: np.ndarray, end: np.ndarray) -> list[bool]:
    """Return for each node whether one of its rows is flagged."""
    upto = np.concatenate(([0], np.cumsum(flag)))
    return (upto[end] > upto[first]).tolist()


class Needs(NamedTuple):
    """Requirements by node, those that hard reservations settle before the others; `word` = their cause."""

    first: np.ndarray
    end: np.ndarray
    due: np.ndarray
    qty: np.ndarray
    priority: np.ndarray
    word: np.ndarray


def _needs(snapshot: Snapshot, result: PlanResult, words: Words) -> Needs:
    q, hard, given = result.requirements, result.hard, snapshot.input.demands
    word = _causes(snapshot, result, words)
    if not len(hard.qty):
        return Needs(q.first, q.end, q.due, q.qty, q.priority, word)
    nodes = len(q.first)
    count = q.end - q.first
    mine = np.repeat(np.arange(nodes), count)
    rows = np.arange(len(mine)) + np.repeat(q.first - (np.cumsum(count) - count), count)
    held = words.numbers([snapshot.demands[row].split("|")[0] for row in hard.demand.tolist()])
    node = np.concatenate((given.node[hard.demand], mine))
    order = np.argsort(node, kind="stable")
    bounds = np.searchsorted(node[order], np.arange(nodes + 1))
    columns = (
        np.concatenate(pair)[order]
        for pair in (
            (given.due[hard.demand], q.due[rows]),
            (hard.qty, q.qty[rows]),
            (given.priority[hard.demand], q.priority[rows]),
            (held, word[rows]),
        )
    )
    return Needs(bounds[:-1], bounds[1:], *columns)


def _causes(snapshot: Snapshot, result: PlanResult, words: Words) -> np.ndarray:
    """Return for each requirement the word of its cause: demand or work order, parent item, line to feed."""
    q, data = result.requirements, snapshot.rows
    demands = words.numbers([label.split("|")[0] for label in snapshot.demands] or [""])
    parents = words.numbers([data.items[item].code for item, _, _ in snapshot.nodes] or [""])
    lines = words.numbers(
        [data.places[area].code if area else data.plants[plant].code for _, plant, area in snapshot.nodes]
        or [""]
    )
    orders = np.append(result.orders.node, 0)
    by = orders[np.where(q.kind == ReqKind.DEMAND, len(orders) - 1, q.ref)]
    demand = demands[np.where(q.kind == ReqKind.DEMAND, q.ref, 0)]
    return np.where(
        q.kind == ReqKind.DEMAND, demand, np.where(q.kind == ReqKind.TRANSFER, lines[by], parents[by])
    )


def _supplies(
    snapshot: Snapshot, result: PlanResult, numbers: Sequence[str], words: Words, nodes: int
) -> tuple[np.ndarray, ...]:
    """Return first and end row of each node; and of every supply, by node, in the order the run offers them:
    minute it is there, minute it is meant for, quantity, word, kind.
    """
    c, o, recs, lots, hard = result.calls, result.orders, result.receipts, result.lots, result.hard
    calls, taken = np.flatnonzero(c.qty > 0), np.flatnonzero(lots.used > 0)
    mine = np.flatnonzero(np.isin(o.kind, list(BRINGING)))
    kinds = words.numbers([BRINGING.get(kind, "") for kind in range(max(BRINGING) + 1)])
    lot = np.concatenate((hard.lot, lots.row[taken]))
    node = np.concatenate((snapshot.input.lots.node[lot], recs.node, o.node[mine], c.node[calls])).astype(
        "i8"
    )
    order = np.argsort(node, kind="stable")
    bounds = np.searchsorted(node[order], np.arange(nodes + 1))
    now = np.full(len(lot), result.as_of)
    at = np.concatenate((now, recs.time, o.avail[mine], c.avail[calls]))
    wanted = np.concatenate((now, recs.wanted, o.need[mine], c.avail[calls]))
    quantity = np.concatenate((hard.qty, lots.used[taken], recs.qty, o.good[mine], c.qty[calls]))
    word = np.concatenate(
        (
            words.numbers([_lot_word(key) for key in snapshot.input.lots.key[lot].tolist()]),
            words.numbers([snapshot.receipts[row] for row in recs.row.tolist()]),
            kinds[o.kind[mine]],
            words.numbers([numbers[row] for row in calls.tolist()]),
        )
    )
    sizes = (len(lot), len(recs.row), len(mine), len(calls))
    kind = np.repeat(np.array([LOT, RECEIPT, ORDER, CALL], "i4"), sizes)
    return bounds[:-1], bounds[1:], *(column[order] for column in (at, wanted, quantity, word, kind))


def _lot_word(key: str) -> str:
    """Return a lot's place and code out of its business key "item|plant|area|place|lot|owner"."""
    place, code, _ = key.rsplit("|", 3)[1:]
    return f"{place} · {code}" if code else place


def _opening(snapshot: Snapshot, result: PlanResult, nodes: int) -> np.ndarray:
    """Return the stock of each node that the plan may use: free, or reserved for a demand of the plan."""
    free, hard, node = result.lots, result.hard, snapshot.input.lots.node
    reserved = np.bincount(node[hard.lot], hard.qty, nodes) if len(hard.qty) else 0.0
    return np.bincount(free.node, free.qty, nodes) + reserved


def _fixed(run: PlanRun, snapshot: Snapshot, result: PlanResult, opening: np.ndarray) -> list[bytes]:
    """Return the columns before the arrays, of each node, as COPY wants them."""
    items, plants, areas = (uuids_packed([key[part] for key in snapshot.nodes]) for part in range(3))
    hard = np.bincount(
        snapshot.input.demands.node[result.hard.demand], minlength=len(snapshot.nodes)
    ).tolist()
    safety = snapshot.input.nodes.safety
    with_area, bare = struct.Struct(">hi16si16si16si16sididii"), struct.Struct(">hi16si16si16siididii")
    made, key = [], run.pk.bytes
    for node, (_, _, area) in enumerate(snapshot.nodes):
        numbers = (8, opening[node], 8, safety[node], 4, hard[node])
        ids = (16, key, 16, items[node].tobytes(), 16, plants[node].tobytes())
        made.append(
            with_area.pack(16, *ids, 16, areas[node].tobytes(), *numbers)
            if area
            else bare.pack(16, *ids, -1, *numbers)
        )
    return made
