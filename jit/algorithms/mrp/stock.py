"""Free stock: usable lots in expiry order, minus hard reservations (rule 10)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.shapes import TINY
from jit.algorithms.mrp.table import NEVER


@dataclass(frozen=True)
class FreeStock:
    """Free lots sorted by (node, last minute of use, key), and what reservations already settle.

    lot_row: row of Lots of each free lot; stock, expiring: shape (nodes,); demand_open: shape (demands,),
    what is left to cover; hard: (demand row, lot row, quantity) of every reservation that covers a demand
    of the plan.
    """

    lot_qty: np.ndarray
    lot_until: np.ndarray
    lot_row: np.ndarray
    stock: np.ndarray
    expiring: np.ndarray
    demand_open: np.ndarray
    hard: tuple[tuple[int, int, float], ...]


def last_use(data: PlanInput) -> np.ndarray:
    """Return the last minute each lot may be used: before its expiry, with the node's remaining life
    (G10).
    """
    lots = data.lots
    rest = np.maximum(data.nodes.min_life_min[lots.node], 1)
    return np.where(lots.expiry >= NEVER, NEVER, lots.expiry - rest)


def free_stock(data: PlanInput) -> FreeStock:
    """Take the hard reservations out of the usable lots, and their demand out of the open demand."""
    lots, count = data.lots, len(data.nodes)
    until = last_use(data)
    rows = np.flatnonzero(lots.usable & (until >= data.as_of) & (lots.qty > TINY))
    rows = rows[np.lexsort((rows, until[rows], lots.node[rows]))]
    qty, demand = lots.qty.copy(), data.demands.qty.copy()
    ptr = np.searchsorted(lots.node[rows], np.arange(count + 1)).astype(np.int64)
    hard: list[tuple[int, int, float]] = []
    r = data.reservations
    free_rows = set(rows.tolist()) if len(r) else set()
    for i in range(len(r)):
        node, wanted, covers = int(r.node[i]), float(r.qty[i]), int(r.demand[i])
        if covers >= 0:
            wanted = min(wanted, float(demand[covers]))
        named = [int(r.lot[i])] if r.lot[i] >= 0 else rows[ptr[node] : ptr[node + 1]].tolist()
        for lot in named:
            got = min(wanted, float(qty[lot])) if lot in free_rows else 0.0
            if got <= TINY:
                continue
            qty[lot] -= got
            wanted -= got
            if covers >= 0:
                demand[covers] -= got
                hard.append((covers, lot, got))
    rows = rows[qty[rows] > TINY]
    stock = np.bincount(lots.node[rows], weights=qty[rows], minlength=count).astype(np.float64)
    expiring = np.zeros(count, np.bool_)
    expiring[lots.node[rows][until[rows] < NEVER]] = True
    return FreeStock(qty[rows], until[rows], rows.astype(np.int64), stock, expiring, demand, tuple(hard))
