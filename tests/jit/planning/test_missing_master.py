"""What a run does where master data is missing, expired or wrong (pull.md 18, 19)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from forms_engine.access import services as access
from forms_engine.core.run import action_run
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from jit.catalog.models import BomLine, SourcingRule, Supplier
from jit.catalog.units import UnitNotConvertible, unit_converted
from jit.planning.models import Demand, PlanException, PlannedOrder, PlanRun
from jit.planning.selectors.exceptions import warnings_of
from jit.planning.services.run import calls_release_automatically, run_execute, run_request
from jit.shopfloor.services import work_order as orders
from jit.supply.models import Agreement, CallOff
from jit.supply.services import call_off
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
EVENING = make.at(16) - timedelta(days=1)


@pytest.fixture
def store():
    site = make.plant()
    site.store = make.location("STORE")
    site.save(update_fields=["store"])
    yield site
    clock.set(None)


@pytest.fixture
def line():
    """F0 with the work order of G1."""
    built = make.f0()
    make.routing(built.product, built.work_centre, seconds=60)
    order = orders.work_order_create(
        actor=make.system(), item=built.product, work_centre=built.work_centre, quantity=Decimal(480),
        planned_start=make.at(8), planned_end=make.at(16),
    )  # fmt: skip
    orders.work_order_release(actor=make.system(), work_order=order)
    yield built
    clock.set(None)


def plan(as_of=EVENING, hours: int = 24) -> PlanRun:
    clock.set(as_of)
    run = run_request(actor=make.system(), as_of=as_of, horizon_end=as_of + timedelta(hours=hours))
    return run_execute(run_id=run.pk, actor=make.system())


def demand(number: str, item, quantity: int, due=None) -> Demand:
    return Demand.objects.create(
        number=number, plant=make.plant(), item=item, quantity=quantity, due_at=due or make.at(12)
    )


def source(item, maker, price="1", **agreement) -> Agreement:
    """A sourcing rule with an agreement."""
    SourcingRule.objects.create(item=item, supplier=maker)
    number = f"SA-{item.code}-{maker.code}"
    return Agreement.objects.create(
        number=number, supplier=maker, item=item, price=Decimal(price), **agreement
    )


def troubles(run: PlanRun, kind: str) -> list[tuple[str, Decimal]]:
    rows = PlanException.objects.filter(run=run, kind=kind).order_by("item__code")
    return [(row.item.code, row.quantity) for row in rows]


EXPIRED = {
    "over": {"valid_to": EVENING - timedelta(days=1)},
    "not yet": {"valid_from": EVENING + timedelta(days=30)},
    "blocked": {"status": "BLOCKED"},
    "ended": {"status": "ENDED"},
}


@pytest.mark.parametrize("why", EXPIRED)
def test_without_a_valid_agreement_an_order_has_no_supplier(store, why):
    """A proposal stays, so that the need is seen; without a supplier, blocked, with its exception."""
    part = make.item("C")
    source(part, make.supplier("S1"), **EXPIRED[why])
    demand("D1", part, 10)
    run = plan()
    order = PlannedOrder.objects.get(item=part)
    assert (order.quantity, order.source, order.is_blocked) == (10, None, True)
    assert troubles(run, "NO_SOURCE") == [("C", 10)]


def test_an_agreement_that_ends_inside_the_horizon_is_told_unless_another_follows(store):
    part, maker = make.item("C"), make.supplier("S1")
    soon = EVENING + timedelta(days=2)
    source(part, maker, valid_to=soon)
    demand("D1", part, 10)
    told = [words.in_language("en") for words in warnings_of(plan(hours=96))]
    ends = "The agreement SA-C-S1 · S1 ends inside the horizon: call-offs after its end cannot be released."
    assert ends in told
    Agreement.objects.create(number="SA-NEXT", supplier=maker, item=part, price=Decimal(1), valid_from=soon)
    assert not [words for words in warnings_of(plan(hours=96)) if "SA-" in words.in_language("en")]


def test_a_rule_without_any_agreement_is_no_source_and_the_next_rule_is(store):
    part = make.item("C")
    SourcingRule.objects.create(item=part, supplier=make.supplier("S1"), quota=Decimal("0.9"))
    second = make.supplier("S2")
    source(part, second)
    demand("D1", part, 10)
    run = plan()
    order = PlannedOrder.objects.get(item=part)
    assert (order.source, order.is_blocked) == (second, False)
    assert troubles(run, "NO_SOURCE") == []


@pytest.mark.parametrize("status", [Supplier.Status.NEW, Supplier.Status.BLOCKED])
def test_who_is_not_approved_is_passed_over(line, status):
    """The one source of X is not approved: no call-off. A second one is: it gets them all."""
    line.supplier.status = status
    line.supplier.save()
    run = plan()
    assert not CallOff.objects.exists()
    assert {code for code, _ in troubles(run, "NO_SOURCE")} == {"X"}  # one a window
    hours = line.supplier.production_calendar
    other = make.supplier("S2", production_calendar=hours, shipping_calendar=hours)
    Agreement.objects.create(number="SB-X", supplier=other, item=line.part, price=Decimal(3))
    SourcingRule.objects.create(
        item=line.part, supplier=other, area=line.line_side, dock=line.dock, pack_quantity=Decimal(50),
        prep_minutes=60, transit_minutes=60,
    )  # fmt: skip
    run = plan()
    assert [int(row.quantity) for row in CallOff.objects.order_by("window_end")] == [
        200,
        100,
        150,
        100,
        150,
        100,
    ]
    assert {row.supplier for row in CallOff.objects.all()} == {other}
    assert troubles(run, "NO_SOURCE") == []


def test_a_proposal_whose_agreement_ran_out_is_never_sent(line):
    """By itself or by hand: the price must hold when the window ends."""
    line.cycle.auto_release = True
    line.cycle.save()
    run = plan()
    line.agreement.valid_to = make.at(12)
    line.agreement.save()
    assert calls_release_automatically(actor=make.system(), run_id=run.pk) == 3
    left = CallOff.objects.filter(state="DRAFT").order_by("window_end")
    assert [row.window_end for row in left] == [make.at(hour) for hour in (12, 13, 14)]
    with pytest.raises(call_off.CallOffRefused):
        call_off.calloff_release(actor=make.system(), calloff=left[0])


def test_missing_calendars_and_packs_are_assumed_and_said(line):
    """The supplier has no calendars: the plant's hours, 08-16. No pack anywhere: single pieces."""
    line.supplier.production_calendar = line.supplier.shipping_calendar = None
    line.supplier.save()
    line.rule.pack_quantity = line.cycle.pack_quantity = Decimal(1)
    line.rule.save()
    line.cycle.save()
    line.work_centre.calendar = None
    line.work_centre.save()
    run = plan()
    assert run.counts["warnings"] == [
        {"kind": "NO_PACK", "about": "CC-X · S1"},
        {"kind": "PLANT_HOURS", "about": "L1"},
        {"kind": "PLANT_HOURS", "about": "L1-A"},
        {"kind": "PLANT_HOURS", "about": "S1"},
    ]
    quantities = [int(row.quantity) for row in CallOff.objects.order_by("window_end")]
    assert sum(quantities) == 780  # 480 x 2 / 0.98 - 200 = 779.6, in single pieces
    first = CallOff.objects.order_by("window_end").first()
    # One working hour to prepare, from 08:00 on: the window of 09:00 cannot be reached any more.
    assert (first.ship_at, first.window_end) == (make.at(9), make.at(10))
    access.role_define(actor=make.system(), key="planner", label="planner")
    grants = [{"entity": "planning.planrun", "actions": ["read"]}]
    access.grants_set(actor=make.system(), role="planner", grants=grants)
    client = Client()
    client.force_login(access.user_create(actor=make.system(), username="p", roles=["planner"]))
    page = client.get("/board/exceptions/").content.decode()
    assert "S1 没有日历" in page and "CC-X · S1 没有包装" in page


def test_with_everything_there_nothing_is_assumed(line):
    run = plan()
    assert (run.counts["warnings"], run.counts["warnings_in_all"]) == ([], 0)


def test_no_window_before_the_horizon_is_uncovered_with_its_quantity(line):
    """The run sees until 08:30; nothing can arrive at the line by then, and 2 pieces lie there."""
    make.stock(line.part, line.line_side, 2)
    line.cycle.frozen_minutes = 0
    line.cycle.save()
    run = plan(make.at(7, 59), hours=1)
    assert not CallOff.objects.exists()
    kinds = set(PlanException.objects.filter(run=run).values_list("kind", flat=True))
    assert kinds == {"UNCOVERED", "LATE"}
    row = PlanException.objects.get(run=run, kind="UNCOVERED")
    # One hour of the order is 60 x 2 / 0.98 = 122.449, 2 are there.
    assert row.quantity == Decimal("120.448980")


@pytest.mark.parametrize(
    ("key", "field", "value"),
    [
        ("catalog.item.create", "yield_ratio", "0"),
        ("catalog.item.create", "yield_ratio", "-0.5"),
        ("catalog.bomline.create", "scrap_ratio", "1"),
        ("catalog.bomline.create", "scrap_ratio", "1.2"),
        ("planning.demand.create", "quantity", "0"),
        ("planning.demand.create", "quantity", "-3"),
    ],
)
def test_what_cannot_be_planned_with_is_refused_at_the_door(store, key, field, value):
    """Yield <= 0, scrap >= 1, demand <= 0: the row is refused, with the field at fault."""
    parent, part = make.item("A", mode="MAKE"), make.item("C")
    raw = {
        "catalog.item.create": {"code": "NEW", "name": "n", "unit": str(make.unit().pk), "mode": "MAKE"},
        "catalog.bomline.create": {
            "bom": str(make.bom(parent).pk), "component": str(part.pk), "quantity_per": "1",
        },
        "planning.demand.create": {
            "number": "D1", "plant": str(store.pk), "item": str(part.pk), "due_at": make.at(12).isoformat(),
            "quantity": "1",
        },
    }[key]  # fmt: skip
    with pytest.raises(MesError) as caught:
        action_run(actor=make.system(), key=key, raw={**raw, field: value})
    assert field in {error.field for error in caught.value.errors} | {caught.value.field}


def test_a_unit_nobody_can_convert_is_refused(store):
    part = make.item("C")
    with pytest.raises(UnitNotConvertible) as caught:
        unit_converted(item=part, quantity=Decimal(1), from_unit=make.unit("ROLL"))
    with translation.override("en"):
        assert "ROLL" in str(caught.value.message) and caught.value.field == "unit"


def test_a_circle_ends_as_an_exception_and_the_rest_is_planned(store):
    """A in B in A, as no form would let in; C next to them is ordered as always."""
    a, b, c = make.item("A", mode="MAKE"), make.item("B", mode="MAKE"), make.item("C")
    make.bom(a, (b, 1))
    BomLine.objects.create(bom=make.bom(b), line_no=10, component=a, quantity_per=1)
    source(c, make.supplier("S1"))
    demand("D1", a, 10)
    demand("D2", c, 7)
    run = plan()
    assert troubles(run, "CYCLE") == [("A", 10), ("B", 0)]
    rows = PlannedOrder.objects.all()
    assert [(row.item.code, row.quantity) for row in rows] == [("C", 7)]


def test_revisions_that_the_run_never_meets_together_are_no_circle(store):
    """A was made from B until a week ago, B is made from A since: this run plans both."""
    a, b = make.item("A", mode="MAKE"), make.item("B", mode="MAKE")
    week_ago = EVENING - timedelta(days=7)
    make.bom(a, (b, 1), effective_to=week_ago)
    make.bom(a, (make.item("RAW"), 1), revision="B", effective_from=week_ago)
    make.bom(b, (a, 2), effective_from=week_ago)
    demand("D1", b, 10)
    run = plan()
    assert troubles(run, "CYCLE") == []
    found = {row.item.code: row.quantity for row in PlannedOrder.objects.all()}
    assert found == {"B": 10, "A": 20, "RAW": 20}
