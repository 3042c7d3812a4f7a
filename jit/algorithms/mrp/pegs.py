"""Which supply covers which requirement: computed on reading, both ways (rules 27, 29)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from jit.algorithms.compiled import compiler_is_loaded, hot, inner, kernel
from jit.algorithms.mrp.result import Pegs, PlanResult, ReqKind, SupplyKind
from jit.algorithms.mrp.shapes import FAR, TINY

LOT, RECEIPT, ORDER, CALL, NONE, SUPPRESSED = range(6)
#: Rows of the largest node that are pegged without the compiler, where it is not loaded (about 20 ms).
SMALL = 10_000


class Book(NamedTuple):
    """The columns of a result that pegging reads; first/end columns have shape (nodes,)."""

    as_of: int
    horizon: int
    req_first: np.ndarray
    req_end: np.ndarray
    due: np.ndarray
    qty: np.ndarray
    priority: np.ndarray
    lot_first: np.ndarray
    lot_end: np.ndarray
    lot_row: np.ndarray
    lot_used: np.ndarray
    rec_first: np.ndarray
    rec_end: np.ndarray
    rec_row: np.ndarray
    rec_time: np.ndarray
    rec_wanted: np.ndarray
    rec_qty: np.ndarray
    order_first: np.ndarray
    order_end: np.ndarray
    need: np.ndarray
    avail: np.ndarray
    good: np.ndarray
    call_first: np.ndarray
    call_end: np.ndarray
    call_avail: np.ndarray
    call_qty: np.ndarray


#: Types of the columns of a `Book`.
BOOK_TYPES = (
    *("i8", "i8", "i8", "f8", "i2"),  # requirements
    *("i8", "i8", "i4", "f8"),  # lots
    *("i8", "i8", "i4", "i8", "i8", "f8"),  # receipts
    *("i8", "i8", "i8", "i8", "f8"),  # orders
    *("i8", "i8", "i8", "f8"),  # calls
)


class Room(NamedTuple):
    """Scratch for one node and the peg columns; `count` = pegs written."""

    count: np.ndarray
    order: np.ndarray
    key: np.ndarray
    kind: np.ndarray
    ref: np.ndarray
    qty: np.ndarray
    avail: np.ndarray
    p_req: np.ndarray
    p_supply: np.ndarray
    p_ref: np.ndarray
    p_qty: np.ndarray
    p_avail: np.ndarray


@hot
def _offer(room, m, meant, kind, ref, qty, avail):
    """Insert a supply by the minute it is meant for, lots before receipts before planned; returns the new
    count.
    """
    if qty <= 0.0:
        return m
    key = meant * 4 + min(kind, 2)
    i = m
    while i > 0 and room.key[i - 1] > key:
        room.key[i], room.kind[i], room.ref[i] = room.key[i - 1], room.kind[i - 1], room.ref[i - 1]
        room.qty[i], room.avail[i] = room.qty[i - 1], room.avail[i - 1]
        i -= 1
    room.key[i], room.kind[i], room.ref[i], room.qty[i], room.avail[i] = key, kind, ref, qty, avail
    return m + 1


@inner
def _supplies(book, room, node):
    """List the node's supplies in the order they are used; returns how many."""
    m = 0
    for k in range(book.lot_first[node], book.lot_end[node]):
        m = _offer(room, m, book.as_of, LOT, book.lot_row[k], book.lot_used[k], book.as_of)
    for k in range(book.rec_first[node], book.rec_end[node]):
        m = _offer(room, m, book.rec_wanted[k], RECEIPT, book.rec_row[k], book.rec_qty[k], book.rec_time[k])
    for k in range(book.order_first[node], book.order_end[node]):
        m = _offer(room, m, book.need[k], ORDER, k, book.good[k], book.avail[k])
    for k in range(book.call_first[node], book.call_end[node]):
        m = _offer(room, m, book.call_avail[k], CALL, k, book.call_qty[k], book.call_avail[k])
    return m


@hot
def _write(room, at, req, supply, ref, qty, avail):
    """Write one peg; returns the next row."""
    room.p_req[at], room.p_supply[at], room.p_ref[at] = req, supply, ref
    room.p_qty[at], room.p_avail[at] = qty, avail
    return at + 1


@hot
def _requirements(book, room, first, end):
    """List rows first..end, sorted by need, in the order they are covered: equal needs by priority, due
    date, row; returns how many.
    """
    n, before = 0, FAR
    for r in range(first, end):
        need = max(book.due[r], book.as_of)
        i = n
        if need == before:  # they come by need already
            while i > 0:
                q = room.order[i - 1]
                if max(book.due[q], book.as_of) < need or book.priority[q] < book.priority[r]:
                    break
                if book.priority[q] == book.priority[r] and book.due[q] <= book.due[r]:
                    break
                room.order[i] = q
                i -= 1
        room.order[i] = r
        n, before = n + 1, need
    return n


@kernel
def _peg_nodes(book, room, nodes):
    """Peg the given nodes first in, first out; ties go by priority, due date, document order."""
    at = room.count[0]
    for node in nodes:
        n = _requirements(book, room, book.req_first[node], book.req_end[node])
        m = _supplies(book, room, node)
        s, left = 0, room.qty[0] if m > 0 else 0.0
        for i in range(n):
            r = room.order[i]
            rest = book.qty[r]
            if book.due[r] >= book.horizon:
                at = _write(room, at, r, SUPPRESSED, -1, rest, book.due[r])
                continue
            while rest > TINY and s < m:
                take = min(rest, left)
                if take > TINY:
                    at = _write(room, at, r, room.kind[s], room.ref[s], take, room.avail[s])
                rest -= take
                left -= take
                if left <= TINY:
                    s += 1
                    left = room.qty[s] if s < m else 0.0
            if rest > TINY:
                at = _write(room, at, r, NONE, -1, rest, book.horizon)
    room.count[0] = at


def _spans(node: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return first and end row per node of a column grouped (not sorted) by node."""
    first, end = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    if len(node):
        begins = np.flatnonzero(np.concatenate(([True], node[1:] != node[:-1])))
        first[node[begins]] = begins
        end[node[begins]] = np.concatenate((begins[1:], [len(node)]))
    return first, end


def book_of(result: PlanResult) -> Book:
    """Index a result for pegging."""
    r, o, c, lots, recs = result.requirements, result.orders, result.calls, result.lots, result.receipts
    nodes = len(result.level)
    return Book(
        result.as_of, result.horizon, r.first, r.end, r.due, r.qty, r.priority,
        *_spans(lots.node, nodes), lots.row, lots.used,
        *_spans(recs.node, nodes), recs.row, recs.time, recs.wanted, recs.qty,
        o.first, o.end, o.need, o.avail, o.good, *_spans(c.node, nodes), c.avail, c.qty,
    )  # fmt: skip


def book_cast(book: Book) -> Book:
    """Give columns from elsewhere the types of `book_of`, or the kernel is compiled anew for theirs."""
    columns = zip(book[2:], BOOK_TYPES, strict=True)
    return Book(book.as_of, book.horizon, *(np.require(column, kind, "CW") for column, kind in columns))


def peg_book(book: Book, nodes: np.ndarray, warm: Pegs | None = None) -> Pegs:
    """Peg the given nodes, in that order; the arrays of `warm` are overwritten if they are large enough."""
    nodes = np.asarray(nodes, np.int64)
    reqs = book.req_end[nodes] - book.req_first[nodes]
    supplies = sum(
        end[nodes] - first[nodes]
        for first, end in (
            (book.lot_first, book.lot_end), (book.rec_first, book.rec_end),
            (book.order_first, book.order_end), (book.call_first, book.call_end),
        )
    )  # fmt: skip
    size = int(2 * reqs.sum() + supplies.sum()) + 1
    a, b = int(reqs.max(initial=0)) + 1, int(supplies.max(initial=0)) + 1
    if warm is not None and warm.req.base is not None and len(warm.req.base) >= size:
        columns = tuple(c.base for c in (warm.req, warm.supply, warm.ref, warm.qty, warm.avail))
    else:
        columns = tuple(np.empty(size, kind) for kind in ("i4", "i1", "i4", "f8", "i8"))
    room = Room(
        np.zeros(1, np.int64), np.empty(a, np.int64), np.empty(b, np.int64), np.empty(b, np.int8),
        np.empty(b, np.int64), np.empty(b), np.empty(b, np.int64), *columns,
    )  # fmt: skip
    # A screen asks for one node: by Python that is done before numba has been imported.
    small = a + b < SMALL and not compiler_is_loaded()
    (_peg_nodes.py_func if small else _peg_nodes)(book, room, nodes)
    n = int(room.count[0])
    return Pegs(room.p_req[:n], room.p_supply[:n], room.p_ref[:n], room.p_qty[:n], room.p_avail[:n])


def all_pegs(result: PlanResult, nodes: np.ndarray | None = None) -> Pegs:
    """Peg the whole plan (for hashes and proofs; a screen asks a `PegReader` for one node)."""
    return peg_book(book_of(result), np.arange(len(result.level)) if nodes is None else nodes)


class PegReader:
    """Pegs of one result, node by node, each computed once and walked both ways."""

    def __init__(self, result: PlanResult) -> None:
        self._result = result
        self._book = book_of(result)
        self._known: dict[int, Pegs] = {}

    def node(self, node: int) -> Pegs:
        """Return the pegs of one netting node."""
        if node not in self._known:
            self._known[node] = peg_book(self._book, np.array([node]))
        return self._known[node]

    def requirements_of(self, node: int, supply: SupplyKind, ref: int) -> list[tuple[int, float]]:
        """Return (requirement row, quantity) that one supply of the node covers."""
        pegs = self.node(node)
        hit = np.flatnonzero((pegs.supply == supply) & (pegs.ref == ref))
        return list(zip(pegs.req[hit].tolist(), pegs.qty[hit].tolist(), strict=True))

    def hurt(self, node: int, supply: SupplyKind, ref: int) -> Iterator[tuple[int, float]]:
        """Walk up from a supply: yield (demand row, quantity of the pegged item) it is for in the end.

        The quantity is what the first requirement takes; further up it is not converted to the parent's
        units.
        """
        r, o = self._result.requirements, self._result.orders
        seen: set[int] = set()
        todo = self.requirements_of(node, supply, ref)
        while todo:
            req, qty = todo.pop()
            if r.kind[req] == ReqKind.DEMAND:
                yield int(r.ref[req]), qty
                continue
            order = int(r.ref[req])
            if order not in seen:
                seen.add(order)
                todo += [
                    (q, qty) for q, _ in self.requirements_of(int(o.node[order]), SupplyKind.ORDER, order)
                ]
