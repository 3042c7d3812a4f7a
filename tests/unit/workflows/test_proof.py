"""The proof at publish: planted faults are found and named, sound flows pass."""

import pytest

from forms_engine.workflows.engine.proof import prove
from tests.unit.workflows.stage import flow, node, plan_approval, role
from tests.unit.workflows.test_rounds import parallel, two_levels

START = node("start", "start", out="a", options={"trigger": "button"})
END = node("end", "end")


def fill(node_id: str, out: str) -> dict:
    return node(node_id, "fill_form", out=out, options={"who": role("any")})


def choose(node_id: str, yes: str, default: str) -> dict:
    return node(
        node_id,
        "condition",
        yes=yes,
        default=default,
        options={"branches": [{"port": "yes", "when": "{amount} > 1"}]},
    )


def approve(node_id: str, approved: str, rejected: str, **options) -> dict:
    return node(
        node_id, "approval", approved=approved, rejected=rejected, options={"who": role("any"), **options}
    )


def fan(node_id: str, *ways: str) -> dict:
    names = [f"w{n}" for n in range(len(ways))]
    return node(node_id, "split", options={"ways": names}, **dict(zip(names, ways, strict=True)))


FAULTS = {
    "no start": ([fill("a", "end"), END], "flow.start_missing", ""),
    "two starts": (
        [START, node("again", "start", out="end", options={"trigger": "button"}), fill("a", "end"), END],
        "flow.start_twice",
        "again",
    ),
    "no end": ([START, fill("a", "start")], "flow.end_missing", ""),
    "unknown type": ([START, node("a", "teleport", out="end"), END], "flow.type_unknown", "a"),
    "way to nowhere": ([START, fill("a", "gone"), END], "flow.way_nowhere", "a"),
    "unknown way out": (
        [START, fill("a", "end") | {"next": {"out": "end", "side": "end"}}, END],
        "flow.way_unknown",
        "a",
    ),
    "open way out": (
        [START, node("a", "approval", approved="end", options={"who": role("x")}), END],
        "flow.way_open",
        "a",
    ),
    "no default": (
        [START, choose("a", "end", "end") | {"next": {"yes": "end"}}, END],
        "flow.default_missing",
        "a",
    ),
    "two branches of one name": (
        [
            START,
            node(
                "a",
                "condition",
                yes="end",
                default="end",
                options={
                    "branches": [{"port": "yes", "when": "{x} = 1"}, {"port": "yes", "when": "{x} = 2"}]
                },
            ),
            END,
        ],
        "flow.way_twice",
        "a",
    ),
    "nobody named": ([START, fill("a", "end") | {"options": {}}, END], "flow.option", "a"),
    "role not named": (
        [START, node("a", "fill_form", out="end", options={"who": [{"kind": "role"}]}), END],
        "flow.option",
        "a",
    ),
    "unknown setting": (
        [START, fill("a", "end") | {"options": {"who": role("x"), "speed": 3}}, END],
        "flow.option",
        "a",
    ),
    "choice that does not exist": ([START, approve("a", "end", "end", mode="dice"), END], "flow.option", "a"),
    "broken formula": (
        [
            START,
            choose("a", "end", "end") | {"options": {"branches": [{"port": "yes", "when": "{amount} > "}]}},
            END,
        ],
        "flow.option",
        "a",
    ),
    "timer without time": (
        [START, node("a", "timer", out="end", options={"minutes": 0}), END],
        "flow.option",
        "a",
    ),
    "event not named": ([node("start", "start", out="end"), END], "flow.option", "start"),
    "nothing leads there": ([START, fill("a", "end"), fill("lost", "end"), END], "flow.unreachable", "lost"),
    "lost circle": ([START, fill("a", "end"), fill("x", "y"), fill("y", "x"), END], "flow.unreachable", "x"),
    "no way to an end": (
        [START, choose("a", "b", "end"), fill("b", "c"), fill("c", "b"), END],
        "flow.no_way_to_end",
        "b",
    ),
    "return to nowhere": (
        [START, approve("a", "end", "end", return_to=["gone"]), END],
        "flow.return_nowhere",
        "a",
    ),
    "return to a machine": (
        [
            START,
            node("a", "notify", out="b", options={"who": role("x"), "title": "hi"}),
            approve("b", "end", "end", return_to=["a"]),
            END,
        ],
        "flow.return_to_machine",
        "b",
    ),
    "circle without rest": (
        [START, choose("a", "b", "end"), choose("b", "a", "end"), END],
        "flow.restless_circle",
        "a",
    ),
    "circle through a passing approval": (
        [START, choose("a", "b", "end"), approve("b", "a", "end", nobody="pass"), END],
        "flow.restless_circle",
        "a",
    ),
    "join after a choice": (
        [
            START,
            choose("a", "b", "c"),
            fill("b", "meet"),
            fill("c", "meet"),
            node("meet", "join", out="end"),
            END,
        ],
        "flow.deadlock",
        "meet",
    ),
    "join one branch never reaches": (
        [
            START,
            fan("a", "b", "c"),
            choose("b", "meet", "meet"),
            fill("c", "meet"),
            node("meet", "join", out="end"),
            END,
        ],
        "flow.deadlock",
        "meet",
    ),
    "split without join": (
        [START, fan("a", "b", "c"), fill("b", "end"), fill("c", "end"), END],
        "flow.improper_completion",
        "end",
    ),
    "one branch leaves early": (
        [
            START,
            fan("a", "b", "c"),
            approve("b", "meet", "stop"),
            fill("c", "meet"),
            node("meet", "join", out="end"),
            END,
            node("stop", "end", options={"result": "rejected"}),
        ],
        "flow.improper_completion",
        "stop",
    ),
    "split inside a circle": (
        [
            START,
            fill("a", "f"),
            fan("f", "b", "c"),
            fill("b", "a"),
            choose("c", "c2", "end"),
            fill("c2", "end"),
            END,
        ],
        "flow.improper_completion",
        "end",
    ),
    "branches meet without a join": (
        [START, fan("a", "b", "c"), fill("b", "d"), fill("c", "d"), fill("d", "end"), END],
        "flow.improper_completion",
        "end",
    ),
    "return into the other branch": (
        [
            START,
            fan("a", "b", "c"),
            fill("b", "meet"),
            approve("c", "meet", "stop", return_to=["b"]),
            node("meet", "join", out="end"),
            END,
            node("stop", "end", options={"kills_rest": True}),
        ],
        "flow.unsafe",
        "meet",
    ),
    "coming back into one of two branches": (
        [
            START,
            fan("a", "b", "c"),
            approve("b", "meet", "stop", return_to=["start"], return_mode="come_back"),
            fill("c", "meet"),
            node("meet", "join", out="end"),
            END,
            node("stop", "end", options={"kills_rest": True}),
        ],
        "flow.deadlock",
        "meet",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_at_its_node(fault):
    nodes, code, node_id = FAULTS[fault]
    problems = prove(flow(*nodes)).problems
    assert (code, node_id) in {(problem.code, problem.node) for problem in problems}, problems
    for problem in problems:
        assert problem.message.in_language("en") != problem.message.in_language("zh")


SOUND = {
    "plan approval": plan_approval(),
    "two levels": two_levels("come_back"),
    "parallel": parallel(),
    "parallel, first of two": flow(
        START, fan("a", "b", "c"), fill("b", "meet"), fill("c", "meet"),
        node("meet", "join", out="d", options={"need": 2}),
        fill("d", "end"), END),
    "rejected goes back by a way": flow(START, approve("a", "end", "start"), END),
    "polling": flow(
        START, choose("a", "end", "wait"), node("wait", "timer", out="a", options={"minutes": 5}), END),
    "split in split": flow(
        START, fan("a", "b", "c"), fan("b", "d", "e"), fill("d", "m1"), fill("e", "m1"),
        node("m1", "join", out="m2"),
        fill("c", "m2"), node("m2", "join", out="end"), END),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_flow_passes(name):
    proof = prove(SOUND[name])
    assert proof.is_sound, proof.problems
    assert proof.positions > 1


def test_the_fault_comes_with_a_run_that_shows_it():
    nodes, _, _ = FAULTS["join after a choice"]
    (problem,) = [p for p in prove(flow(*nodes)).problems if p.code == "flow.deadlock"]
    assert problem.path[:2] == ("start", "a")
    assert problem.path[2] in ("b", "c")


def test_what_is_too_big_to_prove_is_refused():
    ways = [f"f{n}" for n in range(9)]
    graph = flow(
        START, fan("a", *ways), *(fill(way, f"{way}x") for way in ways),
        *(fill(f"{way}x", f"{way}y") for way in ways),
        *(fill(f"{way}y", "meet") for way in ways), node("meet", "join", out="end"), END)  # fmt: skip
    (problem,) = prove(graph, max_positions=3000).problems
    assert problem.code == "flow.too_big"
