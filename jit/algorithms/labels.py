"""Small numbers for the labels of each node: which of all labels a node uses, and where they stand in it."""

from __future__ import annotations

import numpy as np

from jit.algorithms.compiled import kernel


@kernel
def _number(first, end, label, stamp, place, local, used, ends, more_first, more_end, more, more_local):
    total = 0
    for node in range(len(first)):
        begin = total
        for i in range(first[node], end[node]):
            g = label[i]
            if stamp[g] != node:
                stamp[g] = node
                place[g] = total - begin
                used[total] = g
                total += 1
            local[i] = place[g]
        for i in range(more_first[node], more_end[node]):
            g = more[i]
            if stamp[g] != node:
                stamp[g] = node
                place[g] = total - begin
                used[total] = g
                total += 1
            more_local[i] = place[g]
        ends[node] = total


def labels_by_node(
    labels: int,
    first: np.ndarray,
    end: np.ndarray,
    label: np.ndarray,
    more_first: np.ndarray,
    more_end: np.ndarray,
    more: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Number the labels of each node from 0 in the order they are met, first in `label`, then in `more`.

    Args:
        labels: how many labels there are. label, more: int64, values 0 .. labels - 1.
        first, end, more_first, more_end: int64, shape (nodes,): the rows of each node in `label` and `more`.

    Returns:
        int32 number inside its node for each row of `label` and of `more`; the labels used, node after node
        (int64); and where each node's labels end in them, shape (nodes,).
    """
    local, more_local = np.zeros(len(label), np.int32), np.zeros(len(more), np.int32)
    used, ends = np.empty(len(label) + len(more), np.int64), np.empty(len(first), np.int64)
    stamp, place = np.full(labels, -1, np.int64), np.zeros(labels, np.int32)
    as_i8 = [np.ascontiguousarray(a, np.int64) for a in (first, end, label, more_first, more_end, more)]
    _number(*as_i8[:3], stamp, place, local, used, ends, *as_i8[3:], more_local)
    return local, more_local, used[: int(ends[-1]) if len(ends) else 0], ends
