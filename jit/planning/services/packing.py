"""The netting of every node, packed and stored by one COPY: what grids, drawers and pegs are read from."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence

import numpy as np

from forms_engine.base import db
from jit.algorithms.labels import labels_by_node
from jit.algorithms.mrp.result import OrderKind, PlanResult, ReqKind
from jit.planning.models import PlannedOrder, PlanRun, PlanRunNode
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services.copying import SIGNATURE, TRAILER, uuids_packed

CALL, ORDER, RECEIPT = PlanRunNode.CALL, PlanRunNode.ORDER, PlanRunNode.RECEIPT
COLUMNS = (
    "run_id, item_id, area_id, opening, safety_stock, requirement_at, requirement_quantity, "
    "requirement_source, supply_at, supply_quantity, supply_source, labels"
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
    nodes, q = len(snapshot.nodes), result.requirements
    words = Words()
    needs = _causes(snapshot, result, words)
    first, end, at, quantity, source, kind = _supplies(snapshot, result, numbers, words, nodes)
    local, more, used, ends = labels_by_node(len(words.known), q.first, q.end, needs, first, end, source)
    texts = [json.dumps(text, ensure_ascii=False) for text in words.known]
    due, need = q.due.astype("<i8").tobytes(), q.qty.astype("<f8").tobytes()
    whence = local.astype("<i4").tobytes()
    comes, brings = at.astype("<i8").tobytes(), quantity.astype("<f8").tobytes()
    supply = (more * PlanRunNode.KINDS + kind).astype("<i4").tobytes()
    opening = _opening(snapshot, nodes)
    fixed = _fixed(run, snapshot, opening)
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
            comes[8 * c : 8 * d],
            brings[8 * c : 8 * d],
            supply[4 * c : 4 * d],
            labels,
        ):
            parts.append(len(column).to_bytes(4, "big"))
            parts.append(column)
    parts.append(TRAILER)
    with db.connection().cursor() as cursor:
        cursor.execute("DELETE FROM planning_planrunnode")
        with cursor.copy(f"COPY planning_planrunnode ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"".join(parts))


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
    """Return first and end row of each node, and minute, quantity, word and kind of every supply, by node."""
    c, o, given = result.calls, result.orders, snapshot.input.receipts
    calls = np.flatnonzero(c.qty > 0)
    mine = np.flatnonzero(np.isin(o.kind, list(BRINGING)))
    kinds = words.numbers([BRINGING.get(kind, "") for kind in range(max(BRINGING) + 1)])
    node = np.concatenate((c.node[calls], o.node[mine], given.node)).astype("i8")
    order = np.argsort(node, kind="stable")
    bounds = np.searchsorted(node[order], np.arange(nodes + 1))
    at = np.concatenate((c.avail[calls], o.avail[mine], given.due))
    quantity = np.concatenate((c.qty[calls], o.good[mine], given.qty))
    word = np.concatenate(
        (
            words.numbers([numbers[row] for row in calls.tolist()]),
            kinds[o.kind[mine]],
            words.numbers(snapshot.receipts),
        )
    )
    kind = np.repeat(np.array([CALL, ORDER, RECEIPT], "i4"), (len(calls), len(mine), len(given.due)))
    return bounds[:-1], bounds[1:], at[order], quantity[order], word[order], kind[order]


def _opening(snapshot: Snapshot, nodes: int) -> np.ndarray:
    """Return the usable stock of each node."""
    lots = snapshot.input.lots
    return np.bincount(lots.node[lots.usable], lots.qty[lots.usable], nodes)


def _fixed(run: PlanRun, snapshot: Snapshot, opening: np.ndarray) -> list[bytes]:
    """Return the columns before the arrays, of each node, as COPY wants them."""
    items = uuids_packed([item for item, _, _ in snapshot.nodes])
    safety = snapshot.input.nodes.safety
    with_area, bare = struct.Struct(">hi16si16si16sidid"), struct.Struct(">hi16si16siidid")
    made, key = [], run.pk.bytes
    for node, (_, _, area) in enumerate(snapshot.nodes):
        numbers = (8, opening[node], 8, safety[node])
        item = items[node].tobytes()
        made.append(
            with_area.pack(12, 16, key, 16, item, 16, uuids_packed([area])[0].tobytes(), *numbers)
            if area
            else bare.pack(12, 16, key, 16, item, -1, *numbers)
        )
    return made
