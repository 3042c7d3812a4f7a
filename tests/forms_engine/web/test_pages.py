"""The pages of any entity, as a person's browser asks for them."""

import datetime as dt
import html
import json
import re

import pytest
from django.test import Client

from forms_engine.access import services as access
from jit.catalog.models import Item, WorkCentre
from jit.planning.models import PlanRun, ProductionPlan, ProductionPlanLine
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def person(name, *grants, **more):
    roles = []
    if grants:
        access.role_define(actor=make.system(), key=name, label=name)
        access.grants_set(actor=make.system(), role=name, grants=grants)
        roles = [name]
    client = Client(**ENGLISH)
    client.force_login(access.user_create(actor=make.system(), username=name, roles=roles, **more))
    return client


@pytest.fixture
def admin():
    return person("boss", is_superuser=True)


@pytest.fixture
def reader():
    return person("reader", {"entity": "catalog.item", "actions": ["read"], "hidden_fields": ["name"]})


def words(answer, status=200):
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


def test_a_list_shows_searches_filters_and_sorts(admin):
    for code, name in (("X-100", "支架"), ("X-200", "螺栓"), ("Y-1", "<b>壳</b>")):
        make.item(code, name=name)
    text = words(admin.get("/e/catalog.item/"))
    assert "X-100" in text and "支架" in text and "&lt;b&gt;壳" in text and "<b>壳" not in text
    text = words(admin.get("/e/catalog.item/", {"q": "螺栓"}))
    assert "X-200" in text and "X-100" not in text
    text = words(admin.get("/e/catalog.item/", {"filter": json.dumps(["starts", "code", "Y"])}))
    assert "Y-1" in text and "X-100" not in text
    text = words(admin.get("/e/catalog.item/", {"sort": "-code"}))
    assert text.index("Y-1") < text.index("X-200") < text.index("X-100")
    rows = words(admin.get("/e/catalog.item/", HTTP_HX_TARGET="rows"))
    assert "X-100" in rows and "<html" not in rows


def test_a_list_pages_forwards_and_back(admin):
    for number in range(60):
        make.item(f"N{number:03}")
    first = admin.get("/e/catalog.item/?sort=code")
    assert "N049" in words(first) and "N050" not in words(first)
    second = admin.get("/e/catalog.item/" + first.context["next_url"])
    assert "N050" in words(second) and "N049" not in words(second)
    back = admin.get("/e/catalog.item/" + second.context["prev_url"])
    assert "N000" in words(back) and "N050" not in words(back)


@pytest.mark.parametrize("query", ["?filter={", "?filter=[]", '?filter=["eq","no_such",1]', "?after=junk"])
def test_a_broken_address_is_refused_and_not_a_fault(admin, query):
    assert admin.get(f"/e/catalog.item/{query}").status_code in (200, 400, 422)


def test_a_record_page_and_its_drawer(admin):
    made = make.item("X-100", name="支架")
    text = words(admin.get(f"/e/catalog.item/{made.pk}/"))
    assert "X-100" in text and "支架" in text and f"/e/catalog.item/{made.pk}/edit" in text
    drawer = words(admin.get(f"/e/catalog.item/{made.pk}/", HTTP_HX_TARGET="drawer"))
    assert "data-drawer-title" in drawer and "<html" not in drawer
    assert admin.get(f"/e/catalog.item/{make.unit().pk}/").status_code == 404
    assert admin.get("/e/no.such/").status_code == 404


def test_a_record_is_made_and_changed(admin):
    assert "code" in words(admin.get("/e/catalog.item/new"))
    sent = {"code": "NEW-1", "name": "新件", "unit": str(make.unit().pk), "mode": "JIT"}
    answer = admin.post("/e/catalog.item/new", sent)
    made = Item.objects.get(code="NEW-1")
    assert (answer.status_code, answer["Location"]) == (302, f"/e/catalog.item/{made.pk}/")
    answer = admin.get(f"/e/catalog.item/{made.pk}/edit")
    assert "NEW-1" in words(answer)
    answer = admin.post(f"/e/catalog.item/{made.pk}/edit", sent | {"name": "新名", "version": made.version})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.name == "新名"


def test_every_error_is_shown_at_once_and_what_was_typed_is_kept(admin):
    make.item("X-100")
    sent = {"code": "", "name": "名字<i>", "unit": "", "mode": "NONSENSE", "safety_stock": "viele"}
    text = words(admin.post("/e/catalog.item/new", sent), 422)
    assert text.count("form-error") >= 4
    assert "名字&lt;i&gt;" in text and 'value="viele"' in text
    assert Item.objects.count() == 1
    taken = {"code": "X-100", "name": "b", "unit": str(make.unit().pk), "mode": "JIT"}
    text = words(admin.post("/e/catalog.item/new", taken), 422)
    assert 'value="X-100"' in text and "form-error" in text


def test_a_second_editor_is_told_and_loses_nothing(admin):
    made = make.item("X-100", name="eins")
    sent = {"code": "X-100", "name": "zwei", "unit": str(made.unit_id), "mode": made.mode, "version": 1}
    assert admin.post(f"/e/catalog.item/{made.pk}/edit", sent).status_code == 302
    text = words(admin.post(f"/e/catalog.item/{made.pk}/edit", sent | {"name": "drei"}), 409)
    assert 'value="drei"' in text
    made.refresh_from_db()
    assert made.name == "zwei"


def test_rights_decide_what_is_seen_and_offered(reader):
    made = make.item("X-100", name="geheim")
    text = words(reader.get("/e/catalog.item/"))
    assert "X-100" in text and "geheim" not in text and "/e/catalog.item/new" not in text
    text = words(reader.get(f"/e/catalog.item/{made.pk}/"))
    assert "X-100" in text and "geheim" not in text and "/edit" not in text
    assert reader.post("/e/catalog.item/new", {"code": "B"}).status_code in (403, 422)
    words(reader.get("/e/catalog.item/new"), 403)  # nobody fills in what he may not send
    words(reader.get("/do/planning.plan.release/"), 403)
    assert Item.objects.count() == 1
    assert reader.get("/e/supply.calloff/").status_code == 403
    assert Client().get("/e/catalog.item/").status_code == 302


def test_an_action_asks_first_and_then_does_it(admin):
    made = make.item("X-100")
    assert "X-100" in words(admin.get(f"/e/catalog.item/{made.pk}/do/archive"))
    made.refresh_from_db()
    assert made.archived_at is None
    assert admin.post(f"/e/catalog.item/{made.pk}/do/archive").status_code == 302
    made.refresh_from_db()
    assert made.archived_at is not None


def test_pages_speak_the_language_of_the_person(admin):
    assert "物料" in words(admin.get("/e/catalog.item/", HTTP_ACCEPT_LANGUAGE="zh-hans"))
    english = words(admin.get("/e/catalog.item/"))
    assert "物料" not in english and "Items" in english


def test_a_new_form_shows_the_defaults(admin):
    """A box drawn empty would be saved as "no": a new item would be switched off by mere saving."""
    unit = make.item("X-1").unit
    text = words(admin.get("/e/catalog.item/new"))
    box = re.search(r'<input[^>]*type="checkbox"[^>]*name="is_active"[^>]*>', text)
    assert box and "checked" in box.group()
    assert "New: Item" in text
    assert admin.post("/e/catalog.item/new", {"code": "X-2", "unit": unit.pk, "is_active": "true"})
    assert Item.objects.get(code="X-2").is_active


def test_pages_of_a_record_name_it(admin):
    item = make.item("X-100")
    assert "Edit X-100" in words(admin.get(f"/e/catalog.item/{item.pk}/edit"))
    asked = words(admin.get(f"/e/catalog.item/{item.pk}/do/archive"))
    assert "X-100" in asked


def test_two_editors_keep_what_both_have_written(admin):
    item = make.item("X-100", name="alt", specification="alt")
    page = words(admin.get(f"/e/catalog.item/{item.pk}/edit"))
    was = html.unescape(re.search(r'name="was" value="([^"]*)"', page).group(1))
    mine = {name: value for name, value in json.loads(was).items() if value}
    sent = mine | {"version": item.version, "was": was, "name": "mine", "group": "G"}
    Item.objects.filter(pk=item.pk).update(name="theirs", specification="theirs too")
    late = words(admin.post(f"/e/catalog.item/{item.pk}/edit", sent), 409)
    assert late.count("Meanwhile it was set to “theirs”") == 2  # summary and field: both wrote it
    assert late.count("Meanwhile it was set to") == 2  # and of nothing else
    value = {
        one: re.search(rf'name="{one}"[^>]*value="([^"]*)"', late).group(1)
        for one in ("version", "name", "specification", "group")
    }
    assert (value["name"], value["specification"], value["group"]) == ("mine", "theirs too", "G")
    new_was = html.unescape(re.search(r'name="was" value="([^"]*)"', late).group(1))
    again = sent | value | {"was": new_was}
    assert admin.post(f"/e/catalog.item/{item.pk}/edit", again).status_code == 302
    item.refresh_from_db()
    assert (item.name, item.specification, item.group) == ("mine", "theirs too", "G")


def test_logging_in_often_is_no_guessing():
    """Only failures count: a terminal of the floor, or a visitor who tries all demo roles, goes on."""
    access.user_create(actor=make.system(), username="wang", password="long-enough-1", roles=[])
    for _ in range(8):
        done = Client(**ENGLISH).post("/login", {"username": "wang", "password": "long-enough-1"})
        assert done.status_code == 302
    for _ in range(5):
        wrong = Client(**ENGLISH).post("/login", {"username": "wang", "password": "guess"})
        assert wrong.status_code == 422
    right = Client(**ENGLISH).post("/login", {"username": "wang", "password": "long-enough-1"})
    assert right.status_code == 429


def test_a_form_of_a_lost_session_says_so():
    """The page does not speak of rights, and leads back to where the draft is offered."""
    client = Client(enforce_csrf_checks=True, **ENGLISH)
    text = words(client.post("/e/catalog.item/new", {"code": "X"}), 403)
    assert "open too long" in text and "administrator" not in text and 'href="/e/catalog.item/new"' in text


def test_every_input_of_a_line_has_a_label(admin):
    text = words(admin.get("/e/catalog.bom/new"))
    row = text[
        text.index("<template data-row>") : text.index("</template>", text.index("<template data-row>"))
    ]
    ids = re.findall(r'id="(f-lines-0-[a-z_]+)"', row)
    assert "f-lines-0-component" in ids
    assert not [
        one for one in ids if f'for="{one}"' not in row and "-error" not in one and "-help" not in one
    ]


def test_history_speaks_the_plants_time(admin):
    item = make.item("X-100")
    admin.post(f"/e/catalog.item/{item.pk}/do/archive", {})
    text = words(admin.get(f"/e/catalog.item/{item.pk}/"))
    assert "+00:00</" not in text and "+00:00 " not in text


def test_a_monster_of_a_number_comes_back_as_it_was_typed(admin):
    text = words(admin.post("/e/catalog.item/new", {"code": "N", "safety_stock": "1e9999"}), 422)
    assert 'value="1e9999"' in text and "0" * 100 not in text


def test_an_error_in_a_line_says_which_one(admin):
    sent = {"lines.count": "1", "lines-0-quantity_per": "x"}
    text = words(admin.post("/e/catalog.bom/new", sent), 422)
    assert re.search(r'href="#f-lines-0-component">[^<]* 1 · Component</a>', text)


def test_a_rule_of_the_table_is_told_in_the_cell_of_its_row(admin):
    built = make.f0()
    line = {"item": built.product.pk, "work_centre": built.work_centre.pk, "quantity": "5"}
    times = ("2026-11-30T08:00", "2026-11-30T09:00")
    lines = [
        {**line, "start_at": times[0], "end_at": times[1]},
        {**line, "start_at": times[1], "end_at": times[0]},
    ]
    sent = {f"lines-{at}-{name}": str(v) for at, row in enumerate(lines) for name, v in row.items()}
    sent |= {"lines.count": "1", "plant": str(built.plant.pk)}
    chinese = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}
    for more, said in (({}, "Start must be before End."), (chinese, "开工须早于完工。")):
        text = words(admin.post("/e/planning.plan/new", sent, **more), 422)
        cell = text[text.index('id="f-lines-1-end_at"') :]
        assert re.search(r'id="f-lines-1-end_at-error"[^<]*(<[^<]*)?' + said, cell[: cell.index("</td>")])
        assert 'id="f-lines-0-end_at-error"' not in text and 'href="#f-lines-1-end_at"' in text


def test_a_refused_form_still_names_what_was_chosen(admin):
    item = make.item("X-100")
    sent = {"code": "", "unit": str(item.unit_id)}
    text = words(admin.post("/e/catalog.item/new", sent), 422)
    assert f'value="{item.unit_id}" label="{item.unit.code}"' in text
    lines = {"lines.count": "1", "lines-0-component": str(item.pk), "lines-0-quantity_per": "x"}
    text = words(admin.post("/e/catalog.bom/new", lines), 422)
    assert f'value="{item.pk}" label="X-100"' in text
    broken = words(admin.post("/e/catalog.item/new", {"code": "", "unit": "no id"}), 422)
    assert "no id" in broken


def test_edit_is_offered_only_while_the_plan_may_be_changed(admin):
    plan = ProductionPlan.objects.create(number="PP-1", plant=make.plant())
    address = f"/e/planning.plan/{plan.pk}/"
    assert f"{address}edit" in words(admin.get(address))
    for state in ("SUBMITTED", "RELEASED"):
        ProductionPlan.objects.update(state=state)
        assert f"{address}edit" not in words(admin.get(address))
    ProductionPlan.objects.update(state="RETURNED")
    assert f"{address}edit" in words(admin.get(address))


def test_the_form_of_a_plan_that_may_not_be_edited_is_refused_at_once(admin):
    """By its address as well: one lands on the plan and reads why; nothing is typed in vain."""
    plan = ProductionPlan.objects.create(number="PP-1", plant=make.plant(), state="RELEASED")
    address = f"/e/planning.plan/{plan.pk}/"
    chinese = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}
    for more, said in (
        ({}, "PP-1 cannot be edited now: its state is “Released”."),
        (chinese, "PP-1 当前状态为“已下达”，不能编辑。"),
    ):
        answer = admin.get(f"{address}edit", follow=True, **more)
        assert answer.redirect_chain == [(address, 302)]
        assert f'<template data-tone="error">{said}</template>' in words(answer)
    late = words(admin.post(f"{address}edit", {"title": "typed before", "plant": str(plan.plant_id)}), 409)
    assert 'value="typed before"' in late
    only_reads = person("looker", {"entity": "planning.plan", "actions": ["read"]})
    assert only_reads.get(f"{address}edit").status_code == 403
    ProductionPlan.objects.update(state="DRAFT")
    words(admin.get(f"{address}edit"))


def test_a_form_nobody_can_send_is_not_drawn(admin):
    words(admin.get("/e/stock.balance/new"), 404)
    answer = admin.get("/do/planning.plan.release/", follow=True)
    assert answer.redirect_chain == [("/e/planning.plan/", 302)]
    assert "Open the record first" in words(answer) or "请先打开记录" in words(answer)


def test_what_only_its_actions_change_has_no_form_to_edit_it(admin):
    run = PlanRun.objects.create(number="PR-1", as_of=make.DAY, horizon_end=make.DAY)
    answer = admin.get(f"/e/planning.planrun/{run.pk}/edit", follow=True)
    assert "PR-1 is changed by its own actions only" in words(answer)


def test_an_action_that_is_not_possible_now_is_refused_at_once(admin):
    """Its form by address lands on the record and says why, like the form of the edit."""
    plan = ProductionPlan.objects.create(number="PP-1", plant=make.plant())
    address = f"/e/planning.plan/{plan.pk}/"
    for more, said in (
        ({}, "“Release” is not possible now: PP-1 is in state “Draft”."),
        ({"HTTP_ACCEPT_LANGUAGE": "zh-hans"}, "当前不能执行“下达”：PP-1 的状态为“草稿”。"),
    ):
        answer = admin.get(f"{address}do/release", follow=True, **more)
        assert answer.redirect_chain == [(address, 302)]
        assert f'<template data-tone="error">{said}</template>' in words(answer)
    assert "not possible now" in words(admin.post(f"{address}do/release", {}), 409)
    only_reads = person("looker", {"entity": "planning.plan", "actions": ["read"]})
    assert only_reads.get(f"{address}do/release").status_code == 403
    again = admin.get(f"{address}do/restore", follow=True)
    assert "The record is not archived." in words(again)
    ProductionPlan.objects.update(state="SUBMITTED")
    words(admin.get(f"{address}do/release"))


def test_the_history_of_a_plan_tells_of_its_lines(admin):
    plan = ProductionPlan.objects.create(number="PP-1", plant=make.plant())
    centre = WorkCentre.objects.create(code="W1", name="W1", plant=plan.plant)
    start = dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)
    given = {
        "plan": plan,
        "item": make.item("X-100"),
        "work_centre": centre,
        "start_at": start,
        "end_at": start + dt.timedelta(hours=8),
    }
    kept = ProductionPlanLine.objects.create(line_no=10, quantity=100, **given)
    gone = ProductionPlanLine.objects.create(line_no=20, quantity=5, **given)
    ProductionPlanLine.objects.filter(pk=kept.pk).update(quantity=120)
    gone.delete()
    other = ProductionPlan.objects.create(number="PP-2", plant=plan.plant)
    assert "changed plan line" not in history(admin, other)
    told = history(admin, plan)
    assert "changed plan line 10" in told and "120" in told and "deleted plan line 20" in told
    listed = admin.get(f"/api/v1/planning.plan/{plan.pk}/history/").json()["results"]
    assert [one["part"] and one["part"]["title"] for one in listed] == ["20", "10", None]


def history(client, plan):
    """The part of a record's page that tells what has happened."""
    text = words(client.get(f"/e/planning.plan/{plan.pk}/")).lower()
    return text[text.index("history") :]
