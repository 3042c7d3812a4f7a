"""Going back: rounds are counted, old votes do not count, other branches are left in peace."""

import pytest

from forms_engine.workflows.engine import errors
from forms_engine.workflows.engine.proof import prove
from forms_engine.workflows.engine.step import fold
from tests.unit.workflows.stage import Play, flow, node, plan_approval, role


def test_returned_five_times_it_keeps_five_rounds_and_counts_only_the_last():
    case = Play(plan_approval("all"))
    for _ in range(5):
        case.find("li", "zhao")
        case.decide("li", "approve")
        case.decide("zhao", "return", comment="mend it", target="start")
        assert case.state.lit() == ("start",)
        case.decide("wang", "submit")
    case.find("li", "zhao")
    case.decide("zhao", "approve")
    assert case.state.lit() == ("approve",), "li's five old votes must not count"
    case.decide("li", "approve")
    assert case.state.lit() == ("release",)
    votes = [(line.round, line.person) for line in case.state.history if line.verb == "approve"]
    assert votes == [*((n, "li") for n in range(1, 6)), (6, "zhao"), (6, "li")]
    assert case.state.rounds["approve"] == 6
    assert fold(case.graph, case.signals) == case.state


def test_a_step_cannot_be_returned_to_before_the_case_was_there_or_unless_offered():
    case = Play(plan_approval())
    case.find("li")
    with pytest.raises(errors.VerdictNotOffered):
        case.decide("li", "return", target="release")
    plain = Play(plan_approval(return_to=[]))
    plain.find("li")
    with pytest.raises(errors.VerdictNotOffered):
        plain.decide("li", "return", target="start")


def test_rounds_are_bounded():
    graph = plan_approval()
    graph = flow(*graph.dump()["nodes"], max_rounds=3)
    case = Play(graph)
    for _ in range(2):
        case.find("li")
        case.decide("li", "return", target="start")
        case.decide("wang", "submit")
    case.find("li")
    with pytest.raises(errors.RoundsExhausted):
        case.decide("li", "return", target="start")
    case.decide("li", "approve")
    assert case.state.lit() == ("release",)


def two_levels(mode: str):
    return flow(
        node("start", "start", out="chief", options={"trigger": "button"}),
        node(
            "chief",
            "approval",
            approved="boss",
            rejected="no",
            options={"who": role("chief"), "return_to": ["start"]},
        ),
        node(
            "boss",
            "approval",
            approved="yes",
            rejected="no",
            options={"who": role("boss"), "return_to": ["start"], "return_mode": mode},
        ),
        node("yes", "end", options={"result": "approved"}),
        node("no", "end", options={"result": "rejected"}),
    )


@pytest.mark.parametrize(("mode", "next_node"), [("walk_again", "chief"), ("come_back", "boss")])
def test_after_a_return_the_way_is_walked_again_or_jumped(mode, next_node):
    case = Play(two_levels(mode))
    case.find("li")
    case.decide("li", "approve")
    case.find("zhao")
    case.decide("zhao", "return", target="start")
    case.decide("wang", "submit")
    assert case.state.lit() == (next_node,)


def parallel(need: int | None = None):
    return flow(
        node("start", "start", out="fan", options={"trigger": "button"}),
        node("fan", "split", a="left", b="right", options={"ways": ["a", "b"]}),
        node("left", "fill_form", out="check", options={"who": role("left")}),
        node(
            "check",
            "approval",
            approved="meet",
            rejected="stop",
            options={"who": role("check"), "return_to": ["left", "start"]},
        ),
        node("right", "fill_form", out="meet", options={"who": role("right")}),
        node("meet", "join", out="end", options={"need": need} if need else {}),
        node("end", "end", options={"result": "approved"}),
        node("stop", "end", options={"result": "rejected", "kills_rest": True}),
    )


def test_both_branches_have_to_arrive():
    case = Play(parallel())
    assert sorted(case.state.lit()) == ["left", "right"]
    case.find("ann", at="left")
    case.find("bo", at="right")
    case.decide("bo", "submit")
    assert sorted(case.state.lit()) == ["left", "meet"]
    case.decide("ann", "submit")
    case.find("chen")
    case.decide("chen", "approve")
    assert (case.state.status, case.state.result) == ("done", "approved")


def test_a_return_inside_a_branch_leaves_the_other_branch_alone():
    case = Play(parallel())
    case.find("bo", at="right")
    case.decide("bo", "submit")
    case.find("ann", at="left")
    case.decide("ann", "submit")
    case.find("chen")
    case.decide("chen", "return", target="left")
    assert sorted(case.state.lit()) == ["left", "meet"]
    case.find("ann", at="left")
    case.decide("ann", "submit")
    case.find("chen")
    case.decide("chen", "approve")
    assert case.state.result == "approved"


def test_a_return_to_before_the_split_takes_all_branches_back():
    case = Play(parallel())
    case.find("bo", at="right")
    case.find("ann", at="left")
    case.decide("ann", "submit")
    case.find("chen")
    back = case.decide("chen", "return", target="start")
    assert [order.outcome for order in back if order.kind == "close_task"] == ["return", "returned"]
    assert case.state.lit() == ("start",)


def test_an_end_that_kills_the_rest_closes_every_open_task():
    case = Play(parallel())
    case.find("bo", "du", at="right")
    case.find("ann", at="left")
    case.decide("ann", "submit")
    case.find("chen")
    closed = case.decide("chen", "reject")
    assert sorted(o.outcome for o in closed if o.kind == "close_task") == ["ended", "ended", "reject"]
    assert (case.state.result, case.state.visits, case.state.tickets) == ("rejected", (), ())


def test_the_first_branch_goes_on_and_the_late_one_is_absorbed():
    case = Play(
        flow(
            node("start", "start", out="fan", options={"trigger": "button"}),
            node("fan", "split", a="left", b="right", options={"ways": ["a", "b"]}),
            node("left", "fill_form", out="meet", options={"who": role("left")}),
            node("right", "fill_form", out="meet", options={"who": role("right")}),
            node("meet", "join", out="after", options={"need": 1}),
            node("after", "fill_form", out="end", options={"who": role("after")}),
            node("end", "end"),
        )
    )
    case.find("ann", at="left")
    case.find("bo", at="right")
    case.decide("ann", "submit")
    assert sorted(case.state.lit()) == ["after", "right"]
    case.decide("bo", "submit")
    assert case.state.lit() == ("after",)


def test_a_return_may_take_a_way_of_its_own():
    graph = flow(
        node("start", "start", out="chief", options={"trigger": "button"}),
        node(
            "chief",
            "approval",
            approved="yes",
            rejected="no",
            returned="give_back",
            options={"who": role("chief"), "return_way": True},
        ),
        node("give_back", "run_action", done="back", options={"action": "planning.plan.return"}),
        node("yes", "end", options={"result": "approved"}),
        node("no", "end", options={"result": "rejected"}),
        node("back", "end", options={"result": "returned"}),
    )
    assert prove(graph).is_sound
    case = Play(graph)
    case.find("li")
    with pytest.raises(errors.VerdictNotOffered):
        case.decide("li", "return", target="start")
    case.decide("li", "return", comment="mend it")
    assert case.state.lit() == ("give_back",)
    case.succeed()
    assert case.state.result == "returned"
