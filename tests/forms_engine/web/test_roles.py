"""The rights of a role as a form of ticks: what is ticked holds at once, what makes no sense is refused."""

import re

import pytest
from django.conf import settings
from django.test import Client

from forms_engine.access import services as access
from forms_engine.access.actor import user_actor
from forms_engine.access.policy import can, field_rights
from forms_engine.access.selectors import grants_of_role
from forms_engine.core.entity import entity
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import Denied, MesError
from forms_engine.packages.services import package_install
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
ENDS = 'name="do" value="archive"'


def client_of(name, *roles, **more):
    client = Client()
    user = access.user_create(
        actor=make.system(), username=name, roles=roles, **{"language": "zh-hans"} | more
    )
    client.force_login(user)
    return client, user


@pytest.fixture
def boss():
    return client_of("boss", is_superuser=True)[0]


@pytest.fixture
def package():
    package_install(actor=make.system(), folder=settings.BASE_DIR / "jit" / "packages" / "jit_mes")


def row(number, name, *actions, **more):
    return {"row": [str(number)], f"g-{number}-entity": name, f"g-{number}-actions": list(actions)} | {
        f"g-{number}-{key}": value for key, value in more.items()
    }


def role_form(*rows, **more):
    sent = {"key": "clerk", "label_en": "Clerk", "label_zh": "文员"} | more
    for one in rows:
        sent = sent | one | {"row": sent.get("row", []) + one["row"]}
    return sent


def page_form(text):
    """Return what a browser sends for the page as it stands."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", text[text.index('class="role-form"') :]):
        found = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if "name" in found and (found.get("type") != "checkbox" or " checked" in tag):
            value = found.get("value", "").replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
            sent.setdefault(found["name"], []).append(value)
    return sent


def test_ticks_become_rights_at_once(boss):
    assert boss.get("/studio/roles/new/").status_code == 200
    only = row(3, "catalog.item", "read", hidden=["code"], read_only=["name"])
    only |= {"g-3-condition": '{code}="X-1"'}
    made = boss.post("/studio/roles/new/", role_form(only, row(4, "supply.calloff", "read", "confirm")))
    assert (made.status_code, made["Location"]) == (302, "/studio/roles/clerk/")
    his, clerk = client_of("wang", "clerk")
    one, other = make.item("X-1"), make.item("X-2")
    actor = user_actor(clerk)
    assert can(actor, "read", entity("catalog.item"), one) and not can(
        actor, "read", entity("catalog.item"), other
    )
    assert field_rights(actor, entity("catalog.item")).hidden == {"code"}
    assert can(actor, "supply.calloff.confirm", entity("supply.calloff"))
    assert not can(actor, "supply.calloff.release", entity("supply.calloff"))
    assert his.get("/e/catalog.item/").status_code == 200
    page = boss.get("/studio/roles/clerk/").content.decode()
    assert "文员" in page and "有条件" in page
    assert boss.post("/studio/roles/clerk/", role_form(row(1, "supply.calloff", "read"))).status_code == 302
    assert his.get("/e/catalog.item/").status_code == 403


def test_saving_every_page_of_the_package_unchanged_changes_nothing(boss, package):
    for role in ("admin", "approver", "buyer", "manager", "operator", "planner", "supplier", "warehouse"):
        before = [(g["entity"], sorted(g["actions"]), g["condition"]) for g in grants_of_role(role)]
        page = boss.get(f"/studio/roles/{role}/")
        assert len(page.content) < 900_000, role
        sent = page_form(page.content.decode())
        assert len(sent) < 600
        done = boss.post(f"/studio/roles/{role}/", sent)
        assert done.status_code == 302, (role, done.content.decode()[:9000])
        after = [(g["entity"], sorted(g["actions"]), g["condition"]) for g in grants_of_role(role)]
        assert sorted(after) == sorted(before), role


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        ([row(1, "no.such", "read")], {}, "没有“no.such”"),
        ([row(1, "catalog.item", "fly")], {}, "没有动作“fly”"),
        ([row(1, "catalog.item", "read", condition="{code")], {}, "条件"),
        ([row(1, "catalog.item", "read", condition="{nothing}=1")], {}, "没有字段“nothing”"),
        ([row(1, "catalog.item", "read", hidden=["nothing"])], {}, "没有字段“nothing”"),
        ([], {"key": "Ä b"}, "只能用小写字母"),
        ([], {"label_en": ""}, "r-en"),
        ([row(1, "catalog.item", "read")], {"key": "admin"}, "管理员必须能执行所有操作"),
    ],
)
def test_what_makes_no_sense_is_refused_and_kept_on_the_page(boss, rows, more, words):
    refused = boss.post("/studio/roles/new/", role_form(*rows, **more))
    page = refused.content.decode()
    assert refused.status_code == 422 and words in page
    assert grants_of_role("clerk") == []


def test_experts_write_the_same_as_text(boss):
    text = "key: clerk\nlabel: {en: Clerk, zh: 文员}\ngrants:\n  - {entity: catalog.item, actions: [%s]}\n"
    refused = boss.post("/studio/roles/new/expert/", {"text": text % "fly"})
    assert refused.status_code == 422 and "没有动作“fly”" in refused.content.decode()
    assert boss.post("/studio/roles/new/expert/", {"text": text % "read"}).status_code == 302
    assert "catalog.item" in boss.get("/studio/roles/clerk/expert/").content.decode()
    assert boss.get("/studio/roles/nobody/").status_code == 404


def test_only_an_administrator_sets_rights(boss):
    access.role_define(actor=make.system(), key="all", label="All")
    access.grants_set(actor=make.system(), role="all", grants=[{"entity": "*", "actions": ["*"]}])
    his, user = client_of("wang", "all")
    assert his.get("/studio/roles/all/").status_code == 403
    raw = {"role": "mine", "label_en": "x", "label_zh": "x", "grants": "[]"}
    with pytest.raises(Denied):
        action_run(actor=user_actor(user), key="access.role.set", raw=raw)


@pytest.mark.parametrize(
    "grants", ["{", "7", "[7]", '[{"entity": 7}]', '[{"entity": "*", "actions": "read"}]']
)
def test_rights_that_are_no_list_are_refused(grants, db):
    with pytest.raises(MesError) as refused:
        action_run(
            actor=make.system(),
            key="access.role.set",
            raw={"role": "clerk", "label_en": "x", "label_zh": "x", "grants": grants},
        )
    assert refused.value.status == 422 and refused.value.errors[0].code == "access.grant_format"


def test_a_role_ends_once_nobody_has_it(boss):
    boss.post("/studio/roles/new/", role_form(row(1, "catalog.item", "read")))
    his, wang = client_of("wang", "clerk")
    page = boss.get("/studio/roles/clerk/").content.decode()
    assert "wang" in page and ENDS not in page and "设置角色权限" in page
    refused = boss.post("/studio/roles/clerk/", {"do": "archive"})
    assert refused.status_code == 422 and "wang (wang)" in refused.content.decode()
    assert his.get("/e/catalog.item/").status_code == 200
    wang.is_active = False  # he would come back with it
    wang.save()
    assert boss.post("/studio/roles/clerk/", {"do": "archive"}).status_code == 422
    access.user_roles_set(actor=make.system(), user=wang, roles=())
    assert ENDS in boss.get("/studio/roles/clerk/").content.decode()
    assert boss.post("/studio/roles/clerk/", {"do": "archive"})["Location"] == "/studio/roles/"
    assert "clerk" not in boss.get("/studio/roles/").content.decode()
    assert boss.get("/studio/roles/clerk/").status_code == 404
    with pytest.raises(MesError) as gone:
        access.user_roles_set(actor=make.system(), user=wang, roles=["clerk"])
    assert gone.value.code == "access.role_unknown"
    boss.post("/studio/roles/new/", role_form(row(1, "catalog.item", "read")))
    assert "归档角色" in boss.get("/studio/roles/clerk/").content.decode()  # the history goes on


@pytest.mark.parametrize("key", ["admin", "supplier"])
def test_the_roles_takt_needs_never_end(boss, key):
    access.role_define(actor=make.system(), key=key, label=key)
    refused = boss.post(f"/studio/roles/{key}/", {"do": "archive"})
    assert refused.status_code == 422 and "系统必需" in refused.content.decode()


def test_only_an_administrator_ends_a_role(boss):
    access.role_define(actor=make.system(), key="all", label="All")
    access.grants_set(actor=make.system(), role="all", grants=[{"entity": "*", "actions": ["*"]}])
    access.role_define(actor=make.system(), key="idle", label="Idle")
    user = client_of("wang", "all")[1]
    with pytest.raises(Denied):
        action_run(actor=user_actor(user), key="access.role.archive", raw={"role": "idle"})
    with pytest.raises(MesError) as unknown:
        action_run(actor=make.system(), key="access.role.archive", raw={"role": "nobody"})
    assert unknown.value.code == "access.role_unknown"


def test_an_installation_leaves_an_archived_role_archived(boss, package):
    assert boss.post("/studio/roles/manager/", {"do": "archive"}).status_code == 302
    again = package_install(actor=make.system(), folder=settings.BASE_DIR / "jit" / "packages" / "jit_mes")
    assert again.kept == ["roles/manager.yaml"]
    assert boss.get("/studio/roles/manager/").status_code == 404


def test_the_form_says_that_a_row_of_an_area_opens_closed_fields(boss):
    closing = row(1, "catalog.item", "read", hidden=["code"])
    boss.post("/studio/roles/new/", role_form(closing))
    clerk = client_of("wang", "clerk")[1]
    assert field_rights(user_actor(clerk), entity("catalog.item")).hidden == {"code"}
    page = boss.post("/studio/roles/clerk/", role_form(closing, row(2, "catalog.*", "read")), follow=True)
    assert field_rights(user_actor(clerk), entity("catalog.item")).hidden == frozenset()
    blocks = page.content.decode().split('<details class="right"')
    wide = next(block for block in blocks if 'value="catalog.*"' in block)
    single = next(block for block in blocks if 'value="catalog.item"' in block)
    assert "单种记录行中关闭的字段也会因此开放" in wide and "-hidden" not in wide
    assert "单种记录行" not in single and "仅当没有其他行" in single and "-hidden" in single
