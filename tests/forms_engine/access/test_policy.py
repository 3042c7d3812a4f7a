"""One predicate, three readings; grants add up; scopes and records only ever narrow."""

import itertools
import uuid

import pytest

from forms_engine.access import policy, services
from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.models import User
from forms_engine.access.policy import RecordValues, can, field_rights, visible
from forms_engine.access.selectors import recent_forget
from forms_engine.access.walls import WallBreach, walls
from forms_engine.base.sql import execute
from forms_engine.core.entity import entities_forget, entity
from jit.catalog.models import Item
from tests import factories

SYSTEM = Actor.system("test")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    entities_forget()
    policy.cache_forget()
    recent_forget()


@pytest.fixture
def person(db):
    def make(grants, role="clerk", **more):
        services.role_define(actor=SYSTEM, key=role, label=role)
        services.grants_set(actor=SYSTEM, role=role, grants=grants)
        return user_actor(services.user_create(actor=SYSTEM, username=uuid.uuid4().hex, roles=[role], **more))

    return make


CONDITIONS = (
    "{weight_grams} > 2",
    '{code} = "P3"',
    "OR({weight_grams} = 1, {is_lot_tracked})",
    "NOT({is_lot_tracked})",
    "{shelf_life_days} > 5",
    "{shelf_life_days} = 10",
    "{group} = me.department",
    'AND({group} <> "", {weight_grams} <= 3)',
)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_reads_the_same_in_sql_in_the_orm_and_at_hand(person, condition):
    tracked, weights, lives = (False, True), (1, 2, 3), (None, 5, 10)
    for number, (lot, weight, life) in enumerate(itertools.product(tracked, weights, lives)):
        factories.item(
            f"P{number}",
            is_lot_tracked=lot,
            weight_grams=weight,
            shelf_life_days=life,
            group="press" if number % 2 else "",
        )
    grant = {
        "entity": "catalog.item",
        "actions": ["read"],
        "condition": condition.replace("me.department", "{me.department}"),
    }
    actor = person([grant], department="press")
    seen = visible(actor, entity("catalog.item"))
    text, params = seen.sql("t")
    by_sql = {row[0] for row in execute(f"SELECT t.code FROM catalog_item t WHERE {text}", params)}
    by_orm = set(Item.objects.filter(seen.q()).values_list("code", flat=True))
    at_hand = {item.code for item in Item.objects.all() if seen.holds(RecordValues(item))}
    assert by_sql == by_orm == at_hand
    assert by_sql != {item.code for item in Item.objects.all()}


def test_grants_of_several_roles_add_up(person):
    read = {"entity": "catalog.*", "actions": ["read"], "hidden_fields": ["standard_cost", "name"]}
    actor = person(
        [read, {"entity": "catalog.item", "actions": ["read"], "hidden_fields": ["standard_cost"]}]
    )
    noun = entity("catalog.item")
    assert field_rights(actor, noun).hidden == {"standard_cost"}
    assert can(actor, "read", noun) and not can(actor, "catalog.item.update", noun)


@pytest.mark.parametrize(
    ("pattern", "verb", "allowed"),
    [
        ("catalog.item", "update", True),
        ("catalog.*", "update", True),
        ("*", "update", True),
        ("catalog", "update", False),
        ("catalog.ite", "update", False),
        ("catalog.item.*", "update", False),
        ("catalog.*", "archive", False),
    ],
)
def test_what_a_grant_covers(person, pattern, verb, allowed):
    actor = person([{"entity": pattern, "actions": ["update"]}])
    assert can(actor, f"catalog.item.{verb}", entity("catalog.item")) is allowed


def test_a_scope_only_ever_narrows(person):
    actor = person([{"entity": "catalog.item", "actions": ["read", "update"]}])
    noun = entity("catalog.item")
    assert can(actor.narrowed(["catalog.item.update"]), "catalog.item.update", noun)
    assert not can(actor.narrowed(["catalog.item.update"]), "read", noun)
    assert not can(actor.narrowed(["*"]), "catalog.item.archive", noun)
    assert visible(actor.narrowed(["catalog.unit.read"]), noun).is_nothing


def test_a_changed_grant_holds_at_the_next_log_in(person):
    actor = person([{"entity": "catalog.item", "actions": ["read"]}])
    noun = entity("catalog.item")
    assert can(actor, "read", noun)
    services.grants_set(actor=SYSTEM, role="clerk", grants=[])
    assert not can(user_actor(User.objects.get(pk=actor.user_id)), "read", noun)


@pytest.mark.django_db(transaction=True)
def test_without_its_context_the_suppliers_login_sees_no_row():
    own, other = factories.supplier("A"), factories.supplier("B")
    item, place = factories.item("X"), factories.location("L")
    for maker in (own, other):
        services_row(maker, item, place)
    link = Actor(kind="link", id="l", name="l", supplier_id=own.pk)
    count = "SELECT count(*) FROM supply_calloff"
    with walls(link):
        assert execute(count).fetchone()[0] == 1
        execute("SELECT set_config('app.supplier_id', '', true)")
        assert execute(count).fetchone()[0] == 0
    with walls(SYSTEM):
        assert execute(count).fetchone()[0] == 2


def services_row(maker, item, place):
    from_values = {"plant": place.plant, "item": item, "area": place, "dock": place, "supplier": maker}
    model = entity("supply.calloff").model
    model.objects.create(
        number=f"C-{maker.code}",
        window_start=factories.at(8),
        window_end=factories.at(9),
        quantity=1,
        **from_values,
    )


@pytest.mark.django_db(transaction=True)
def test_walls_of_the_other_side_cannot_stand_inside():
    link = Actor(kind="link", id="l", name="l", supplier_id=uuid.uuid4())
    other = Actor(kind="link", id="m", name="m", supplier_id=uuid.uuid4())
    for outer, inner in ((SYSTEM, link), (link, SYSTEM), (link, other)):
        with walls(outer), pytest.raises(WallBreach), walls(inner):
            pass


@pytest.mark.django_db(transaction=True)
def test_inner_walls_give_the_name_back():
    name = "SELECT current_setting('takt.actor_name', true)"
    with walls(SYSTEM):
        with walls(Actor.system("inner")):
            assert execute(name).fetchone()[0] == "inner"
        assert execute(name).fetchone()[0] == "test"


def test_an_outsider_may_act_on_his_own_records_only(person):
    mine, theirs = factories.supplier("A"), factories.supplier("B")
    actor = person([{"entity": "supply.calloff", "actions": ["*"]}], supplier_id=mine.pk)
    for known_as in (entity("supply.calloff"), "supply.calloff"):
        for owner, allowed in ((mine.pk, True), (theirs.pk, False), (None, False)):
            record = {"id": uuid.uuid4(), "supplier_id": owner}
            assert can(actor, "supply.calloff.confirm", known_as, record) is allowed
