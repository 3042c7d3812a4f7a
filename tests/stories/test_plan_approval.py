"""A plan is given back once, then approved: work orders stand and a run is due."""

from pathlib import Path

import pytest

from forms_engine.access import policy
from forms_engine.access import services as access
from forms_engine.access.actor import user_actor
from forms_engine.access.models import User
from forms_engine.base.models import Job
from forms_engine.core import entity as nouns
from forms_engine.core.run import action_run
from forms_engine.journal.delivery import outbox_drain
from forms_engine.kernel.errors import Conflict
from forms_engine.workflows import services
from forms_engine.workflows.errors import CaseOpen
from forms_engine.workflows.models import Instance
from forms_engine.workflows.selectors import inbox_for, instance_picture
from jit.planning.models import ProductionPlan
from jit.shopfloor.models import WorkOrder
from tests import factories as make

FLOW = Path(__file__).parents[2] / "jit/packages/jit_mes/flows/plan_approval.yaml"
OWN = {
    "entity": "workflows.task",
    "actions": ["read", "approve", "return"],
    "condition": "{person} = USER()",
}


@pytest.fixture(autouse=True)
def fresh_catalogue():
    nouns.entities_forget()
    policy.cache_forget()
    yield
    nouns.entities_forget()
    policy.cache_forget()


def person(name, grants):
    access.role_define(actor=make.system(), key=name, label=name)
    access.grants_set(actor=make.system(), role=name, grants=grants)
    access.user_create(actor=make.system(), username=name, roles=[name])
    return user_actor(User.objects.get(username=name))


@pytest.fixture
def people(db):
    everything = {"entity": "planning.*", "actions": ["*"]}
    catalogue = {"entity": "catalog.*", "actions": ["read"]}
    return (
        person("planner", [everything, catalogue, OWN]),
        person("approver", [{"entity": "planning.*", "actions": ["read"]}, OWN]),
    )


def test_a_plan_is_given_back_mended_approved_and_becomes_work_orders(people):
    planner, approver = people
    plant = make.f0()
    make.routing(plant.product, plant.work_centre, seconds=60)
    services.workflow_publish(actor=make.system(), definition=FLOW.read_text(encoding="utf-8"))

    def plan_line(quantity):
        return {
            "item": str(plant.product.pk),
            "work_centre": str(plant.work_centre.pk),
            "quantity": quantity,
            "start_at": make.at(8).isoformat(),
            "end_at": make.at(16).isoformat(),
        }

    raw = {"plant": str(plant.plant.pk), "title": "Monday", "lines": [plan_line("999")]}
    plan = action_run(actor=planner, key="planning.plan.create", raw=raw).record_id
    action_run(actor=planner, key="planning.plan.submit", record=plan)
    outbox_drain()

    for verb in ("release", "reject", "return"):  # the planner's own rights do not go round the approver
        with pytest.raises(CaseOpen):
            action_run(actor=planner, key=f"planning.plan.{verb}", record=plan)
    (task,) = inbox_for(approver).tasks
    give_back = {"comment": "999 is too much for one shift"}
    action_run(actor=approver, key="workflows.task.return", record=task, raw=give_back)
    row = ProductionPlan.objects.get(pk=plan)
    assert row.state == "RETURNED"
    assert not WorkOrder.objects.exists()
    outbox_drain()

    line = row.lines.get()
    mended = {"lines": [plan_line("480") | {"id": str(line.pk)}]}
    action_run(actor=planner, key="planning.plan.update", record=plan, raw=mended)
    action_run(actor=planner, key="planning.plan.submit", record=plan)
    outbox_drain()
    with pytest.raises(Conflict):
        action_run(actor=approver, key="workflows.task.approve", record=task, raw={})
    (task,) = inbox_for(approver).tasks
    action_run(actor=approver, key="workflows.task.approve", record=task, raw={"comment": "good"})

    assert ProductionPlan.objects.get(pk=plan).state == "RELEASED"
    order = WorkOrder.objects.get()
    assert (int(order.quantity), order.state) == (480, "RELEASED")
    assert Job.objects.filter(kind__startswith="planning", state="QUEUED").count() == 1
    cases = list(Instance.objects.filter(subject_id=plan).order_by("started_at"))
    assert [case.result for case in cases] == ["returned", "approved"]
    assert {case.initiator_id for case in cases} == {planner.user_id}
    assert [services.instance_check(case) for case in cases] == [[], []]
    said = [line.comment for line in instance_picture(cases[0]).history if line.comment]
    assert said == ["999 is too much for one shift"]
