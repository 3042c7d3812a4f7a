"""The netting of every node, packed and stored by one COPY: what grids, drawers and pegs are read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import numpy as np

from forms_engine.base.aside import Aside
from jit.algorithms.mrp.result import OrderKind, PlanResult
from jit.algorithms.nettings import HELD, Causes, Needs, Netted, Supplies, nettings
from jit.planning.models import PlannedOrder, PlanRunNode
from jit.planning.selectors.netting import END
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


#: Bytes of a word of packed rows.
WORD = 8
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


def nodes_asked(writer: Aside) -> Future[list[tuple[Any, ...]]]:
    """Ask for what there is of the last run, early enough that `nodes_store` need not wait for it."""
    return writer.fetch(READ)


def nodes_store(
    *,
    snapshot: Snapshot,
    found: Found,
    before: Future[list[tuple[Any, ...]]],
    writer: Aside,
) -> int:
    """Keep the netting of every node that has one; a row that would say the same is not touched.

    Args: found: what `nodes_netted` gave; before: what `nodes_asked` gave.
    Returns: how many rows were written.
    """
    old_id, old, digests = _stored(before.result()[0])
    at = places(old, snapshot.node_ids[found.node])
    same = (at >= 0) & (_digests(found.all.digest)[found.node] == _at(digests, at))
    stays = np.zeros(len(old_id), bool)
    stays[at[same]] = True
    if not stays.all():
        writer.execute("DELETE FROM planning_planrunnode WHERE id = ANY(%s)", [old_id[~stays].tolist()])
    fresh = found.node[~same]
    if len(fresh):
        writer.copy("planning_planrunnode", COLUMNS, _parts(snapshot, found, fresh))
    return len(fresh)


class Found(NamedTuple):
    """All nettings with the labels they name, UTF-8; `node`: those there is anything to say of.

    `opening`, `safety`, `hard`: shape (nodes,).
    """

    all: Netted
    texts: list[bytes]
    node: np.ndarray
    opening: np.ndarray
    safety: np.ndarray
    hard: np.ndarray


def nodes_netted(*, snapshot: Snapshot, result: PlanResult, numbers: Sequence[str]) -> Found:
    """Put the netting of every node into rows; most of it lets other threads run.

    Args: numbers: the number of each call-off of the result, "" for one that was never made.
    """
    nodes, words, q = len(snapshot.nodes), Words(), result.requirements
    causes, held = _causes(snapshot, result, words), _held(snapshot, result, words)
    supplies = _supplies(snapshot, result, numbers, words, nodes)
    texts = [(word + END).encode() for word in words.known]
    opening, safety = _opening(snapshot, result, nodes), snapshot.input.nodes.safety
    made = nettings(
        held,
        Needs(q.first, q.end, q.due, q.qty, q.priority, q.kind, q.ref),
        causes,
        supplies,
        PlanRunNode.KINDS,
        texts,
        np.stack((opening, safety), axis=1).view("u8"),
    )
    hard = held.end - held.first
    said = (q.end > q.first) | (hard > 0) | (supplies.end > supplies.first) | (opening != 0)
    return Found(made, texts, np.flatnonzero(said), opening, safety, hard)


def _digests(lanes: np.ndarray) -> np.ndarray:
    """Return digests as they are stored: 16 bytes, big-endian."""
    return np.frombuffer(lanes.astype(">u8").tobytes(), "V16")


def _stored(values: tuple[bytes | None, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return id, key and digest of every netting there is."""
    kinds = (">i8", ">u8", ">u8", ">u8", "V16")
    number, item, plant, area, digest = (
        np.frombuffer(value or b"", kind) for value, kind in zip(values, kinds, strict=True)
    )
    halves_ = (column.astype("u8") for column in (item, plant, area))
    return number.astype("i8"), mixed(*halves_), digest


def _at(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return values[rows] if len(values) else np.zeros(len(rows), values.dtype)


def _parts(snapshot: Snapshot, found: Found, nodes: np.ndarray) -> list[Any]:
    """Return the nettings of the given nodes as COPY wants them."""
    has_area, parts = snapshot.has_area[nodes], []
    for given in (True, False):
        mine = nodes[has_area == given]
        items, plants, areas = (column[mine] for column in snapshot.uuids)
        fields = {
            "item": items,
            "plant": plants,
            "area": areas if given else None,
            "opening": found.opening[mine].astype(">f8"),
            "safety": found.safety[mine].astype(">f8"),
            "hard": found.hard[mine].astype(">i4"),
        }
        digests = _digests(found.all.digest[mine]).tolist()
        for head, body, digest in zip(
            heads(len(mine), 10, fields), _bodies(found, mine), digests, strict=True
        ):
            parts += (head, *body, SIXTEEN, digest)
    return parts


def _bodies(found: Found, nodes: np.ndarray) -> Iterator[tuple[Any, ...]]:
    """Yield requirements, supplies and labels of the given nodes, each with its length before it."""
    made = found.all
    needs, comes = (memoryview(words).cast("B") for words in (made.needs, made.comes))
    lengths = np.fromiter(map(len, found.texts), "i8", len(found.texts))[made.used]
    labels = memoryview(b"".join(map(found.texts.__getitem__, made.used.tolist())))
    label_ends = np.concatenate(([0], np.cumsum(lengths)))[made.used_end]
    ends = [np.concatenate(([0], end)) for end in (made.needs_end * WORD, made.comes_end * WORD, label_ends)]
    begins, stops = np.stack([end[nodes] for end in ends], 1), np.stack([end[nodes + 1] for end in ends], 1)
    sizes = (stops - begins).astype(">i4").tobytes()
    for at, ((a, c, e), (b, d, f)) in enumerate(zip(begins.tolist(), stops.tolist(), strict=True)):
        size = sizes[12 * at : 12 * at + 12]
        yield size[:4], needs[a:b], size[4:8], comes[c:d], size[8:], labels[e:f]


def _held(snapshot: Snapshot, result: PlanResult, words: Words) -> Needs:
    """Return the requirements that hard reservations settle, by node."""
    hard, given, nodes = result.hard, snapshot.input.demands, len(snapshot.nodes)
    order = np.argsort(given.node[hard.demand], kind="stable")
    demand = hard.demand[order]
    word = words.numbers([snapshot.demands[row].split("|")[0] for row in demand.tolist()])
    bounds = np.searchsorted(given.node[demand], np.arange(nodes + 1))
    kind = np.full(len(word), HELD)
    return Needs(
        bounds[:-1], bounds[1:], given.due[demand], hard.qty[order], given.priority[demand], kind, word
    )


def _causes(snapshot: Snapshot, result: PlanResult, words: Words) -> Causes:
    """Return the words of causes: demand or work order, parent item, line to feed."""
    return Causes(
        words.numbers([label.split("|")[0] for label in snapshot.demands]),
        words.numbers(snapshot.item_codes),
        words.numbers(snapshot.place_codes),
        result.orders.node.astype("i8"),
    )


def _supplies(
    snapshot: Snapshot, result: PlanResult, numbers: Sequence[str], words: Words, nodes: int
) -> Supplies:
    """Return what is there and comes, by node, in the order the run offers it."""
    c, o, recs, lots, hard = result.calls, result.orders, result.receipts, result.lots, result.hard
    calls, taken = np.flatnonzero(c.qty > 0), np.flatnonzero(lots.used > 0)
    brings = np.zeros(max(OrderKind) + 1, bool)
    brings[list(BRINGING)] = True
    mine = np.flatnonzero(brings[o.kind])
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
    return Supplies(
        bounds[:-1], bounds[1:], *(column[order] for column in (at, wanted, quantity, word, kind))
    )


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
