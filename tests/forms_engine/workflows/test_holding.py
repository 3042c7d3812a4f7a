"""What an open case will run itself nobody else runs meanwhile: API, import, form by address."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from forms_engine.access import services as access
from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.models import User
from forms_engine.access.walls import walls
from forms_engine.core.bulk import bulk_upsert
from forms_engine.core.describe import actions_available
from forms_engine.core.entity import entity
from forms_engine.core.holds import holds_on
from forms_engine.core.run import action_run
from forms_engine.journal.delivery import outbox_drain
from forms_engine.workflows.errors import CaseOpen
from forms_engine.workflows.models import Instance
from jit.catalog.models import Unit
from tests.forms_engine.workflows.conftest import SYSTEM, drawing

ARCHIVE = "catalog.unit.archive"
UNITS = {"entity": "catalog.unit", "actions": ["*"]}


def putting_away(**options):
    """A new unit is archived once somebody has agreed."""
    flow = drawing(slug="unit_archiving", **options)
    flow["title"] = {"en": "Putting away", "zh": "归档审批"}
    flow["nodes"][2] = {
        "id": "rename",
        "type": "run_action",
        "options": {"action": ARCHIVE},
        "next": {"done": "yes"},
    }
    return flow


@pytest.fixture
def chen(office):
    """Somebody with every right on units and none on flows."""
    access.role_define(actor=SYSTEM, key="units", label="Units")
    access.grants_set(actor=SYSTEM, role="units", grants=[UNITS])
    user = access.user_create(actor=SYSTEM, username="chen", roles=["units"])
    return user_actor(User.objects.get(pk=user.pk))


def api(person, **more):
    user = User.objects.get(pk=person.user_id)
    _token, secret = access.token_create(actor=SYSTEM, user=user)
    client = Client(HTTP_AUTHORIZATION=f"Bearer {secret}", **more)

    def post(address, body=None):
        return client.post(f"/api/v1{address}", json.dumps(body or {}), content_type="application/json")

    return post


def test_the_api_cannot_go_round_an_approval_and_says_why_in_both_languages(office, chen):
    office.publish(putting_away())
    case = office.request()
    address = f"/catalog.unit/{case.subject_id}/archive/"
    for language, said in (
        ("en", "“Putting away” is under way for this record and does this itself. It stands at “Chief app"),
        ("zh-hans", "“归档审批”正在进行，该操作由流程执行。当前步骤：“主管审批”。"),
    ):
        answer = api(chen, HTTP_ACCEPT_LANGUAGE=language)(address)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "workflows.case.open")
        assert said in json.dumps(problem, ensure_ascii=False), problem
    assert Unit.objects.get(pk=case.subject_id).archived_at is None


def test_who_may_see_the_case_reads_whom_it_waits_for(office):
    office.publish(putting_away())
    case = office.request()
    with pytest.raises(CaseOpen) as refusal:
        action_run(actor=office.root, key=ARCHIVE, record=case.subject_id)
    assert refusal.value.in_language("en").endswith("It waits at “Chief approves” for li, zhao.")
    assert refusal.value.in_language("zh").endswith("当前在“主管审批”等待：li, zhao。")
    assert refusal.value.params == {"flow": "unit_archiving", "case": str(case.pk)}


def test_the_flow_itself_passes_and_other_records_are_free(office, chen):
    office.publish(putting_away())
    case = office.request()
    other = Unit.objects.create(code="t", name="Ton")
    action_run(actor=chen, key=ARCHIVE, record=other)
    office.answer(office.li, "approve", office.task(office.li, case))
    assert Unit.objects.get(pk=case.subject_id).archived_at is not None
    case.refresh_from_db()
    assert (case.status, case.result) == ("done", "approved")


@pytest.mark.parametrize("how", ["reject", "terminate"])
def test_after_the_case_has_ended_the_action_is_free_again(office, chen, how):
    office.publish(putting_away())
    case = office.request()
    with pytest.raises(CaseOpen):
        action_run(actor=chen, key=ARCHIVE, record=case.subject_id)
    if how == "reject":
        office.answer(office.li, "reject", office.task(office.li, case), comment="no")
    else:
        raw = {"comment": "begun by mistake"}
        action_run(actor=office.root, key="workflows.instance.terminate", record=case, raw=raw)
    action_run(actor=chen, key=ARCHIVE, record=case.subject_id)
    assert Unit.objects.get(pk=case.subject_id).archived_at is not None


def test_nobody_slips_through_before_the_case_has_begun(office, chen):
    office.publish(putting_away())
    unit = action_run(actor=office.wang, key="catalog.unit.create", raw={"code": "kg"}).record_id
    with pytest.raises(CaseOpen) as refusal:
        action_run(actor=chen, key=ARCHIVE, record=unit)
    assert "“Putting away” is about to begin" in refusal.value.in_language("en")
    assert "“归档审批”即将开始" in refusal.value.in_language("zh")
    outbox_drain()
    assert Instance.objects.filter(subject_id=unit, status="running").exists()


def test_a_flow_that_will_not_begin_holds_nothing(office, chen):
    flow = putting_away()
    flow["nodes"][0]["options"]["when"] = '{code} = "never"'
    office.publish(flow)
    unit = action_run(actor=office.wang, key="catalog.unit.create", raw={"code": "kg"}).record_id
    outbox_drain()
    action_run(actor=chen, key=ARCHIVE, record=unit)
    assert Unit.objects.get(pk=unit).archived_at is not None


def test_a_flow_that_asks_nobody_holds_nothing(office, chen):
    flow = putting_away()
    flow["nodes"][1] = {
        "id": "approve",
        "type": "timer",
        "options": {"minutes": 30},
        "next": {"out": "rename"},
    }
    del flow["nodes"][4]
    office.publish(flow)
    case = office.request()
    action_run(actor=chen, key=ARCHIVE, record=case.subject_id)
    assert Unit.objects.get(pk=case.subject_id).archived_at is not None


def test_where_a_case_is_stuck_at_the_action_people_help(office, chen):
    office.publish(putting_away())
    case = office.request()
    Unit.objects.filter(pk=case.subject_id).update(archived_at="2026-01-01T00:00Z")
    office.answer(office.li, "approve", office.task(office.li, case))
    case.refresh_from_db()
    assert case.is_stuck
    Unit.objects.filter(pk=case.subject_id).update(archived_at=None)
    action_run(actor=chen, key=ARCHIVE, record=case.subject_id)


def test_what_somebody_is_asked_about_is_not_put_away(office, chen, browser_of):
    office.publish(drawing())
    case = office.request()
    noun = entity("catalog.unit")
    with pytest.raises(CaseOpen) as refusal:
        action_run(actor=chen, key=ARCHIVE, record=case.subject_id)
    assert refusal.value.in_language("en").endswith("it can be archived when that has ended.")
    assert refusal.value.in_language("zh").endswith("尚未结束，结束后才能归档。")
    assert ARCHIVE not in [verb.key for verb in actions_available(chen, noun, case.subject_id)]
    office.answer(office.li, "approve", office.task(office.li, case))
    action_run(actor=chen, key=ARCHIVE, record=case.subject_id)
    assert Unit.objects.get(pk=case.subject_id).archived_at is not None


def test_of_an_edit_only_what_the_flow_will_write_is_held(office, chen):
    office.publish(drawing())
    case = office.request()
    unit = case.subject_id
    action_run(actor=chen, key="catalog.unit.update", record=unit, raw={"name": "Kilogram", "decimals": 3})
    with pytest.raises(CaseOpen):
        action_run(actor=chen, key="catalog.unit.update", record=unit, raw={"name": "Kilogram ok"})
    office.answer(office.li, "approve", office.task(office.li, case))
    row = Unit.objects.get(pk=unit)
    assert (row.name, row.decimals) == ("Kilogram ok", 3)


def test_an_import_tells_row_by_row(office, chen):
    office.publish(drawing())
    office.request()
    Unit.objects.create(code="t", name="Ton")
    rows = [{"code": "kg", "name": "mine"}, {"code": "t", "name": "Tonne"}, {"code": "kg2", "name": "new"}]
    result = bulk_upsert(actor=chen, entity_key="catalog.unit", rows=rows, by=["code"])
    assert (result.created, result.updated) == (1, 1)
    ((place, errors),) = result.errors
    assert (place, [error.code for error in errors]) == (0, ["workflows.case.open"])
    assert Unit.objects.get(code="kg").name == "Kilogram"


def test_a_step_that_leaves_it_to_the_persons_rights_still_writes(office):
    flow = drawing()
    flow["nodes"][1] = {
        "id": "approve",
        "type": "fill_form",
        "options": {"who": [{"kind": "role", "value": "requester"}]},
        "next": {"out": "rename"},
    }
    del flow["nodes"][4]
    office.publish(flow)
    case = office.request()
    task = office.task(office.wang, case)
    office.answer(office.wang, "submit", task, values=json.dumps({"name": "Kilo"}))
    assert Unit.objects.get(pk=case.subject_id).name == "Kilo ok"


def test_the_page_offers_no_held_action_even_to_who_sees_nothing_of_the_case(office, chen, browser_of):
    office.publish(putting_away())
    case = office.request()
    noun, address = entity("catalog.unit"), f"/e/catalog.unit/{case.subject_id}/"
    assert ARCHIVE not in [verb.key for verb in actions_available(chen, noun, case.subject_id)]
    answer = browser_of(chen).get(f"{address}do/archive", follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert "“Putting away” is under way for this record" in answer.content.decode()
    office.answer(office.li, "reject", office.task(office.li, case), comment="no")
    assert ARCHIVE in [verb.key for verb in actions_available(chen, noun, case.subject_id)]
    assert browser_of(chen).get(f"{address}do/archive").status_code == 200


def test_what_no_drawing_runs_costs_nothing_and_the_rest_one_statement(office, chen):
    unit = Unit.objects.create(code="t", name="Ton")
    office.publish(putting_away())

    def counted(raw):
        with CaptureQueriesContext(connection) as seen:
            action_run(actor=chen, key="catalog.unit.update", record=unit, raw=raw)
        return len([one for one in seen if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    counted({"name": "x"})
    free = counted({"name": "y"})
    office.publish(drawing())
    counted({"name": "z"})
    assert counted({"name": "Ton"}) == free + 1


@pytest.mark.django_db(databases=["default", "portal"])
def test_a_supplier_is_held_without_being_told_who_decides(office):
    office.publish(putting_away())
    case = office.request()
    outside = Actor(kind="link", id="link:1", name="Supplier", supplier_id=case.pk)
    with walls(outside):  # the portal's login sees no flows
        hold = holds_on(outside, (ARCHIVE,), (case.subject_id,))[ARCHIVE, case.subject_id]
        said = hold.refusal().in_language("en")
    assert said.endswith("It stands at “Chief approves”.")
