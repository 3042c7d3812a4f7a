"""The studio: what is defined is there at once, in form, list, filter and API, without a restart."""

import datetime as dt
import io
import json
import re

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from forms_engine.access import services as access
from forms_engine.core import entity as nouns
from forms_engine.core.services import schemas
from forms_engine.journal.delivery import outbox_drain
from jit.stock.models import Lot
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner", "portal"])
FURNACE = {"name": "furnace_no", "type": "text", "label_en": "Furnace no.", "label_zh": "炉号"}


def client_of(name, *grants, **more):
    roles = []
    if grants:
        access.role_define(actor=make.system(), key=name, label=name)
        access.grants_set(actor=make.system(), role=name, grants=grants)
        roles = [name]
    client = Client()
    client.force_login(
        access.user_create(actor=make.system(), username=name, roles=roles, language="zh-hans", **more)
    )
    return client


@pytest.fixture
def admin():
    return client_of("boss", is_superuser=True)


def test_a_new_field_of_a_lot_is_everywhere_at_once(admin):
    part = make.item("X-100")
    old = Lot.objects.create(item=part, code="L-1")
    plan = admin.post("/studio/entities/stock.lot/", FURNACE | {"do": "check"})
    assert plan.status_code == 200 and "ADD COLUMN" in plan.content.decode().upper()
    assert "炉号" not in admin.get("/e/stock.lot/new").content.decode()
    done = admin.post("/studio/entities/stock.lot/", FURNACE | {"do": "publish"})
    assert (done.status_code, done["Location"]) == (302, "/studio/entities/stock.lot/")
    assert "炉号" in admin.get("/studio/entities/stock.lot/").content.decode()
    assert "炉号" in admin.get("/e/stock.lot/new").content.decode()
    sent = {"item": str(part.pk), "code": "L-2", "status": "AVAILABLE", "x_furnace_no": "F-77"}
    answer = admin.post("/e/stock.lot/new", sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    listed = admin.get("/e/stock.lot/", {"columns": "code,x_furnace_no"}).content.decode()
    assert "炉号" in listed and "F-77" in listed
    found = admin.get("/e/stock.lot/", {"filter": json.dumps(["eq", "x_furnace_no", "F-77"])})
    assert "L-2" in found.content.decode() and "L-1" not in found.content.decode()
    row = admin.get("/api/v1/stock.lot/", {"filter": json.dumps(["eq", "x_furnace_no", "F-77"])}).json()
    assert [(one["code"], one["x_furnace_no"]) for one in row["results"]] == [("L-2", "F-77")]
    changed = admin.patch(
        f"/api/v1/stock.lot/{old.pk}/", {"x_furnace_no": "F-78"}, content_type="application/json"
    )
    assert changed.status_code == 200, changed.content
    assert "F-78" in admin.get(f"/e/stock.lot/{old.pk}/").content.decode()


def test_the_plan_is_told_in_words_and_the_statements_stand_behind_a_fold(admin):
    part = make.item("X-100")
    for code in ("L-1", "L-2"):
        Lot.objects.create(item=part, code=code)
    sent = FURNACE | {"do": "check", "required": "true", "unique": "true"}
    told = admin.post("/studio/entities/stock.lot/", sent).content.decode()
    words, _, fold = told.partition("<summary>技术细节</summary>")
    for sentence in (
        "新增一列：“炉号”",
        "任何两条记录的“炉号”不得相同",
        "已有的 2 条记录保持不变；其中“炉号”为空。",
        "“炉号”为必填：修改旧记录时须补填。",
        "停顿约 0.1 秒",
        "几秒内完成",
        "尚未作任何改动",
    ):
        assert sentence in told, sentence
    assert "ALTER TABLE" in fold and "ALTER TABLE" not in words
    sent = {"slug": "repair", "en": "Repair", "zh": "报修单", "name": "place", "type": "reference"}
    sent |= {"target": "catalog.location", "label_zh": "地点", "do": "check"}
    told = admin.post("/studio/entities/new/", sent).content.decode()
    assert "为“报修单”新建一张空表" in told and "“地点”指向“" in told and "不影响任何已有数据" in told
    assert admin.get("/studio/entities/x.repair/").status_code == 404, "nothing was made"


def test_who_may_open_an_entity_is_told_and_leads_to_the_rights_form(admin):
    client_of("buyer", {"entity": "stock.*", "actions": ["read"]})
    client_of("painter", {"entity": "catalog.item", "actions": ["read"]})
    told = admin.get("/studio/entities/stock.lot/").content.decode()
    assert "谁可以打开" in told and "actions: [" not in told
    assert re.search(r'for=stock\.lot">buyer</a>: <span class="chip">查看', told)
    assert re.search(r'for=stock\.lot">painter</a>: <span class="muted">尚无权限', told)
    form = admin.get("/studio/roles/painter/?for=stock.lot").content.decode()
    first = re.search(r'<details class="right"[^>]*>', form)[0]
    assert "stock.lot" in first and first.endswith(" open>")


def test_an_entity_is_defined_used_and_kept_from_others(admin):
    sent = {"slug": "visitor", "en": "Visitor", "zh": "访客", "name": "plate", "type": "text"}
    sent |= {"label_en": "Plate", "label_zh": "车牌", "required": "true"}
    done = admin.post("/studio/entities/new/", sent)
    assert (done.status_code, done["Location"]) == (302, "/studio/entities/x.visitor/")
    assert "访客" in admin.get("/e/x.visitor/").content.decode()
    assert admin.post("/e/x.visitor/new", {"plate": ""}).status_code == 422
    assert admin.post("/e/x.visitor/new", {"plate": "沪A·12345"}).status_code == 302
    assert "沪A·12345" in admin.get("/e/x.visitor/").content.decode()
    entry = '<a class="menu-link" href="/e/x.visitor/"'
    assert entry in admin.get("/e/").content.decode()
    other = client_of("reader", {"entity": "catalog.item", "actions": ["read"]})
    assert other.get("/e/x.visitor/").status_code == 403
    assert entry not in other.get("/e/catalog.item/").content.decode()


def test_fields_added_later_stand_in_the_list_and_count_in_the_workbook(admin):
    """An entity begins with one field; a list that kept showing only that one would be of no use."""
    first = {"slug": "repair", "en": "Repair", "zh": "报修单", "name": "subject", "type": "text"}
    assert admin.post("/studio/entities/new/", first).status_code == 302
    for name, kind, more in (
        ("hours", "decimal", {}),
        ("cost", "formula", {"formula": "{hours}*400"}),
        ("seen_on", "date", {}),
    ):
        sent = {"name": name, "type": kind, "label_zh": f"栏-{name}", "do": "publish"} | more
        assert admin.post("/studio/entities/x.repair/", sent).status_code == 302
    sent = {"subject": "主轴异响", "hours": "2.5", "seen_on": "2026-11-29"}
    assert admin.post("/e/x.repair/new", sent).status_code == 302
    listed = admin.get("/e/x.repair/").content.decode()
    assert all(f"栏-{name}" in listed for name in ("hours", "cost", "seen_on"))
    book = b"".join(admin.get("/e/x.repair/export.xlsx").streaming_content)
    row = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()[1]
    assert row == ["主轴异响", 2.5, 1000.0, dt.date(2026, 11, 29)]


def test_every_page_of_the_studio_opens(admin):
    make.item("X-100")
    asked, seen = ["/studio/"], set()
    while asked:
        address = asked.pop()
        answer = admin.get(address)
        assert answer.status_code == 200, address
        seen.add(address)
        links = set(re.findall(r'href="(/studio/[^"?#]*)"', answer.content.decode()))
        some = {one for one in links if not re.search(r"/entities/(?!new/|stock\.lot/)[^/]+/", one)}
        asked += some - seen - set(asked)
    assert {"/studio/entities/", "/studio/entities/new/", "/studio/people/", "/studio/flows/"} <= seen
    listed = admin.get("/studio/entities/").content.decode()
    assert re.search(r"catalog\.item.*?<td class=\"num\">\d+</td>", listed, re.S)


def test_a_process_that_did_not_publish_has_it_at_once_too(admin, monkeypatch):
    before = nouns.entities()
    sent = {"slug": "visitor", "en": "Visitor", "zh": "访客", "name": "plate", "type": "text"}
    assert admin.post("/studio/entities/new/", sent).status_code == 302
    assert admin.post("/studio/entities/stock.lot/", FURNACE | {"do": "publish"}).status_code == 302
    for address in ("/studio/entities/x.visitor/", "/e/x.visitor/", "/e/x.visitor/new", "/e/", "/api/v1/"):
        monkeypatch.setattr(nouns, "_entities", before)  # as it is in every other process
        answer = admin.get(address)
        assert answer.status_code == 200 and "访客" in str(answer.content, "utf-8"), address
    monkeypatch.setattr(nouns, "_entities", before)
    assert "炉号" in admin.get("/e/stock.lot/new").content.decode()
    for key in ("x.visitor/", "x.visitor/lookup/", "schema/x.visitor/"):
        monkeypatch.setattr(nouns, "_entities", before)
        assert admin.get(f"/api/v1/{key}").status_code == 200, key
    monkeypatch.setattr(nouns, "_entities", before)
    made = admin.post("/api/v1/x.visitor/", {"plate": "沪A"}, content_type="application/json")
    assert made.status_code == 201, made.content


def test_a_field_of_another_process_is_not_lost(admin, monkeypatch):
    """Each publisher adds to what is published by then, not to what its process knew."""
    before = nouns.entities()
    for name in ("furnace_no", "heat", "smelter"):
        monkeypatch.setattr(nouns, "_entities", before)  # a process that has seen none of the others
        sent = FURNACE | {"name": name, "do": "publish"}
        assert admin.post("/studio/entities/stock.lot/", sent).status_code == 302
    assert {"x_furnace_no", "x_heat", "x_smelter"} <= set(nouns.entity("stock.lot").schema.names)


def test_two_publishers_of_one_moment_are_told(admin, monkeypatch):
    """What was thought out on an older schema is refused, it never takes a field away."""
    before = nouns.entities()
    assert admin.post("/studio/entities/stock.lot/", FURNACE | {"do": "publish"}).status_code == 302
    monkeypatch.setattr(schemas, "entities_current", lambda: before)  # asked just before the other wrote
    late = admin.post("/studio/entities/stock.lot/", FURNACE | {"name": "heat", "do": "publish"})
    assert late.status_code == 422 and "刚被他人发布" in late.content.decode()
    monkeypatch.undo()
    assert "x_furnace_no" in nouns.entities_current().get("stock.lot").schema.names


def test_a_mistake_is_named_and_nothing_is_made(admin):
    bad = admin.post(
        "/studio/entities/new/", {"slug": "9 x", "en": "", "zh": "", "name": "Ä", "type": "text"}
    )
    assert bad.status_code == 422 and 'role="alert"' in bad.content.decode()
    twice = FURNACE | {"do": "publish"}
    assert admin.post("/studio/entities/stock.lot/", twice).status_code == 302
    again = admin.post("/studio/entities/stock.lot/", twice)
    assert again.status_code == 422 and 'role="alert"' in again.content.decode()
    for kind in ("forms", "flows", "roles", "alerts"):
        for text in ("key: [", "a: 1", "- 1"):
            assert admin.post(f"/studio/{kind}/new/", {"text": text}).status_code == 422, (kind, text)


def test_roles_alerts_and_people_are_made_in_the_browser(admin):
    for kind in ("forms", "flows", "roles", "alerts"):
        assert admin.get(f"/studio/{kind}/").status_code == 200
        assert admin.get(f"/studio/{kind}/new/").status_code == 200
    role = "key: buyer\nlabel: {en: Buyer, zh: 采购}\ngrants:\n  - {entity: catalog.item, actions: [read]}\n"
    assert admin.post("/studio/roles/new/expert/", {"text": role}).status_code == 302
    assert "catalog.item" in admin.get("/studio/roles/buyer/").content.decode()
    alert = "key: dry\ntype: supply.stock_out\ntitle: {en: Dry, zh: 断料}\nroles: [buyer]\n"
    assert admin.post("/studio/alerts/new/", {"text": alert}).status_code == 302
    assert "supply.stock_out" in admin.get("/studio/alerts/dry/").content.decode()
    person = {
        "username": "wang",
        "password": "long-enough-1",
        "roles": ["buyer"],
        "name": "王",
        "language": "en",
    }
    assert admin.post("/studio/people/new/", person).status_code == 302
    wang = Client()
    assert wang.login(username="wang", password="long-enough-1")
    assert wang.get("/e/catalog.item/").status_code == 200


def test_the_studio_is_for_administrators():
    planner = client_of("planner", {"entity": "*", "actions": ["*"]})
    for address in (
        "",
        "entities/",
        "entities/new/",
        "entities/stock.lot/",
        "people/",
        "roles/",
        "roles/new/",
    ):
        assert planner.get(f"/studio/{address}").status_code == 403, address
        assert Client().get(f"/studio/{address}").status_code == 302, address
    assert planner.post("/studio/entities/stock.lot/", FURNACE | {"do": "publish"}).status_code == 403


@pytest.mark.parametrize(
    ("en", "zh", "label"),
    [
        ("", "炉号", {"en": "炉号", "zh": "炉号"}),
        ("Furnace", " ", {"en": "Furnace", "zh": "Furnace"}),
        ("", "", {"en": "furnace_no", "zh": "furnace_no"}),
    ],
)
def test_a_label_in_one_language_stands_for_both(admin, en, zh, label):
    sent = FURNACE | {"label_en": en, "label_zh": zh, "do": "publish"}
    assert admin.post("/studio/entities/stock.lot/", sent).status_code == 302
    assert nouns.entity("stock.lot").schema["x_furnace_no"].label.dump() == label


FIX_FLOW = """slug: fix_flow
title: {en: Repair approval, zh: 报修审批}
entity: x.fix
nodes:
  - {id: start, type: start, options: {trigger: event, event: x.fix.created}, next: {out: ask}}
  - id: ask
    type: approval
    options: {who: [{kind: role, value: foreman}], return_to: [start]}
    next: {approved: good, rejected: no}
  - {id: good, type: end}
  - {id: no, type: end}
"""


def test_a_text_that_is_no_yaml_is_refused_with_its_place_in_words(admin):
    refused = admin.post("/studio/flows/new/", {"text": "slug: fix\nnodes: [\n"})
    assert refused.status_code == 422
    assert "第 3 行第 1 个字符：此处无法按 YAML 读取" in refused.content.decode()
    assert "&lt;unicode string&gt;" not in refused.content.decode()


def test_the_flow_of_an_entity_made_here_stands_on_the_page_of_its_records(admin):
    first = {"slug": "fix", "en": "Fix", "zh": "报修", "name": "subject", "type": "text"}
    assert admin.post("/studio/entities/new/", first).status_code == 302
    tasks = {"entity": "workflows.task", "actions": ["read", "approve"], "condition": "{person} = USER()"}
    foreman = client_of("foreman", {"entity": "x.fix", "actions": ["read"]}, tasks)
    refused = admin.post("/studio/flows/new/", {"text": FIX_FLOW})
    assert refused.status_code == 422
    assert "第 4 个节点（end）：YAML 会把 yes、no、on、off" in refused.content.decode()
    mended = FIX_FLOW.replace("rejected: no", 'rejected: "no"').replace("id: no", 'id: "no"')
    assert admin.post("/studio/flows/new/", {"text": mended}).status_code == 302
    made = admin.post("/api/v1/x.fix/", {"subject": "主轴异响"}, content_type="application/json").json()
    outbox_drain()
    told = foreman.get(f"/e/x.fix/{made['id']}/").content.decode()
    assert "报修审批" in told and "等待 foreman" in told
    (address,) = set(re.findall(r'action="(/inbox/[^"]+)"', told))
    answered = foreman.post(address, {"verdict": "approve", "comment": "快修", "back": "record"})
    assert answered.url == f"/e/x.fix/{made['id']}/"
    assert "快修" in admin.get(answered.url).content.decode()


def heads(client, key):
    """The columns of a list as somebody sees them, from left to right."""
    page = client.get(f"/e/{key}/").content.decode()
    return [re.sub(r"<[^>]*>", "", one).strip() for one in re.findall(r"<th\b.*?</th>", page, re.S)]


def test_an_administrator_chooses_the_columns_of_a_list_for_everybody(admin, monkeypatch):
    first = {"slug": "repair", "en": "Repair", "zh": "报修单", "name": "subject", "type": "text"}
    assert admin.post("/studio/entities/new/", first | {"label_zh": "主题"}).status_code == 302
    for name, label in (("hours", "工时"), ("seen_on", "日期")):
        sent = {"name": name, "type": "text", "label_zh": label, "do": "publish"}
        assert admin.post("/studio/entities/x.repair/", sent).status_code == 302
    assert admin.post("/e/x.repair/new", {"subject": "主轴异响"}).status_code == 302
    reader = client_of("reader", {"entity": "x.repair", "actions": ["read"], "hidden_fields": ["hours"]})
    before = nouns.entities()
    page = "/studio/entities/x.repair/columns/"
    order = ["subject", "hours", "seen_on"]
    moved = admin.post(page, {"field": order, "show": order, "do": "up:seen_on"}).content.decode()
    assert re.findall(r'name="field" value="(\w+)"', moved)[:3] == ["subject", "seen_on", "hours"]
    assert "已移动，尚未保存" in moved and heads(admin, "x.repair") == ["主题", "工时", "日期"]
    sent = {"field": ["seen_on", "hours", "subject"], "show": ["seen_on", "hours"], "do": "save"}
    assert admin.post(page, sent).status_code == 302
    for client, seen in ((admin, ["日期", "工时"]), (reader, ["日期"])):
        monkeypatch.setattr(nouns, "_entities", before)  # as it is in every other process
        assert heads(client, "x.repair") == seen
    assert admin.post(page, {"do": "default:"}).status_code == 302
    assert heads(admin, "x.repair") == ["主题", "工时", "日期"]


def test_the_columns_of_a_built_in_list_are_chosen_by_the_api_and_outlive_a_new_field(admin):
    make.item("X-100")

    def choose(client, columns, entity="catalog.item"):
        raw = {"entity": entity, "columns": columns}
        return client.post("/api/v1/do/core.schema.columns/", raw, content_type="application/json")

    assert choose(admin, "name, code").status_code == 200
    assert heads(admin, "catalog.item") == ["名称", "物料编码"]
    assert admin.post("/studio/entities/catalog.item/", FURNACE | {"do": "publish"}).status_code == 302
    assert heads(admin, "catalog.item") == ["名称", "物料编码"]
    refused = choose(admin, "name, colour")
    assert refused.status_code == 422 and refused.json()["errors"][0]["code"] == "columns.unknown"
    assert choose(admin, "name", entity="x.nothing").status_code == 404
    assert admin.post("/studio/entities/catalog.item/columns/", {"field": ["name"]}).status_code == 422
    planner = client_of("planner", {"entity": "*", "actions": ["*"]})
    assert choose(planner, "name").status_code == 403
    assert planner.get("/studio/entities/catalog.item/columns/").status_code == 403
    assert choose(admin, "").status_code == 200
    assert len(heads(admin, "catalog.item")) > 2
