"""A little world of typed entities on the plant's own tables, registered here where no room did."""

import pytest

from forms_engine.access import policy, services
from forms_engine.access.actor import Actor, user_actor
from forms_engine.core import entity as nouns
from forms_engine.core.entity import ModelEntity, TableField, entity_register
from jit.catalog.models import Bom, BomLine, Item, Supplier, Unit
from jit.supply.models import CallOff

SYSTEM = Actor.system("test")


def offer(key, **settings):
    """Register a typed entity unless its own room has done so."""
    if key not in nouns.typed_definitions():
        entity_register(ModelEntity(key, **settings))


offer("catalog.unit", model=Unit, search=("code", "name"))
offer("catalog.supplier", model=Supplier, scope="self", search=("code", "name"))
offer("catalog.item", model=Item, search=("code", "name"), columns=("code", "name", "unit"))
offer("test.bomline", model=BomLine, title="id", business_key=())
offer(
    "test.bom",
    model=Bom,
    title="id",
    business_key=(),
    tables={"lines": TableField(entity="test.bomline", fk="bom")},
)
offer("supply.calloff", model=CallOff, scope="supplier", title="number", business_key=("number",))


@pytest.fixture(autouse=True)
def fresh_catalogue():
    """Every test reads schemas and grants anew: its database may be another one."""
    nouns.entities_forget()
    policy.cache_forget()
    yield
    nouns.entities_forget()
    policy.cache_forget()


@pytest.fixture
def person(db):
    """Return a maker of actors: `person("planner", grants=[…])`."""

    def make(role="planner", grants=(), name=None, **more):
        services.role_define(actor=SYSTEM, key=role, label=role)
        services.grants_set(actor=SYSTEM, role=role, grants=grants)
        user = services.user_create(actor=SYSTEM, username=name or f"user-{role}", roles=[role], **more)
        return user_actor(user)

    return make


@pytest.fixture
def admin():
    return SYSTEM
