"""Which new parent-component pairs would put an item into itself. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from jit.catalog.bom_cycles import Span, path_within

Node = TypeVar("Node", bound=Hashable)


def edges_closing_a_cycle(
    existing: Iterable[tuple[Node, Node, Span]], new: Sequence[tuple[Node, Node, Span]]
) -> dict[int, list[Node]]:
    """Add the new (parent, child, when it holds) edges one after the other; return {place in `new`: path} of
    those refused.

    A path reads parent → child → … → parent, over edges that hold together. Refused edges are left out of
    what follows. Linear when there is no cycle: only edges inside a strongly connected part are looked at one
    by one.
    """
    known = list(existing)
    parts = _parts([(parent, child) for parent, child, _span in (*known, *new)])
    suspects = [
        place
        for place, (parent, child, _span) in enumerate(new)
        if parent == child or parts.get(parent, parent) == parts.get(child, child)
    ]
    if not suspects:
        return {}
    suspected = set(suspects)
    children: dict[Node, list[tuple[Node, Span]]] = defaultdict(list)
    for parent, child, span in known:
        children[parent].append((child, span))
    for place, (parent, child, span) in enumerate(new):
        if place not in suspected:
            children[parent].append((child, span))
    refused: dict[int, list[Node]] = {}
    for place in suspects:
        parent, child, span = new[place]
        path = path_within(children, child, parent, span)
        if path is None:
            children[parent].append((child, span))
        else:
            refused[place] = [parent, *path]
    return refused


def _parts(edges: Sequence[tuple[Node, Node]]) -> dict[Node, int]:
    """Return the strongly connected part of every node (Tarjan, without recursion)."""
    children: dict[Node, list[Node]] = defaultdict(list)
    for parent, child in edges:
        children[parent].append(child)
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    part: dict[Node, int] = {}
    open_nodes: list[Node] = []
    is_open: set[Node] = set()
    for root in list(children):
        if root in index:
            continue
        work = [(root, iter(children[root]))]
        index[root] = low[root] = len(index)
        open_nodes.append(root)
        is_open.add(root)
        while work:
            node, rest = work[-1]
            for child in rest:
                if child not in index:
                    index[child] = low[child] = len(index)
                    open_nodes.append(child)
                    is_open.add(child)
                    work.append((child, iter(children.get(child, ()))))
                    break
                if child in is_open:
                    low[node] = min(low[node], index[child])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = open_nodes.pop()
                        is_open.discard(member)
                        part[member] = index[node]
                        if member == node:
                            break
    return part
