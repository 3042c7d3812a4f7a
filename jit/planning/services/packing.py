"""The netting of every node, packed and stored by one COPY: what grids, drawers and pegs are read from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from forms_engine.base.aside import Aside
from jit.algorithms.labels import labels_by_node
from jit.algorithms.mrp.result import OrderKind, PlanResult, ReqKind
from jit.planning.models import PlannedOrder, PlanRunNode
from jit.planning.selectors.netting import END, REQUIREMENT, SUPPLY
from jit.planning.selectors.planned import mixed, places
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services.copying import heads
from jit.planning.services.forecasts import FORECAST

CALL, ORDER, RECEIPT, LOT = PlanRunNode.CALL, PlanRunNode.ORDER, PlanRunNode.RECEIPT, PlanRunNode.LOT
COLUMNS = "item_id, plant_id, area_id, opening, safety_stock, hard, requirements, supplies, labels, digest"
READ = """
SELECT string_agg(int8send(id), NULL), string_agg(substr(uuid_send(item_id), 9), NULL),
       string_agg(substr(uuid_send(plant_id), 9), NULL),
       string_agg(coalesce(substr(uuid_send(area_id), 9), int8send(0)), NULL),
       string_agg(substr(digest || decode(repeat('00', 16), 'hex'), 1, 16), NULL)
FROM planning_planrunnode
"""
#: Planned orders that bring something; works and hand-downs are receipts or nothing.
BRINGING = {
    int(OrderKind.MAKE): PlannedOrder.Kind.MAKE.value,
    int(OrderKind.BUY): PlannedOrder.Kind.BUY.value,
    int(OrderKind.TRANSFER): PlannedOrder.Kind.TRANSFER.value,
}


#: The length of a digest before it.
SIXTEEN = (16).to_bytes(4, "big")


class Words:
    """Texts, each once, by number."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def numbers(self, texts: Sequence[str]) -> np.ndarray:
        """Return the number of each text, int64."""
        known = self.known
        return np.array([known.setdefault(text, len(known)) for text in texts], "i8")


def nodes_store(*, snapshot: Snapshot, result: PlanResult, numbers: Sequence[str], writer: Aside) -> int:
    """Keep the netting of every node that has one; a row that would say the same is not touched.

    Args: numbers: the number of each call-off of the result, "" for one that was never made.
    Returns: how many rows were written.
    """
    before = writer.fetch(READ)
    found = _packed(snapshot, result, numbers)
    old_id, old, digests = _stored(before.result()[0])
    at = places(old, snapshot.node_ids[found.node])
    same = (at >= 0) & (np.array(found.digest, "S16") == _at(digests, at))
    stays = np.zeros(len(old_id), bool)
    stays[at[same]] = True
    if not stays.all():
        writer.execute("DELETE FROM planning_planrunnode WHERE id = ANY(%s)", [old_id[~stays].tolist()])
    fresh = np.flatnonzero(~same)
    if len(fresh):
        writer.copy("planning_planrunnode", COLUMNS, _parts(snapshot, found, fresh))
    return len(fresh)


class Packed(NamedTuple):
    """The nodes that have a netting; shape (n,): row of the snapshot, and what is stored of it."""

    node: np.ndarray
    opening: np.ndarray
    safety: np.ndarray
    hard: np.ndarray
    body: list[bytes]
    digest: list[bytes]


def _packed(snapshot: Snapshot, result: PlanResult, numbers: Sequence[str]) -> Packed:
    nodes, words = len(snapshot.nodes), Words()
    q = _needs(snapshot, result, words)
    first, end, at, wanted, quantity, source, kind = _supplies(snapshot, result, numbers, words, nodes)
    local, more, used, ends = labels_by_node(len(words.known), q.first, q.end, q.word, first, end, source)
    needs, comes = np.empty(len(q.due), REQUIREMENT), np.empty(len(at), SUPPLY)
    needs["at"], needs["source"], needs["quantity"], needs["priority"] = q.due, local, q.qty, q.priority
    comes["at"], comes["wanted"], comes["quantity"] = at, wanted, quantity
    comes["source"] = more * PlanRunNode.KINDS + kind
    opening = _opening(snapshot, result, nodes)
    hard = np.bincount(snapshot.input.demands.node[result.hard.demand], minlength=nodes)
    node = np.flatnonzero((q.end > q.first) | (end > first) | (opening != 0))
    head = np.empty(nodes, [("opening", ">f8"), ("safety", ">f8"), ("hard", ">i4")])
    head["opening"], head["safety"], head["hard"] = opening, snapshot.input.nodes.safety, hard
    bodies = _bodies(node, q, needs.tobytes(), first, end, comes.tobytes(), list(words.known), used, ends)
    digests = [
        hashlib.sha256(fixed + body).digest()[:16]
        for fixed, body in zip(_sliced(head[node]), bodies, strict=True)
    ]
    return Packed(node, opening[node], snapshot.input.nodes.safety[node], hard[node], bodies, digests)


def _bodies(
    node: np.ndarray,
    q: Needs,
    needs: bytes,
    first: np.ndarray,
    end: np.ndarray,
    comes: bytes,
    words: list[str],
    used: np.ndarray,
    ends: np.ndarray,
) -> list[bytes]:
    """Return the columns requirements, supplies and labels of the given nodes as COPY wants them."""
    texts = np.array([(word + END).encode() for word in words] or [b""], object)[used].tolist()
    begins = np.concatenate(([0], ends[:-1]))
    n, s = REQUIREMENT.itemsize, SUPPLY.itemsize
    spans = np.stack((q.first * n, q.end * n, first * s, end * s, begins, ends), axis=1)[node].tolist()
    made = []
    for a, b, c, d, begin, stop in spans:
        labels = b"".join(texts[begin:stop])
        made.append(
            b"".join(
                (
                    (b - a).to_bytes(4, "big"),
                    needs[a:b],
                    (d - c).to_bytes(4, "big"),
                    comes[c:d],
                    len(labels).to_bytes(4, "big"),
                    labels,
                )
            )
        )
    return made


def _stored(values: tuple[bytes | None, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return id, key and digest of every netting there is."""
    kinds = (">i8", ">u8", ">u8", ">u8", "S16")
    number, item, plant, area, digest = (
        np.frombuffer(value or b"", kind) for value, kind in zip(values, kinds, strict=True)
    )
    halves_ = (column.astype("u8") for column in (item, plant, area))
    return number.astype("i8"), mixed(*halves_), digest


def _at(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return values[rows] if len(values) else np.zeros(len(rows), values.dtype)


def _parts(snapshot: Snapshot, found: Packed, rows: np.ndarray) -> list[bytes]:
    """Return the given rows as COPY wants them."""
    items, plants, areas = (column[found.node[rows]] for column in snapshot.uuids)
    has_area, parts = snapshot.has_area[found.node[rows]], []
    for given in (True, False):
        mine = np.flatnonzero(has_area == given)
        at = rows[mine]
        fields = {
            "item": items[mine],
            "plant": plants[mine],
            "area": areas[mine] if given else None,
            "opening": found.opening[at].astype(">f8"),
            "safety": found.safety[at].astype(">f8"),
            "hard": found.hard[at].astype(">i4"),
        }
        for head, row in zip(heads(len(mine), 10, fields), at.tolist(), strict=True):
            parts += (head, found.body[row], SIXTEEN, found.digest[row])
    return parts


def _sliced(values: np.ndarray) -> list[bytes]:
    packed, width = values.tobytes(), values.dtype.itemsize
    return [packed[at : at + width] for at in range(0, len(packed), width)]


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
    q = result.requirements
    demands = words.numbers([label.split("|")[0] for label in snapshot.demands] or [""])
    parents = words.numbers(snapshot.item_codes or [""])
    lines = words.numbers(snapshot.place_codes or [""])
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
            _called(np.array(numbers, object)[calls], words),
        )
    )
    sizes = (len(lot), len(recs.row), len(mine), len(calls))
    kind = np.repeat(np.array([LOT, RECEIPT, ORDER, CALL], "i4"), sizes)
    return bounds[:-1], bounds[1:], *(column[order] for column in (at, wanted, quantity, word, kind))


def _called(numbers: np.ndarray, words: Words) -> np.ndarray:
    """Return the word of each call: nearly all are schedule lines, which have one word in common."""
    found = np.full(len(numbers), words.numbers([FORECAST])[0])
    named = np.flatnonzero(numbers != FORECAST)
    found[named] = words.numbers(numbers[named].tolist())
    return found


def _lot_word(key: str) -> str:
    """Return a lot's place and code out of its business key "item|plant|area|place|lot|owner"."""
    place, code, _ = key.rsplit("|", 3)[1:]
    return f"{place} · {code}" if code else place


def _opening(snapshot: Snapshot, result: PlanResult, nodes: int) -> np.ndarray:
    """Return the stock of each node that the plan may use: free, or reserved for a demand of the plan."""
    free, hard, node = result.lots, result.hard, snapshot.input.lots.node
    reserved = np.bincount(node[hard.lot], hard.qty, nodes) if len(hard.qty) else 0.0
    return np.bincount(free.node, free.qty, nodes) + reserved
