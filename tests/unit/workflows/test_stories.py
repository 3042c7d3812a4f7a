"""Cases played by hand, as a person would see them."""

import pytest

from forms_engine.workflows.engine import errors
from forms_engine.workflows.engine import signals as sg
from tests.unit.workflows.stage import Play, flow, kinds, node, plan_approval, role


def test_a_plan_is_approved_and_released():
    case = Play(plan_approval())
    opened = case.find("li", "zhao")
    assert [(order.kind, order.person) for order in opened] == [("open_task", "li"), ("open_task", "zhao")]
    answered = case.decide("li", "approve")
    assert kinds(answered) == ["close_task", "close_task", "run_action"]
    assert [order.outcome for order in answered[:2]] == ["approve", "skipped"]
    assert kinds(case.succeed()) == ["end"]
    assert (case.state.status, case.state.result) == ("done", "approved")


def test_the_second_click_is_told_that_it_was_handled():
    case = Play(plan_approval())
    case.find("li", "zhao")
    late = case.open("task", "zhao")
    case.decide("li", "approve")
    before = case.state
    with pytest.raises(errors.AlreadyHandled):
        case.send(sg.TaskDecided, ticket=late.id, version=1, person="zhao", verdict="approve")
    assert case.state is before


def test_all_have_to_agree_when_the_step_says_so():
    case = Play(plan_approval("all"))
    case.find("li", "zhao", "sun")
    case.decide("zhao", "approve")
    case.decide("li", "approve")
    assert case.state.lit() == ("approve",)
    case.decide("sun", "approve")
    assert case.state.lit() == ("release",)


def test_one_no_is_enough_and_needs_a_reason():
    case = Play(plan_approval("all"))
    case.find("li", "zhao")
    with pytest.raises(errors.CommentRequired):
        case.decide("li", "reject", comment=" ")
    case.decide("li", "reject", comment="too much")
    assert (case.state.status, case.state.result) == ("done", "rejected")
    assert case.state.tickets == ()


def test_the_initiator_may_not_approve_his_own_request():
    case = Play(plan_approval(), initiator="li")
    opened = case.find("li", "zhao")
    assert [order.person for order in opened] == ["zhao"]
    with pytest.raises(errors.TransferRefused):
        task = case.open("task", "zhao")
        case.send(sg.TaskTransferred, ticket=task.id, version=1, person="zhao", to="li")


@pytest.mark.parametrize(
    ("policy", "lit", "result"),
    [("pass", ("release",), ""), ("refuse", (), "rejected"), ("admin", ("approve",), "")],
)
def test_nobody_found_follows_the_policy(policy, lit, result):
    case = Play(plan_approval(nobody=policy))
    case.find()
    assert (case.state.lit(), case.state.result) == (lit, result)
    assert "nobody_found" in case.verbs()


def test_without_an_admin_the_step_is_stuck_until_it_is_tried_again():
    case = Play(plan_approval(nobody="admin"))
    case.find()
    assert kinds(case.find()) == ["stuck"]
    (visit,) = case.state.visits
    assert visit.status == "stuck"
    case.send(sg.Retried, visit=visit.id, person="root")
    case.find("li")
    case.decide("li", "approve")
    assert case.state.lit() == ("release",)


def test_a_task_handed_on_cannot_be_answered_by_the_old_holder_or_come_back():
    case = Play(plan_approval())
    case.find("li")
    task = case.open("task", "li")
    case.send(sg.TaskTransferred, ticket=task.id, version=1, person="li", to="zhao")
    with pytest.raises(errors.TaskChanged):
        case.send(sg.TaskDecided, ticket=task.id, version=1, person="li", verdict="approve")
    with pytest.raises(errors.NotYourTask):
        case.send(sg.TaskDecided, ticket=task.id, version=2, person="li", verdict="approve")
    with pytest.raises(errors.TransferRefused):
        case.send(sg.TaskTransferred, ticket=task.id, version=2, person="zhao", to="li")
    case.decide("zhao", "approve")
    assert case.state.lit() == ("release",)


@pytest.mark.parametrize(
    ("amount", "goes_to"), [(5, "small"), (100, "small"), (101, "large"), (None, "small"), (5000, "huge")]
)
def test_exactly_one_branch_is_taken(amount, goes_to):
    graph = flow(
        node("start", "start", out="size", options={"trigger": "button"}),
        node(
            "size",
            "condition",
            huge="huge",
            large="large",
            default="small",
            options={
                "branches": [
                    {"port": "huge", "when": "{amount} > 1000"},
                    {"port": "large", "when": "{amount} > 100"},
                ]
            },
        ),
        node("small", "end"),
        node("large", "end"),
        node("huge", "end"),
    )
    case = Play(graph, facts={"amount": amount})
    entered = [line.node for line in case.state.history if line.verb == "entered"]
    assert entered == ["start", "size", goes_to]


def test_a_refused_action_takes_the_failed_way_when_there_is_one():
    graph = flow(
        node("start", "start", out="act", options={"trigger": "button"}),
        node(
            "act",
            "run_action",
            done="yes",
            failed="tell",
            options={
                "action": "supply.calloff.release",
                "on_error": "path",
                "inputs": [{"name": "quantity", "value": "{amount} * 2"}],
            },
        ),
        node(
            "tell",
            "notify",
            out="no",
            options={
                "who": role("buyer"),
                "title": {"en": "Plan {number} failed", "zh": "计划 {number} 失败"},
            },
        ),
        node("yes", "end"),
        node("no", "end", options={"result": "rejected"}),
    )
    case = Play(graph, facts={"amount": 21, "number": "P-7"})
    run = case.orders[-1]
    assert (run.action, int(run.inputs["quantity"])) == ("supply.calloff.release", 42)
    told = case.send(sg.ActionFailed, ticket=run.ticket, code="supply.calloff.closed")
    assert kinds(told) == ["notify", "end"]
    assert told[0].title == {"en": "Plan P-7 failed", "zh": "计划 P-7 失败"}
    with pytest.raises(errors.AlreadyHandled):
        case.send(sg.ActionDone, ticket=run.ticket)


def test_a_refused_action_without_a_way_waits_for_the_admin():
    case = Play(plan_approval())
    case.find("li")
    case.decide("li", "approve")
    stuck = case.send(sg.ActionFailed, ticket=case.open("action").id, code="planning.plan.closed")
    assert kinds(stuck) == ["stuck"]
    again = case.send(sg.Retried, visit=case.state.visits[0].id, person="root")
    assert kinds(again) == ["run_action"]
    case.succeed()
    assert case.state.result == "approved"


def test_a_timer_wakes_the_flow_once():
    graph = flow(
        node("start", "start", out="wait", options={"trigger": "button"}),
        node("wait", "timer", out="end", options={"minutes": 30}),
        node("end", "end"),
    )
    case = Play(graph)
    (timer,) = case.orders
    assert (timer.due - case.signals[0].at).total_seconds() == 1800
    case.send(sg.TimerFired, ticket=timer.ticket)
    assert case.state.status == "done"
    with pytest.raises(errors.AlreadyHandled):
        case.send(sg.TimerFired, ticket=timer.ticket)


def test_a_form_is_filled_in_by_the_first_who_hands_it_in():
    graph = flow(
        node("start", "start", out="fill", options={"trigger": "button"}),
        node("fill", "fill_form", out="end", options={"who": [{"kind": "field", "value": "owner"}]}),
        node("end", "end"),
    )
    case = Play(graph, facts={"owner": {"id": "sun", "label": "Sun"}})
    assert case.orders[-1].who == ({"kind": "person", "value": "sun"},)
    case.find("sun", "li")
    closed = case.decide("li", "submit")
    assert [order.outcome for order in closed[:2]] == ["submit", "skipped"]
    assert case.state.status == "done"


def test_withdrawing_follows_the_rule_of_the_flow():
    case = Play(plan_approval("all"))
    case.find("li", "zhao")
    with pytest.raises(errors.WithdrawRefused):
        case.send(sg.Withdrawn, person="li")
    closed = case.send(sg.Withdrawn, person="wang", comment="changed my mind")
    assert kinds(closed) == ["close_task", "close_task", "end"]
    assert case.state.result == "withdrawn"
    late = Play(plan_approval("all"))
    late.find("li", "zhao")
    late.decide("li", "approve")
    with pytest.raises(errors.WithdrawRefused):
        late.send(sg.Withdrawn, person="wang")
    late.send(sg.Terminated, person="root", comment="plant closed")
    assert (late.state.result, late.state.tickets) == ("terminated", ())
