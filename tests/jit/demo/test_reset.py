"""A reset brings back the freshly loaded plant and keeps the people; a real plant refuses it."""

from decimal import Decimal

import pytest
from django.conf import settings

from forms_engine.access.actor import Actor
from forms_engine.access.models import User
from forms_engine.base.jobs import job_run_all
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import Denied
from forms_engine.packages.services import package_install
from jit.catalog.models import Item, Location, Supplier
from jit.demo.opening import opening_make
from jit.demo.people import people_make, robots_make
from jit.demo.plant import plant_make
from jit.demo.services.reset import NotADemo
from jit.planning.models import PlanException, PlanRun, ProductionPlan
from jit.shopfloor.models import WorkOrder
from jit.stock.models import Balance
from jit.stock.services import stock_count
from jit.supply.models import CallOff

ACTOR = Actor.system("demo")
ADMIN = Actor(kind="person", id="admin", name="admin", roles=frozenset({"admin"}))


def picture():
    """What stands in the plant, without ids and times."""
    return {
        "items": sorted(Item.objects.values_list("code", flat=True)),
        "stock": sorted(Balance.objects.values_list("item__code", "location__code", "quantity")),
        "orders": sorted(WorkOrder.objects.values_list("quantity", "state")),
        "plans": ProductionPlan.objects.count(),
    }


@pytest.fixture
def plant(transactional_db):
    package_install(actor=ACTOR, folder=settings.BASE_DIR / "jit" / "packages" / "jit_mes")
    people_make(actor=ACTOR, supplier=plant_make(actor=ACTOR))
    robots_make(actor=ACTOR)
    opening_make(actor=ACTOR)


def test_the_plant_is_alive_when_loaded_and_the_same_after_a_reset(plant):
    before = picture()
    assert before["plans"] == 1
    assert CallOff.objects.exclude(state="DRAFT").exists()
    assert opening_make(actor=ACTOR) is None

    Item.objects.create(code="EXTRA", name="x", unit=Item.objects.first().unit)
    stock_count(
        actor=ACTOR,
        item=Item.objects.get(code="KT-500"),
        location=Location.objects.get(code="L1-A"),
        counted=Decimal(1),
    )
    assert picture() != before
    people = set(User.objects.values_list("username", flat=True))
    action_run(actor=ADMIN, key="demo.plant.reset")
    job_run_all()

    assert picture() == before
    assert set(User.objects.values_list("username", flat=True)) == people
    maker = Supplier.objects.get(code="HL")
    for name in ("supplier", "sim-s-HL"):
        assert User.objects.get(username=name).supplier_id == maker.pk


def test_only_an_administrator_of_a_demo_may(plant, settings):
    planner = Actor(kind="person", id="p", name="p", roles=frozenset({"planner"}))
    with pytest.raises(Denied):
        action_run(actor=planner, key="demo.plant.reset")
    settings.PROFILE = "production"
    with pytest.raises(NotADemo):
        action_run(actor=ADMIN, key="demo.plant.reset")


def test_the_first_run_assumes_nothing_and_cancels_nothing(plant):
    """A new user sees no work order to cancel and no guessed hours."""
    run = PlanRun.objects.get(state=PlanRun.State.DONE)
    assert run.counts["warnings"] == []
    assert not PlanException.objects.filter(run=run, kind="CANCEL").exists()
