"""A record its state closes, or one put away, is not changed by any road through the door."""

import pytest

from forms_engine.access import services as access
from forms_engine.access.actor import user_actor
from forms_engine.core.bulk import bulk_upsert
from forms_engine.core.describe import action_refusal
from forms_engine.core.entity import entity
from forms_engine.core.run import action_of, action_run
from forms_engine.kernel.errors import Conflict
from jit.catalog.models import Unit, WorkCentre
from jit.planning.models import ProductionPlan, ProductionPlanLine
from tests import factories as make

pytestmark = pytest.mark.django_db
CLOSED = "PP-1 cannot be edited now: its state is “Released”."


@pytest.fixture
def plan():
    made = ProductionPlan.objects.create(number="PP-1", plant=make.plant(), state="RELEASED")
    centre = WorkCentre.objects.create(code="W1", name="W1", plant=made.plant)
    ProductionPlanLine.objects.create(
        plan=made,
        item=make.item("A"),
        work_centre=centre,
        quantity=1,
        start_at=make.at(8),
        end_at=make.at(9),
    )
    return made


def refused(key, record, raw, actor=None):
    with pytest.raises(Conflict) as refusal:
        action_run(actor=actor or make.system(), key=key, record=record, raw=raw)
    return refusal.value


def test_the_door_says_what_the_page_says(plan):
    said = refused("planning.plan.update", plan, {"title": "x"})
    page = action_refusal(make.system(), entity("planning.plan"), plan.pk, action_of("planning.plan.update"))
    assert (said.code, said.status) == (page.code, page.status) == ("record.closed", 409)
    assert said.in_language("en") == page.in_language("en") == CLOSED
    assert said.in_language("zh") == page.in_language("zh") == "PP-1 当前状态为“已下达”，不能编辑。"
    assert ProductionPlan.objects.get().title == ""


def test_an_import_is_refused_by_row(plan):
    ProductionPlan.objects.create(number="PP-2", plant=plan.plant)
    rows = [{"number": "PP-1", "title": "x"}, {"number": "PP-2", "title": "y"}]
    result = bulk_upsert(actor=make.system(), entity_key="planning.plan", rows=rows, by=["number"])
    ((place, errors),) = result.errors
    assert (place, result.updated) == (0, 1)
    assert [(error.code, error.in_language("en")) for error in errors] == [("record.closed", CLOSED)]


def test_a_line_is_closed_with_its_document(plan):
    line = plan.lines.get()
    assert refused("planning.planline.update", line, {"quantity": "9"}).in_language("en") == CLOSED
    raw = {"plan": str(plan.pk), "item": str(line.item_id), "quantity": "9", "line_no": 20}
    raw |= {"start_at": make.at(8).isoformat(), "end_at": make.at(9).isoformat()}
    raw |= {"work_centre": str(line.work_centre_id)}
    assert refused("planning.planline.create", None, raw).code == "record.closed"
    rows = [{"plan": str(plan.pk), "line_no": line.line_no, "quantity": "9"}]
    result = bulk_upsert(
        actor=make.system(), entity_key="planning.planline", rows=rows, by=["plan", "line_no"]
    )
    assert [error.code for _place, errors in result.errors for error in errors] == ["record.closed"]
    ProductionPlan.objects.update(state="DRAFT")
    action_run(actor=make.system(), key="planning.planline.update", record=line, raw={"quantity": "9"})
    assert plan.lines.get().quantity == 9


def test_what_was_put_away_is_restored_before_it_is_changed():
    unit = Unit.objects.create(code="t", name="Ton")
    action_run(actor=make.system(), key="catalog.unit.archive", record=unit)
    said = refused("catalog.unit.update", unit, {"name": "x"})
    assert (said.code, said.status) == ("record.archived", 409)
    assert said.in_language("en") == "t is archived; restore it to change it."
    assert said.in_language("zh") == "t 已归档，恢复后才能修改。"
    rows = [{"code": "t", "name": "x"}]
    result = bulk_upsert(actor=make.system(), entity_key="catalog.unit", rows=rows, by=["code"])
    assert [error.code for error in result.errors[0][1]] == ["record.archived"]
    action_run(actor=make.system(), key="catalog.unit.restore", record=unit)
    action_run(actor=make.system(), key="catalog.unit.update", record=unit, raw={"name": "x"})


def test_a_state_one_may_not_see_is_not_told(plan):
    grant = {"entity": "planning.plan", "actions": ["read", "update"], "hidden_fields": ["state"]}
    access.role_define(actor=make.system(), key="p", label="P")
    access.grants_set(actor=make.system(), role="p", grants=[grant])
    actor = user_actor(access.user_create(actor=make.system(), username="p", roles=["p"]))
    said = refused("planning.plan.update", plan, {"title": "x"}, actor)
    assert said.in_language("en") == "PP-1 cannot be edited now."


def test_the_actions_of_a_closed_record_are_not_hindered(plan):
    for verb, state in (("return", "RETURNED"), ("reject", "REJECTED")):
        ProductionPlan.objects.update(state="SUBMITTED")
        action_run(actor=make.system(), key=f"planning.plan.{verb}", record=plan)
        assert ProductionPlan.objects.get().state == state
