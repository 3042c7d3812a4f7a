"""Planned orders keep their numbers: the new plan is matched with the last one (rule 25)."""

from __future__ import annotations

import numpy as np

from jit.algorithms.compiled import compiled
from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.result import Change, OrderKind
from jit.algorithms.mrp.shapes import TINY

DOCUMENTS = (OrderKind.MAKE, OrderKind.BUY, OrderKind.TRANSFER)


@compiled
def _pair(o_node, o_source, o_need, o_qty, p_node, p_source, p_need, p_qty, window):
    """Match orders with proposals, both sorted by (node, source, need, qty); returns the proposal of each
    order.

    Equal (need, qty) first; then in time order, where the needs are at most one planning window apart.
    """
    match = np.full(len(o_node), -1, np.int64)
    taken = np.zeros(len(p_node), np.bool_)
    for second in (False, True):
        i, j = 0, 0
        while i < len(o_node) and j < len(p_node):
            if match[i] >= 0:
                i += 1
                continue
            if taken[j]:
                j += 1
                continue
            side = p_node[j] - o_node[i]
            if side == 0:
                side = p_source[j] - o_source[i]
            if side == 0:
                apart = p_need[j] - o_need[i]
                if second:
                    side = 0 if abs(apart) <= window[o_node[i]] else apart
                else:
                    side = apart
                    if side == 0 and abs(p_qty[j] - o_qty[i]) > TINY:
                        side = 1 if p_qty[j] > o_qty[i] else -1
            if side == 0:
                match[i] = j
                taken[j] = True
            elif side > 0:
                i += 1
            else:
                j += 1
    return match


def _sorted(node: np.ndarray, source: np.ndarray, need: np.ndarray, qty: np.ndarray) -> np.ndarray:
    """Return the rows by (node, source, need, qty), like `lexsort`; rows that nearly stand so cost little."""
    low = int(need.min()) if len(need) else 0
    span = int(need.max()) - low + 1 if len(need) else 1
    width = int(source.max(initial=0)) + 2
    if (int(node.max(initial=0)) + 1) * width * span >= 1 << 62:
        return np.lexsort((qty, need, source, node))
    key = (node.astype("i8") * width + source + 1) * span + (need - low)
    rows = np.argsort(key, kind="stable")
    key = key[rows]
    same = np.concatenate(([False], key[1:] == key[:-1]))
    tied = np.flatnonzero(same | np.append(same[1:], False))
    rows[tied] = rows[tied][np.lexsort((qty[rows[tied]], key[tied]))]
    return rows


def match_orders(data: PlanInput, orders: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (match, change, cancelled) of the planned orders against `data.proposals`.

    match: shape (orders,), row of Proposals or -1. change: Change per order. cancelled: rows nobody took
    over.
    """
    p, size = data.proposals, len(orders["node"])
    match = np.full(size, -1, np.int32)
    change = np.full(size, Change.SAME, np.int8)
    rows = np.flatnonzero(np.isin(orders["kind"], DOCUMENTS))
    change[rows] = Change.NEW
    if not len(p):
        return match, change, np.empty(0, np.int32)
    rows = rows[_sorted(*(orders[c][rows] for c in ("node", "source", "need", "qty")))]
    theirs = _sorted(p.node, p.source, p.need, p.qty)
    found = _pair(
        *(orders[c][rows].astype(t) for c, t in (("node", "i8"), ("source", "i8"), ("need", "i8"),
        ("qty", "f8"))),
        *(p.columns()[c][theirs].astype(t) for c, t in (("node", "i8"), ("source", "i8"))),
        p.need[theirs], p.qty[theirs], data.nodes.window_min,
    )  # fmt: skip
    hit = found >= 0
    mine, old = rows[hit], theirs[found[hit]]
    match[mine] = old
    same = (orders["need"][mine] == p.need[old]) & (np.abs(orders["qty"][mine] - p.qty[old]) <= TINY)
    change[mine] = np.where(same, Change.SAME, Change.CHANGED)
    left = np.ones(len(p), np.bool_)
    left[old] = False
    return match, change, np.flatnonzero(left).astype(np.int32)
