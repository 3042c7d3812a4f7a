"""People in the studio and one's own password: who gets in, as what, and who no longer does."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from forms_engine.access import services as access
from forms_engine.access.actor import user_actor
from forms_engine.access.models import User
from forms_engine.access.selectors import token_actor
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import Denied, MesError
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
ROLES = {
    "admin": ("Administrator", "管理员"),
    "planner": ("Planner", "计划员"),
    "supplier": ("Supplier", "供应商"),
}
WORD, OTHER = "ein-gutes-Wort-77", "noch-ein-Wort-88"


@pytest.fixture
def roles():
    for key, (en, zh) in ROLES.items():
        access.role_define(actor=make.system(), key=key, label={"en": en, "zh": zh})
    everything = [{"entity": "*", "actions": ["*"]}]
    access.grants_set(actor=make.system(), role="admin", grants=everything)
    access.grants_set(actor=make.system(), role="planner", grants=everything)


def person(name, *keys, **more):
    return access.user_create(
        actor=make.system(), username=name, password=WORD, roles=keys, **{"language": "zh-hans"} | more
    )


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss(roles):
    return client_of(person("boss", "admin"))


def sent(**more):
    given = {"username": "wang", "name": "王芳", "password": WORD, "language": "en", "roles": ["planner"]}
    return given | more


def test_a_person_is_let_in_and_found(boss):
    made = boss.post("/studio/people/new/", sent())
    wang = User.objects.get(username="wang")
    assert (made.status_code, made["Location"]) == (302, f"/studio/people/{wang.pk}/")
    assert Client().login(username="wang", password=WORD)
    assert user_actor(wang).roles == {"planner"} and wang.language == "en"
    listed = boss.get("/studio/people/?q=计划").content.decode()
    assert "王芳" in listed and "计划员" in listed and "boss</a>" not in listed
    assert "添加人员" in boss.get(f"/studio/people/{wang.pk}/").content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": "Boss"}, "已被使用"),
        ({"username": "a b"}, "只能包含字母"),
        ({"username": "wang\0"}, "无法保存"),
        ({"name": " "}, "p-name"),
        ({"password": "short"}, "12"),
        ({"username": "wang.fang.x", "password": "wang.fang.xy"}, "相似"),
        ({"password": ""}, "p-password"),
        ({"roles": ["supplier"]}, "请选择供应商"),
        ({"roles": ["nobody"]}, "没有角色"),
        ({"language": "xx"}, "没有这种语言"),
        ({"supplier": "7"}, "没有这个供应商"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_let_in(boss, change, words):
    refused = boss.post("/studio/people/new/", sent(**change))
    assert refused.status_code == 422 and words in refused.content.decode()
    assert User.objects.count() == 1


def test_a_suppliers_person_stays_behind_the_wall(boss):
    s1 = make.supplier("S1")
    refused = boss.post("/studio/people/new/", sent(supplier=str(s1.pk)))
    assert refused.status_code == 422 and "只能拥有供应商角色" in refused.content.decode()
    assert "Supplier S1" in refused.content.decode()  # the choice is kept, by its name
    assert boss.post("/studio/people/new/", sent(supplier=str(s1.pk), roles=[])).status_code == 302
    wang = User.objects.get(username="wang")
    actor = user_actor(wang)
    assert (actor.kind, actor.roles, actor.supplier_id) == ("supplier", {"supplier"}, s1.pk)
    page = f"/studio/people/{wang.pk}/"
    assert "Supplier S1" in boss.get("/studio/people/").content.decode()
    plain = {"do": "update", "name": "王芳", "language": "en", "supplier": "", "roles": ["planner"]}
    assert boss.post(page, plain).status_code == 302
    assert user_actor(User.objects.get(pk=wang.pk)).roles == {"planner"}
    assert "roles: supplier → planner" in boss.get(page).content.decode()
    assert boss.post(page, plain | {"supplier": str(s1.pk), "roles": ["admin"]}).status_code == 422
    assert user_actor(User.objects.get(pk=wang.pk)).roles == {"planner"}


def test_an_administrator_made_a_supplier_is_none_any_more(boss):
    chief = person("chief", "admin", is_superuser=True)
    s1 = make.supplier("S1")
    changed = {"do": "update", "name": "x", "language": "en", "supplier": str(s1.pk)}
    assert boss.post(f"/studio/people/{chief.pk}/", changed).status_code == 302
    chief.refresh_from_db()
    assert not chief.is_superuser and user_actor(chief).roles == {"supplier"}
    assert client_of(chief).get("/studio/people/").status_code == 403


def test_who_is_deactivated_is_out_at_once_and_comes_back(boss):
    wang = person("wang", "planner")
    his, page = client_of(wang), f"/studio/people/{wang.pk}/"
    _, secret = access.token_create(actor=make.system(), user=wang)
    assert his.get("/me").status_code == 200 and token_actor(secret)
    assert boss.post(page, {"do": "deactivate"}).status_code == 302
    assert his.get("/me").status_code == 302 and token_actor(secret) is None
    assert not Client().login(username="wang", password=WORD)
    assert "已停用" in boss.get(page).content.decode()
    assert boss.post(page, {"do": "activate"}).status_code == 302
    assert Client().login(username="wang", password=WORD)
    assert "重新启用" in boss.get(page).content.decode()
    assert token_actor(secret) is None  # what was handed out before stays ended


def test_nobody_locks_the_plant_out_of_its_studio(boss):
    own = f"/studio/people/{User.objects.get(username='boss').pk}/"
    refused = boss.post(own, {"do": "deactivate"})
    assert refused.status_code == 422 and "不能停用自己" in refused.content.decode()
    stepping = {"do": "update", "name": "boss", "language": "zh-hans", "roles": ["planner"]}
    refused = boss.post(own, stepping)
    assert refused.status_code == 422 and "最后一位管理员" in refused.content.decode()
    assert boss.get("/studio/people/").status_code == 200
    with pytest.raises(MesError) as last:
        action_run(
            actor=make.system(),
            key="access.person.deactivate",
            raw={"person": str(User.objects.get(username="boss").pk)},
        )
    assert last.value.code == "access.last_administrator"
    person("second", "admin")
    assert boss.post(own, stepping).status_code == 302
    assert boss.get("/studio/people/").status_code == 403


def test_a_reset_password_ends_the_sessions_and_tokens(boss):
    wang = person("wang", "planner")
    his, page = client_of(wang), f"/studio/people/{wang.pk}/"
    _, secret = access.token_create(actor=make.system(), user=wang)
    _, of_another = access.token_create(actor=make.system(), user=person("li", "planner"))
    assert his.get("/me").status_code == 200
    weak = boss.post(page, {"do": "password", "password": "password1234"})
    assert weak.status_code == 422 and "password1234" not in weak.content.decode()
    assert his.get("/me").status_code == 200 and token_actor(secret)
    assert boss.post(page, {"do": "password", "password": OTHER}).status_code == 302
    assert his.get("/me").status_code == 302
    assert token_actor(secret) is None and token_actor(of_another)
    refused = Client().get("/api/v1/catalog.item/", headers={"Authorization": f"Token {secret}"})
    assert refused.status_code == 401
    assert Client().login(username="wang", password=OTHER)
    page = boss.get(page).content.decode()
    assert "重置密码" in page and OTHER not in page


def test_only_an_administrator_changes_people(roles):
    planner = person("planner", "planner")
    for key in ("add", "update", "deactivate", "activate", "set_password"):
        raw = {"person": str(planner.pk), "name": "x", "language": "en", "roles": "admin", "password": OTHER}
        if key == "add":
            raw = raw | {"username": "new"}
            del raw["person"]
        wanted = {"add": raw, "update": {k: raw[k] for k in raw if k != "password"}}
        only = {"set_password": ("person", "password")}.get(key, ("person",))
        with pytest.raises(Denied):
            action_run(
                actor=user_actor(planner),
                key=f"access.person.{key}",
                raw=wanted.get(key) or {name: raw[name] for name in only},
            )
    assert user_actor(planner).roles == {"planner"} and User.objects.count() == 1
    assert client_of(planner).get(f"/studio/people/{planner.pk}/").status_code == 403


def test_nobody_unknown_is_changed(boss):
    assert boss.get(f"/studio/people/{make.supplier('S1').pk}/").status_code == 404
    with pytest.raises(MesError) as unknown:
        action_run(actor=make.system(), key="access.person.activate", raw={"person": "7"})
    assert unknown.value.code == "access.person_unknown"


@pytest.mark.parametrize("of_supplier", [False, True])
def test_one_changes_ones_own_password(roles, of_supplier):
    more = {"supplier_id": make.supplier("S1").pk} if of_supplier else {}
    wang = person("wang", "supplier" if of_supplier else "planner", **more)
    here, elsewhere = client_of(wang), client_of(wang)
    _, secret = access.token_create(actor=make.system(), user=wang)
    page = here.get("/me").content.decode()
    assert ("供应商" if of_supplier else "计划员") in page and "zh-hans<" not in page
    change = {"old": WORD, "new": OTHER, "again": OTHER}
    for wrong, words in (
        ({"old": "no"}, "当前密码不正确"),
        ({"new": "short", "again": "short"}, "12"),
        ({"again": "another"}, "两次输入不一致"),
        ({"new": WORD, "again": WORD}, "新密码与当前密码相同"),
    ):
        refused = here.post("/me", change | wrong)
        assert refused.status_code == 422 and words in refused.content.decode(), wrong
    assert token_actor(secret)
    assert here.post("/me", change).status_code == 302
    assert token_actor(secret) is None
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 302
    assert Client().login(username="wang", password=OTHER)
    assert Session.objects.exists()


def test_guessing_the_old_password_is_stopped(roles):
    his = client_of(person("wang", "planner"))
    change = {"old": "no", "new": OTHER, "again": OTHER}
    for _ in range(5):
        assert "当前密码不正确" in his.post("/me", change).content.decode()
    assert "尝试次数过多" in his.post("/me", change | {"old": WORD}).content.decode()
