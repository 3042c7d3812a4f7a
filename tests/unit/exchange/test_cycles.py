"""No item goes into itself."""

import random
from itertools import pairwise

from jit.catalog.bom_cycles import ALWAYS
from jit.exchange.cycles import edges_closing_a_cycle as closing


def edges_closing_a_cycle(existing, new):
    """Edges that always hold."""
    return closing([(*edge, ALWAYS) for edge in existing], [(*edge, ALWAYS) for edge in new])


def test_the_edge_that_closes_a_circle_is_refused_with_its_path():
    assert edges_closing_a_cycle([("A", "B")], [("B", "C"), ("C", "A"), ("C", "D")]) == {
        1: ["C", "A", "B", "C"]
    }
    assert edges_closing_a_cycle([], [("A", "A")]) == {0: ["A", "A"]}


def test_a_diamond_is_no_circle():
    assert edges_closing_a_cycle([("A", "B"), ("A", "C")], [("B", "D"), ("C", "D"), ("A", "D")]) == {}


def naive(existing, new):
    edges, refused = set(existing), set()
    for place, (parent, child) in enumerate(new):
        reached, stack = {child}, [child]
        while stack:
            node = stack.pop()
            for a, b in edges:
                if a == node and b not in reached:
                    reached.add(b)
                    stack.append(b)
        if parent in reached:
            refused.add(place)
        else:
            edges.add((parent, child))
    return refused


def test_the_rest_is_free_of_circles_and_nothing_else_is_refused():
    """The quick way keeps a circle-free graph, and refuses only where the slow way finds some circle too."""
    for seed in range(300):
        rng = random.Random(seed)
        nodes = rng.randint(2, 8)
        new = [(rng.randrange(nodes), rng.randrange(nodes)) for _ in range(rng.randint(1, 14))]
        refused = edges_closing_a_cycle([], new)
        kept = [edge for place, edge in enumerate(new) if place not in refused]
        assert naive([], kept) == set()
        assert bool(refused) == bool(naive([], new))
        for place, path in refused.items():
            edges = set(new)
            assert path[0] == path[-1] == new[place][0] and path[1] == new[place][1]
            assert all(step in edges for step in pairwise(path))


def test_a_deep_chain_does_not_exhaust_the_stack():
    chain = [(n, n + 1) for n in range(50_000)]
    assert edges_closing_a_cycle(chain, [(50_000, 0)]).keys() == {0}


def test_edges_that_never_hold_together_are_no_circle():
    """A → B until 10, B → A from 10 on: none. Until 11: one, and it is named."""
    assert closing([("A", "B", (0, 10))], [("B", "A", (10, 20))]) == {}
    assert closing([("A", "B", (0, 11))], [("B", "A", (10, 20))]) == {0: ["B", "A", "B"]}
    # Two and two hold together, all three never do.
    three = [("A", "B", (0, 10)), ("B", "C", (5, 15))]
    assert closing(three, [("C", "A", (10, 20))]) == {}
    assert closing(three, [("C", "A", (9, 20))]) == {0: ["C", "A", "B", "C"]}


def slow(edges):
    """Is there a moment at which the edges that hold then make a circle?"""
    moments = {since for _, _, (since, _) in edges}
    return any(naive([], [(a, b) for a, b, (since, until) in edges if since <= at < until]) for at in moments)


def test_spans_agree_with_looking_at_every_moment():
    for seed in range(400):
        rng = random.Random(seed)
        nodes, new = rng.randint(2, 6), []
        for _ in range(rng.randint(1, 12)):
            since = rng.randrange(6)
            new.append((rng.randrange(nodes), rng.randrange(nodes), (since, since + rng.randint(1, 4))))
        refused = closing([], new)
        assert bool(refused) == slow(new), seed
        assert not slow([edge for place, edge in enumerate(new) if place not in refused]), seed
