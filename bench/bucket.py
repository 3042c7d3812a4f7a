"""The bare bucket kernel: the same plant by days or hours, no time of day, no source, no peg. Our
yardstick.
"""

from __future__ import annotations

import numpy as np

from bench.plants import DAY, Shape
from jit.algorithms.compiled import compiled


@compiled
def bucket_plan(ptr, parent, per, lead, low, multiple, rate, safety, stock, firm, release):
    """Fill release[item, bucket] level by level (items are sorted by level); returns the number of orders."""
    orders = 0
    items, buckets = release.shape
    gross = np.empty(buckets)
    for i in range(items):
        for b in range(buckets):
            gross[b] = firm[i, b]
        for k in range(ptr[i], ptr[i + 1]):
            p, q = parent[k], per[k]
            for b in range(buckets):
                gross[b] += q * release[p, b]
        have = stock[i]
        for b in range(buckets):
            release[i, b] = 0.0
        for b in range(buckets):
            have -= gross[b]
            if have < safety[i]:
                lot = max((safety[i] - have) / rate[i], low[i])
                if multiple[i] > 0:
                    lot = np.ceil(lot / multiple[i] - 1e-9) * multiple[i]
                release[i, max(0, b - lead[i])] += lot
                have += lot * rate[i]
                orders += 1
    return orders


def bucket_input(shape: Shape, minutes: int) -> tuple[np.ndarray, ...]:
    """Lay a shape out for `bucket_plan`, one bucket every `minutes`."""
    buckets = shape.days * DAY // minutes
    order = np.argsort(shape.component, kind="stable")
    ptr = np.searchsorted(shape.component[order], np.arange(shape.items + 1))
    firm = np.zeros((shape.items, buckets))
    np.add.at(firm, (shape.demand_item, shape.demand_minute // minutes), shape.demand_qty)
    at = np.minimum(shape.receipt_day * DAY // minutes, buckets - 1)
    np.add.at(firm, (shape.receipt_item, at), -shape.receipt_qty)
    return (
        ptr, shape.parent[order], shape.per[order], shape.lead_days * DAY // minutes, shape.low,
        shape.multiple, shape.yield_, shape.safety, shape.stock, firm, np.zeros((shape.items, buckets)),
    )  # fmt: skip
