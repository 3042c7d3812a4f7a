"""Does an item go into itself while the revisions on the way all hold? Pure (pull.md 18)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)
#: Seconds since 1970 [from, to) in which a BOM line holds.
Span = tuple[float, float]
ALWAYS: Span = (float("-inf"), float("inf"))


def span_of(since: datetime | None, until: datetime | None) -> Span:
    """Return the span of a revision; None = open end. Naive moments are UTC."""

    def seconds(moment: datetime | None, open_end: float) -> float:
        if moment is None:
            return open_end
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    return seconds(since, ALWAYS[0]), seconds(until, ALWAYS[1])


def path_within(
    children: Mapping[Node, Sequence[tuple[Node, Span]]], start: Node, goal: Node, span: Span
) -> list[Node] | None:
    """Return the nodes from start to goal, both included, over lines that hold together in `span`.

    A node is looked at again only for a span that no earlier look at it covers.
    """
    if span[0] >= span[1]:
        return None
    looked: dict[Node, list[Span]] = defaultdict(list)
    came: list[tuple[Node, int]] = [(start, -1)]
    stack: list[tuple[int, Span]] = [(0, span)]
    while stack:
        place, now = stack.pop()
        node = came[place][0]
        if node == goal:
            path: list[Node] = []
            while place >= 0:
                node, place = came[place]
                path.append(node)
            return path[::-1]
        if any(a <= now[0] and now[1] <= b for a, b in looked[node]):
            continue
        looked[node].append(now)
        for child, (since, until) in children.get(node, ()):
            inside = (max(now[0], since), min(now[1], until))
            if inside[0] < inside[1]:
                came.append((child, place))
                stack.append((len(came) - 1, inside))
    return None
