"""Low-level codes over netting nodes, transfers included, and the cycles that stand in the way (rules 10,
18).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jit.algorithms.compiled import compiled


@dataclass(frozen=True)
class Levels:
    """level: shape (nodes,), 0 = nobody draws from it, -1 = in a cycle; sequence: the others, parents
    first.
    """

    level: np.ndarray
    sequence: np.ndarray
    cycles: tuple[tuple[int, ...], ...]


@compiled
def _kahn(count, head, tail, blocked):
    """Return the level of every vertex: longest path from a root; -1 = not reached because of a cycle."""
    degree = np.zeros(count, np.int64)
    ptr = np.zeros(count + 1, np.int64)
    for a in range(len(head)):
        if not blocked[head[a]] and not blocked[tail[a]]:
            degree[tail[a]] += 1
            ptr[head[a] + 1] += 1
    for v in range(count):
        ptr[v + 1] += ptr[v]
    out, fill = np.empty(ptr[count], np.int64), ptr[:-1].copy()
    for a in range(len(head)):
        if not blocked[head[a]] and not blocked[tail[a]]:
            out[fill[head[a]]] = tail[a]
            fill[head[a]] += 1
    level = np.full(count, -1, np.int64)
    queue = np.empty(count, np.int64)
    n = 0
    deep = np.zeros(count, np.int64)
    for v in range(count):
        if degree[v] == 0 and not blocked[v]:
            queue[n] = v
            n += 1
    i = 0
    while i < n:
        v = queue[i]
        i += 1
        level[v] = deep[v]
        for k in range(ptr[v], ptr[v + 1]):
            w = out[k]
            deep[w] = max(deep[w], deep[v] + 1)
            degree[w] -= 1
            if degree[w] == 0:
                queue[n] = w
                n += 1
    return level


def _components(vertices: list[int], follow: dict[int, list[int]]) -> list[list[int]]:
    """Return the strongly connected components that hold a cycle (Tarjan, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found = []
    for root in vertices:
        if root in index:
            continue
        work = [(root, iter(follow.get(root, [])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            v, rest = work[-1]
            for w in rest:
                if w not in index:
                    index[w] = low[w] = len(index)
                    stack.append(w)
                    on_stack.add(w)
                    work.append((w, iter(follow.get(w, []))))
                    break
                if w in on_stack:
                    low[v] = min(low[v], index[w])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[v])
                if low[v] == index[v]:
                    part = []
                    while not part or part[-1] != v:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    if len(part) > 1 or v in follow.get(v, []):
                        found.append(sorted(part))
    return sorted(found)


def _path(part: list[int], follow: dict[int, list[int]]) -> tuple[int, ...]:
    """Return one cycle A, B, …, A through a strongly connected component, by the lowest rows."""
    inside, walk = set(part), [part[0]]
    while True:
        step = min(w for w in follow[walk[-1]] if w in inside)
        if step in walk:
            return (*walk[walk.index(step) :], step)
        walk.append(step)


def levels_of(count: int, head: np.ndarray, tail: np.ndarray, group: np.ndarray) -> Levels:
    """Order the nodes so that whoever draws comes before what is drawn from.

    Args:
        count: nodes.
        head, tail: shape (arcs,), node `head` draws from node `tail`.
        group: shape (nodes,), nodes of one group >= 0 get one level and stand side by side (rule 11).

    Returns: levels, sequence and cycles. Nodes in a cycle get level -1; what hangs below them is still
    planned.
    """
    own = np.arange(count, dtype=np.int64)
    vertex = np.where(group >= 0, count + group.astype(np.int64), own)
    h, t = vertex[head], vertex[tail]
    blocked = np.zeros(2 * count, np.bool_)
    level = _kahn(2 * count, h, t, blocked)
    cycles: list[tuple[int, ...]] = []
    left = np.flatnonzero(level < 0)
    if len(left):
        open_ = level < 0
        arcs = open_[h] & open_[t]
        follow: dict[int, list[int]] = {}
        for a, b in zip(h[arcs].tolist(), t[arcs].tolist(), strict=True):
            follow.setdefault(a, []).append(b)
        for part in _components(left.tolist(), follow):
            blocked[part] = True
            cycles.append(tuple(v if v < count else v - count for v in _path(part, follow)))
        level = _kahn(2 * count, h, t, blocked)
    mine = np.where(blocked[vertex], -1, level[vertex])
    planned = np.flatnonzero(mine >= 0)
    sequence = planned[np.lexsort((planned, vertex[planned], mine[planned]))]
    return Levels(mine.astype(np.int32), sequence.astype(np.int64), tuple(cycles))
