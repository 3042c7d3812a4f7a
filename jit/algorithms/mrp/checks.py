"""What the run refuses at its door: rows no importer should have let in (rule 19)."""

from __future__ import annotations

import numpy as np

from jit.algorithms.mrp.model import Mode, PlanInput
from jit.algorithms.mrp.table import Table

#: No lead time is longer (1,900 years): the kernel keeps it in 32 bits.
LONGEST = 1_000_000_000


def refuse(table: Table, bad: np.ndarray, why: str) -> None:
    """Raise a ValueError naming the first bad row's key."""
    rows = np.flatnonzero(bad)
    if len(rows):
        raise ValueError(f"{type(table).__name__} {table.columns()['key'][rows[0]]!r}: {why}")


def check(data: PlanInput) -> None:
    """Refuse impossible master data and movements.

    Raises: ValueError that names the table, the business key and the rule broken.
    """
    n, d, s = data.nodes, data.demands, data.sources
    if data.horizon <= data.as_of:
        raise ValueError(f"the horizon {data.horizon} is not after as_of {data.as_of}")
    refuse(n, n.yield_ <= 0, "yield must be > 0")
    for name in ("foq", "min_lot", "multiple", "max_lot", "step", "safety", "run_min", "container"):
        refuse(n, n.columns()[name] < 0, f"{name} must be >= 0")
    for name in ("lead_min", "handling_min", "resched_min", "store_lead_min", "cover_min", "frozen_min"):
        refuse(n, n.columns()[name] < 0, f"{name} must be >= 0")
    refuse(n, n.lead_min > LONGEST, f"the lead time must be <= {LONGEST} minutes")
    refuse(n, n.window_min <= 0, "the planning window must be > 0")
    refuse(n, (n.mode < 0) | (n.mode > max(Mode)), "unknown mode")
    refuse(n, (n.mode == Mode.TRANSFER) & (n.store < 0), "a TRANSFER node needs a store")
    refuse(data.lines, data.lines.scrap >= 1, "scrap must be < 1")
    refuse(data.lines, data.lines.scrap < 0, "scrap must be >= 0")
    refuse(data.lines, (data.lines.qty_per < 0) | (data.lines.fixed < 0), "quantities must be >= 0")
    refuse(data.revisions, data.revisions.valid_to <= data.revisions.valid_from, "valid for no time")
    refuse(d, d.qty <= 0, "a demand must be > 0")
    refuse(data.works, data.works.qty <= 0, "the quantity must be > 0")
    refuse(data.works, data.works.until < data.works.start, "ends before it starts")
    refuse(data.lots, data.lots.qty < 0, "stock must be >= 0")
    refuse(data.receipts, data.receipts.qty < 0, "the quantity must be >= 0")
    refuse(data.reservations, data.reservations.qty < 0, "the quantity must be >= 0")
    refuse(s, s.quota <= 0, "the quota must be > 0")
    for name in ("used", "pack", "min_qty", "max_qty", "transit_min", "prep_min", "delay_min"):
        refuse(s, s.columns()[name] < 0, f"{name} must be >= 0")
    refuse(s, s.prep_min > LONGEST, f"the preparation must be <= {LONGEST} minutes")
    refuse(data.calls, (data.calls.qty < 0) | (data.calls.packed > data.calls.qty), "packed <= quantity")
    order = np.lexsort((data.revisions.valid_from, data.revisions.node))
    node, since, until = (data.revisions.columns()[c][order] for c in ("node", "valid_from", "valid_to"))
    overlap = np.zeros(len(order), np.bool_)
    overlap[order[1:]] = (node[1:] == node[:-1]) & (since[1:] < until[:-1])
    refuse(data.revisions, overlap, "overlaps another revision of the same item")
