"""Where the nodes of a drawing stand on paper: as drawn, else in layers from the start down."""

from __future__ import annotations

from dataclasses import dataclass

from forms_engine.workflows.engine.graph import Graph

NODE_WIDTH, NODE_HEIGHT = 168, 52
GAP_X, GAP_Y, MARGIN = 44, 44, 24


@dataclass(frozen=True)
class Layout:
    """Upper left corners of the node boxes, and the size of the whole, in px."""

    places: dict[str, tuple[int, int]]
    width: int
    height: int


def layout_of(graph: Graph) -> Layout:
    """Return where every node stands. A drawing in which every node has a place keeps it."""
    if all(node.at is not None for node in graph.nodes):
        places = {node.id: node.at for node in graph.nodes if node.at is not None}
    else:
        places = _layered(graph)
    width = max(x for x, _ in places.values()) + NODE_WIDTH + MARGIN
    height = max(y for _, y in places.values()) + NODE_HEIGHT + MARGIN
    return Layout(places, width, height)


def _layered(graph: Graph) -> dict[str, tuple[int, int]]:
    depth = _depths(graph)
    layers: dict[int, list[str]] = {}
    for node in graph.nodes:
        layers.setdefault(depth.get(node.id, 0), []).append(node.id)
    widest = max(len(layer) for layer in layers.values())
    places: dict[str, tuple[int, int]] = {}
    for level in sorted(layers):
        layer = layers[level]
        left = MARGIN + (widest - len(layer)) * (NODE_WIDTH + GAP_X) // 2
        for column, node_id in enumerate(layer):
            places[node_id] = (left + column * (NODE_WIDTH + GAP_X), MARGIN + level * (NODE_HEIGHT + GAP_Y))
    return places


def _depths(graph: Graph) -> dict[str, int]:
    """Return the longest way from the start to each node, ways that lead back not counted."""
    order, coming_back = _finish_order(graph)
    depth = {graph.start.id: 0}
    for node_id in order:
        for port, target in graph.node(node_id).next.items():
            if (node_id, port) not in coming_back and target in graph.by_id:
                depth[target] = max(depth.get(target, 0), depth.get(node_id, 0) + 1)
    return depth


def _finish_order(graph: Graph) -> tuple[list[str], set[tuple[str, str]]]:
    """Return the nodes in topological order, and the ways (node, port) that lead back into a circle."""
    finished: list[str] = []
    coming_back: set[tuple[str, str]] = set()
    seen: set[str] = set()
    open_now: set[str] = set()
    stack: list[tuple[str, bool]] = [(graph.start.id, True)]
    while stack:
        node_id, is_coming = stack.pop()
        if not is_coming:
            open_now.discard(node_id)
            finished.append(node_id)
            continue
        if node_id in seen:
            continue
        seen.add(node_id)
        open_now.add(node_id)
        stack.append((node_id, False))
        for port, target in graph.node(node_id).next.items():
            if target in open_now:
                coming_back.add((node_id, port))
            elif target in graph.by_id and target not in seen:
                stack.append((target, True))
    return finished[::-1], coming_back
