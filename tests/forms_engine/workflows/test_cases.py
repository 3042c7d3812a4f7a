"""Cases on the real database, through the door."""

import datetime as dt

import pytest

from forms_engine.access.models import User
from forms_engine.core.run import action_run
from forms_engine.journal.delivery import outbox_drain
from forms_engine.journal.events import StoredEvent
from forms_engine.journal.models import Delivery
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, Denied, ErrorList, NotFound
from forms_engine.notify.models import Notification
from forms_engine.workflows import services, tasks
from forms_engine.workflows.engine.errors import (
    AlreadyHandled,
    CommentRequired,
    TransferRefused,
    WithdrawRefused,
)
from forms_engine.workflows.models import ActionRun, Instance, Task, Timer
from forms_engine.workflows.selectors import cases_hold, instance_picture
from forms_engine.workflows.subscribers import flows_begin
from jit.catalog.models import Unit
from tests.forms_engine.workflows.conftest import drawing, role


def test_a_request_is_approved_and_its_action_runs(office):
    office.publish(drawing())
    case = office.request()
    task = office.task(office.li, case)
    assert (task.kind, task.person_name, task.round) == ("approve", "li", 1)
    office.answer(office.li, "approve", task, comment="fine")
    case.refresh_from_db()
    assert (case.status, case.result, case.initiator_id) == ("done", "approved", office.wang.user_id)
    assert Unit.objects.get(code="kg").name == "Kilogram ok"
    run = ActionRun.objects.get(instance=case)
    assert (run.action, run.state) == ("catalog.unit.update", "done")
    other = Task.objects.get(instance=case, person_id=office.zhao.user_id)
    assert (other.state, other.outcome) == ("closed", "skipped")
    assert services.instance_check(case) == []


def test_the_same_event_delivered_twice_begins_one_case(office):
    office.publish(drawing())
    case = office.request()
    again = services.instance_start(
        actor=office.root, workflow="unit_approval", cause=case.cause, subject_id=case.subject_id
    )
    assert again == case
    assert Instance.objects.count() == 1


def test_a_late_answer_is_told_that_it_was_handled(office):
    office.publish(drawing())
    case = office.request()
    late = office.task(office.zhao, case)
    office.answer(office.li, "approve", office.task(office.li, case))
    with pytest.raises(AlreadyHandled) as refused:
        office.answer(office.zhao, "approve", late)
    assert refused.value.status == 409


def test_a_colleague_cannot_answer_my_task(office):
    office.publish(drawing())
    case = office.request()
    with pytest.raises((Denied, NotFound)):
        office.answer(office.zhao, "approve", office.task(office.li, case))
    with pytest.raises(Denied):
        action_run(
            actor=office.root, key="workflows.task.approve", record=office.task(office.li, case), raw={}
        )


def test_a_rejection_needs_a_reason_and_ends_the_case(office):
    office.publish(drawing())
    case = office.request()
    with pytest.raises(CommentRequired):
        office.answer(office.li, "reject", office.task(office.li, case))
    office.answer(office.li, "reject", office.task(office.li, case), comment="wrong dimension")
    case.refresh_from_db()
    assert (case.status, case.result) == ("done", "rejected")
    assert Unit.objects.get(code="kg").name == "Kilogram"


def test_returned_five_times_the_case_keeps_five_rounds(office):
    office.publish(drawing(mode="all"))
    case = office.request()
    for number in range(5):
        office.answer(office.li, "approve", office.task(office.li, case))
        office.answer(office.zhao, "return", office.task(office.zhao, case), comment=f"mend {number}")
        revise = office.task(office.wang, case)
        assert revise.kind == "revise"
        office.answer(office.wang, "submit", revise, values=f'{{"name": "Kilogram {number}"}}')
    assert Unit.objects.get(code="kg").name == "Kilogram 4"
    office.answer(office.zhao, "approve", office.task(office.zhao, case))
    case.refresh_from_db()
    assert case.lit == ["approve"], "the old votes of li must not count"
    office.answer(office.li, "approve", office.task(office.li, case))
    case.refresh_from_db()
    assert case.result == "approved"
    approved = Task.objects.filter(instance=case, person_id=office.li.user_id, outcome="approve")
    assert sorted(approved.values_list("round", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert services.instance_check(case) == []


def test_only_the_fields_a_step_opens_can_be_filled_in(office):
    definition = drawing()
    definition["nodes"][0]["next"] = {"out": "fill"}
    definition["nodes"].append(
        {
            "id": "fill",
            "type": "fill_form",
            "options": {"who": role("approver"), "fields": {"dimension": "edit"}},
            "next": {"out": "approve"},
        }
    )
    office.publish(definition)
    case = office.request()
    with pytest.raises(ErrorList) as refused:
        office.answer(office.li, "submit", office.task(office.li, case), values='{"name": "Pound"}')
    assert refused.value.errors[0].field == "name"
    office.answer(office.li, "submit", office.task(office.li, case), values='{"dimension": "mass"}')
    unit = Unit.objects.get(code="kg")
    assert (unit.name, unit.dimension) == ("Kilogram", "mass"), (
        "li may not edit units, but this step lets him"
    )


def test_a_task_is_handed_on_and_does_not_come_back(office):
    office.publish(drawing())
    case = office.request()
    task = office.task(office.li, case)
    before = task.token
    with pytest.raises(TransferRefused):  # zhao has a task of his own in this step
        office.answer(office.li, "transfer", task, to="zhao")
    office.answer(office.li, "transfer", task, to="root", comment="on leave")
    task.refresh_from_db()
    assert (task.person_name, task.turn) == ("root", 2)
    assert task.token != before
    with pytest.raises(Conflict):
        action_run(actor=office.root, key="workflows.task.approve", record=task, raw={"turn": 1})
    action_run(actor=office.root, key="workflows.task.approve", record=task, raw={"turn": 2})
    case.refresh_from_db()
    assert case.result == "approved"


def test_the_manager_of_the_initiator_is_asked(office):
    office.publish(drawing(who=[{"kind": "manager", "value": 1}]))
    User.objects.filter(pk=office.wang.user_id).update(manager_id=office.root.user_id)
    case = office.request()
    assert office.task(office.root, case).person_name == "root"


@pytest.mark.parametrize(
    ("policy", "result", "lit"),
    [("pass", "approved", []), ("refuse", "rejected", []), ("admin", "", ["approve"])],
)
def test_an_emptied_role_follows_the_policy(office, policy, result, lit):
    office.publish(drawing(nobody=policy))
    User.objects.filter(username__in=["li", "zhao"]).update(is_active=False)
    case = office.request()
    assert (case.result, case.lit) == (result, lit)
    if policy == "admin":
        assert office.task(office.root, case).person_name == "root"


def test_a_refused_action_sticks_until_the_cause_is_mended(office):
    definition = drawing()
    definition["nodes"][2]["options"]["inputs"][0]["value"] = 'REPT("x", 5) & {dimension}'
    definition["nodes"][2]["options"]["inputs"] = [{"name": "code", "value": "{dimension}"}]
    office.publish(definition)
    Unit.objects.create(code="g", name="Gram")
    case = office.request(dimension="g")
    office.answer(office.li, "approve", office.task(office.li, case))
    case.refresh_from_db()
    assert (case.status, case.is_stuck, case.lit) == ("running", True, ["rename"])
    assert ActionRun.objects.get(instance=case).state == "failed"
    assert Unit.objects.get(pk=case.subject_id).code == "kg", "the refused action left nothing behind"
    Unit.objects.filter(code="g").delete()
    action_run(actor=office.root, key="workflows.instance.retry", record=case, raw={})
    case.refresh_from_db()
    assert (case.result, Unit.objects.get(pk=case.subject_id).code) == ("approved", "g")
    assert services.instance_check(case) == []


def test_a_request_is_withdrawn_by_its_initiator_only(office):
    office.publish(drawing())
    case = office.request()
    with pytest.raises(WithdrawRefused):
        action_run(actor=office.li, key="workflows.instance.withdraw", record=case, raw={})
    action_run(actor=office.wang, key="workflows.instance.withdraw", record=case, raw={})
    case.refresh_from_db()
    assert case.result == "withdrawn"
    assert not Task.objects.filter(instance=case, state="open").exists()


def test_a_timer_fires_once_when_its_time_has_come(office):
    definition = drawing()
    definition["nodes"][0]["next"] = {"out": "wait"}
    definition["nodes"].append(
        {"id": "wait", "type": "timer", "options": {"minutes": 30}, "next": {"out": "approve"}}
    )
    office.publish(definition)
    clock.set("2026-03-02T08:00:00+00:00")
    try:
        case = office.request()
        timer = Timer.objects.get(instance=case)
        assert timer.due_at == dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)
        clock.advance(minutes=29)
        assert services.timers_due() == []
        clock.advance(minutes=1)
        assert services.timer_fire(actor=office.root, timer_id=timer.pk)
        assert not services.timer_fire(actor=office.root, timer_id=timer.pk)
    finally:
        clock.set(None)
    case.refresh_from_db()
    assert case.lit == ["approve"]


def test_a_condition_of_the_start_keeps_others_out(office):
    definition = drawing()
    definition["nodes"][0]["options"]["when"] = '{dimension} = "mass"'
    office.publish(definition)
    assert office.request(code="m", dimension="length") is None
    assert office.request(code="kg", dimension="mass") is not None


def test_the_case_tells_rules_and_other_flows_what_happens(office):
    office.publish(drawing())
    second = drawing(slug="after_approval")
    second["entity"] = ""
    second["nodes"] = [
        {
            "id": "start",
            "type": "start",
            "options": {"trigger": "event", "event": "workflows.instance.ended"},
            "next": {"out": "end"},
        },
        {"id": "end", "type": "end"},
    ]
    office.publish(second)
    case = office.request()
    office.answer(office.li, "approve", office.task(office.li, case))
    outbox_drain()
    follower = Instance.objects.filter(workflow__slug="after_approval", subject_id=case.pk)
    assert [found.depth for found in follower] == [1]
    assert Instance.objects.filter(workflow__slug="after_approval").count() == 1, "not begun by its own end"


def test_a_flow_is_not_begun_by_what_it_does_itself(office):
    definition = drawing()
    definition["nodes"][0]["options"]["event"] = "catalog.unit.updated"
    office.publish(definition)
    unit = Unit.objects.create(code="t", name="Ton")
    action_run(actor=office.wang, key="catalog.unit.update", record=unit, raw={"name": "Tonne"})
    outbox_drain()
    case = Instance.objects.get(subject_id=unit.pk)
    office.answer(office.li, "approve", office.task(office.li, case))
    outbox_drain()
    assert Unit.objects.get(pk=unit.pk).name == "Tonne ok"
    assert Instance.objects.filter(subject_id=unit.pk).count() == 1


def test_sweeps_find_nothing_when_all_is_well(office):
    office.publish(drawing())
    office.request()
    assert services.timers_due() == []
    assert services.action_runs_over() == []
    assert services.instances_broken() == []
    assert tasks.recovery_sweep() == 0


def test_people_are_told_in_both_languages_once(office):
    office.publish(drawing())
    case = office.request()
    outbox_drain()
    told = Notification.objects.filter(recipient_id=office.li.user_id)
    assert {note.texts["title"]["zh"] for note in told} == {"主管审批：单位审批 kg"}
    assert {note.texts["title"]["en"] for note in told} == {"Chief approves: Unit approval kg"}
    office.answer(office.li, "approve", office.task(office.li, case))
    outbox_drain()
    ended = Notification.objects.filter(recipient_id=office.wang.user_id)
    assert {note.texts["title"]["en"] for note in ended} == {"Unit approval kg: approved"}


def test_a_form_handed_in_begins_its_flow(office):
    definition = drawing()
    definition["nodes"][0]["options"] = {"trigger": "form", "form": "new_unit"}
    office.publish(definition)
    unit = Unit.objects.create(code="t", name="Ton")
    for form in ("other", "new_unit"):
        event = StoredEvent(
            id=len(form),
            topic="forms.form.submitted",
            record_id=unit.pk,
            payload={"form": form},
            actor={"user_id": str(office.wang.user_id), "name": "wang"},
            at=clock.now(),
        )
        flows_begin(event)
    assert [case.initiator_name for case in Instance.objects.all()] == ["wang"]


def test_a_step_costs_few_statements(office, django_assert_max_num_queries):
    office.publish(drawing(mode="all"))
    case = office.request()
    task = office.task(office.li, case)
    cases_hold(office.li, frozenset(), ())  # which actions drawings run is read once per process
    with django_assert_max_num_queries(16):
        office.answer(office.li, "approve", task)


@pytest.mark.parametrize("single", [True, False])
def test_a_record_has_one_running_case_unless_the_flow_says_otherwise(office, single):
    definition = drawing() | {"settings": {"one_at_a_time": single}}
    definition["nodes"][0]["options"]["event"] = "catalog.unit.updated"
    office.publish(definition)
    unit = Unit.objects.create(code="t", name="Ton")
    for decimals in (1, 2):
        action_run(actor=office.wang, key="catalog.unit.update", record=unit, raw={"decimals": decimals})
    outbox_drain()
    assert Instance.objects.filter(subject_id=unit.pk).count() == (1 if single else 2)
    if single:
        case = Instance.objects.get(subject_id=unit.pk)
        office.answer(office.li, "reject", office.task(office.li, case), comment="no")
        action_run(actor=office.wang, key="catalog.unit.update", record=unit, raw={"decimals": 3})
        outbox_drain()
        assert Instance.objects.filter(subject_id=unit.pk).count() == 2


def test_an_administrator_gives_the_task_of_an_absent_person_to_another(office):
    office.publish(drawing())
    case = office.request()
    task = office.task(office.li, case)
    raw = {"to": "root", "comment": "li has left"}
    with pytest.raises(Denied):
        action_run(actor=office.li, key="workflows.task.reassign", record=task, raw=raw)
    action_run(actor=office.root, key="workflows.task.reassign", record=task, raw=raw)
    with pytest.raises((Denied, NotFound)):
        office.answer(office.li, "approve", task)
    action_run(actor=office.root, key="workflows.task.approve", record=task, raw={})
    case.refresh_from_db()
    assert case.result == "approved"
    (moved,) = [line for line in instance_picture(case).history if line.verb.en == "handed on"]
    assert (moved.person, moved.target.en, moved.comment) == ("li", "root", "li has left (root)")


def test_an_event_no_flow_waits_for_costs_no_delivery(office):
    action_run(actor=office.wang, key="catalog.unit.create", raw={"code": "a", "name": "A"})
    outbox_drain()
    assert not Delivery.objects.filter(subscriber="workflows.start").exists()
    office.publish(drawing())
    office.request("b")
    assert Delivery.objects.filter(subscriber="workflows.start").count() == 1
