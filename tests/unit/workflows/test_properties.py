"""Random sound flows: every random walk ends, a replay gives the same state, no token is lost or made."""

import random

import pytest

from forms_engine.workflows.engine.effects import Order
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.engine.proof import prove
from forms_engine.workflows.engine.signals import Signal
from forms_engine.workflows.engine.state import State
from forms_engine.workflows.engine.step import advance, fold
from forms_engine.workflows.engine.walk import walk
from tests.unit.workflows.stage import MORNING, TYPES, flow, node, role

SEEDS = range(60)
LEAVES = ("step", "approval", "action", "notify", "timer")
BLOCKS = ("sequence", "sequence", "choice", "parallel", "circle", "approval")
FACTS = ({"amount": 0}, {"amount": 5}, {"amount": None})


class Drawer:
    """Draws block-structured flows, sound by construction: sequence, choice, circle, parallel, return."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.nodes: list[dict] = []
        self.branches = 0  # how many splits we are inside of

    def draw(self) -> Graph:
        self.nodes.append(
            node("start", "start", out=self.block("end", 3, ["start"]), options={"trigger": "button"})
        )
        self.nodes.append(node("end", "end"))
        self.nodes.append(node("stop", "end", options={"result": "rejected", "kills_rest": True}))
        return flow(*self.keep_reachable(), max_rounds=1000)

    def keep_reachable(self) -> list[dict]:
        used = {target for drawn in self.nodes for target in drawn["next"].values()} | {"start"}
        return [drawn for drawn in self.nodes if drawn["id"] in used]

    def new(self, kind: str, options: dict | None = None, **ways: str) -> str:
        name = f"n{len(self.nodes)}_{kind}"
        self.nodes.append(node(name, kind, options=options or {}, **ways))
        return name

    def block(self, after: str, depth: int, back: list[str]) -> str:
        """Draw something that leads to `after`, returning to `back` at most. Returns its first node."""
        shape = self.rng.choice(LEAVES if depth == 0 else BLOCKS)
        match shape:
            case "step":
                return self.new("fill_form", {"who": role("x")}, out=after)
            case "approval":
                options = {
                    "who": role("x"),
                    "mode": self.rng.choice(["any", "all"]),
                    "nobody": self.rng.choice(["admin", "pass", "refuse"]),
                    "return_to": back,
                    # coming back into one branch would leave the others undone: the proof refuses it
                    "return_mode": "walk_again"
                    if self.branches
                    else self.rng.choice(["walk_again", "come_back"]),
                    "comment_for": ["return"],
                }
                return self.new("approval", options, approved=after, rejected="stop")
            case "action":
                options = {"action": "a.b.c", "on_error": self.rng.choice(["wait", "path"])}
                ways = {"done": after} | ({"failed": after} if options["on_error"] == "path" else {})
                return self.new("run_action", options, **ways)
            case "notify":
                return self.new("notify", {"who": role("x"), "title": "t"}, out=after)
            case "timer":
                return self.new("timer", {"minutes": 5}, out=after)
            case "sequence":
                second = self.block(after, depth - 1, back)
                return self.block(second, depth - 1, back)
            case "choice":
                yes, no = (self.block(after, depth - 1, back) for _ in range(2))
                options = {"branches": [{"port": "yes", "when": "{amount} > 1"}]}
                return self.new("condition", options, yes=yes, default=no)
            case "circle":
                test = self.new(
                    "condition", {"branches": [{"port": "again", "when": "{amount} > 1"}]}, default=after
                )
                body = self.new("fill_form", {"who": role("x")}, out=self.block(test, depth - 1, back))
                next(drawn for drawn in self.nodes if drawn["id"] == test)["next"]["again"] = body
                return body
            case _:
                meet = self.new("join", {}, out=after)
                ways = {}
                self.branches += 1
                for number in range(
                    2 if self.branches > 1 else self.rng.randint(2, 3)
                ):  # one way a branch leads into the join
                    last = self.new("notify", {"who": role("x"), "title": "t"}, out=meet)
                    ways[f"w{number}"] = self.block(last, depth - 1, back)
                self.branches -= 1
                return self.new("split", {"ways": list(ways)}, **ways)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_sound_flow_always_ends_and_replays_the_same(seed):
    graph = Drawer(seed).draw()
    proof = prove(graph)
    assert proof.is_sound, [(p.code, p.node, p.path) for p in proof.problems]
    for lot in range(3):
        played = walk(graph, random.Random(seed * 100 + lot), at=MORNING, facts=FACTS)
        assert played.state.status == "done"
        assert played.state.visits == () and played.state.tickets == ()
        assert fold(graph, played.signals) == played.state
        for state in played.states:
            assert state.born - state.ended == len(state.visits)
            assert {ticket.visit for ticket in state.tickets} <= {visit.id for visit in state.visits}


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_a_case_stored_and_read_back_between_steps_goes_the_same_way(seed):
    graph = Drawer(seed).draw()
    played = walk(graph, random.Random(seed), at=MORNING, facts=FACTS)
    again = Graph.load(graph.dump(), types=TYPES)
    state = State()
    for signal, expected, orders in zip(played.signals, played.states, played.orders, strict=True):
        step = advance(again, State.load(state.dump()), Signal.load(signal.dump()))
        state = step.state
        assert state == expected
        assert [Order.load(order.dump()) for order in step.orders] == list(orders)


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_every_order_is_answered_or_taken_back_exactly_once(seed):
    graph = Drawer(seed).draw()
    played = walk(graph, random.Random(seed), at=MORNING, facts=FACTS)
    opened: dict[int, str] = {}
    closed: list[int] = []
    for orders in played.orders:
        for order in orders:
            if order.kind in ("open_task", "set_timer", "run_action"):
                opened[order.ticket] = order.kind
            elif order.kind in ("close_task", "cancel_timer", "cancel_action"):
                closed.append(order.ticket)
    answered = [s.ticket for s in played.signals if s.kind in ("timer_fired", "action_done", "action_failed")]
    assert sorted(closed + answered) == sorted(opened)


def test_a_dropped_branch_is_seen_by_the_proof():
    """Sabotage: take one way of a split away from its join, and the proof must notice."""
    found = 0
    for seed in SEEDS:
        drawn = Drawer(seed).draw().dump()
        splits = [item for item in drawn["nodes"] if item["type"] == "split"]
        if not splits:
            continue
        way = next(iter(splits[0]["next"]))
        splits[0]["next"][way] = "end"
        found += 1
        assert not prove(Graph.load(drawn, types=TYPES)).is_sound
    assert found >= 10
