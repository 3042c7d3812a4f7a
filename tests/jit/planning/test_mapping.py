"""From tables to the plan and back: each rule once, over real rows (pull.md 10 to 30)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from forms_engine.kernel import clock
from jit.catalog.models import Item, SourcingRule, Supplier
from jit.planning.models import Demand, PlanException, PlannedOrder, PlanRun, PlanRunNode
from jit.planning.selectors.netting import run_last
from jit.planning.selectors.pegs import NodePegs
from jit.planning.services.run import run_execute, run_request
from jit.stock.models import Lot
from jit.supply.models import Agreement, CallOff, CallOffReply, ControlCycle
from jit.supply.services import call_off
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
EVENING = make.at(16) - timedelta(days=1)


def plan(as_of=EVENING, hours: int = 24) -> PlanRun:
    """Run the plan as of a moment."""
    clock.set(as_of)
    run = run_request(actor=make.system(), as_of=as_of, horizon_end=as_of + timedelta(hours=hours))
    return run_execute(run_id=run.pk, actor=make.system())


def demand(number: str, item: Item, quantity: int, due=None) -> Demand:
    """An open demand."""
    return Demand.objects.create(
        number=number, plant=make.plant(), item=item, quantity=quantity, due_at=due or make.at(12)
    )


def source(item: Item, maker: Supplier, **more) -> SourcingRule:
    """A sourcing rule with its agreement."""
    Agreement.objects.create(
        number=f"SA-{item.code}-{maker.code}", supplier=maker, item=item, price=Decimal(1)
    )
    return SourcingRule.objects.create(item=item, supplier=maker, **more)


def planned(item: Item) -> list[float]:
    """Start quantities of an item's planned orders."""
    return list(
        PlannedOrder.objects.filter(item=item).order_by("need_at", "pk").values_list("quantity", flat=True)
    )


def test_g2_two_levels_net_once_and_round_once(store):
    """G2: A = B + 2 C, B = C; 100 A need 300 C; 50 on hand: net 250, multiple 40: 280."""
    a, b = make.item("A", mode="MAKE"), make.item("B", mode="MAKE")
    c = make.item("C", mode="BATCH", lot_multiple=40)
    make.bom(a, (b, 1), (c, 2))
    make.bom(b, (c, 1))
    source(c, make.supplier("S9"))
    make.stock(c, store.store, 50)
    demand("D1", a, 100)
    run = plan()
    assert planned(a) == [100] and planned(b) == [100]
    assert planned(c) == [280]
    again = plan()
    assert again.counts["orders"] == {"new": 0, "changed": 0, "cancelled": 0}
    assert run.counts["orders"]["new"] == 3


def test_a_phantom_passes_its_need_on_and_has_no_order(store):
    a, p, c = make.item("A", mode="MAKE"), make.item("P", mode="PHANTOM"), make.item("C")
    make.bom(a, (p, 2))
    make.bom(p, (c, 3))
    source(c, make.supplier("S9"))
    make.stock(p, store.store, 5)
    demand("D1", a, 10)
    plan()
    assert planned(p) == []
    assert planned(c) == [45]  # (20 - 5) x 3


def test_the_revision_valid_at_the_start_counts(store):
    a, old, new = make.item("A", mode="MAKE"), make.item("OLD"), make.item("NEW")
    make.bom(a, (old, 1), revision="A", effective_to=make.at(0))
    make.bom(a, (new, 1), revision="B", effective_from=make.at(0))
    for part in (old, new):
        source(part, make.supplier(f"S-{part.code}"))
    demand("D1", a, 10, make.at(12))
    plan()
    assert (planned(old), planned(new)) == ([], [10])


def test_safety_stock_is_made_good_for_batch_items(store):
    c = make.item("C", safety_stock=30)
    source(c, make.supplier("S9"))
    make.stock(c, store.store, 10)
    plan()
    assert planned(c) == [20]


def test_a_lot_that_expires_before_the_need_does_not_count(store):
    c = make.item("C")
    source(c, make.supplier("S9"))
    for code, hour, quantity in (("OLD", 9, 40), ("GOOD", 20, 7)):
        lot = Lot.objects.create(code=code, item=c, expires_at=make.at(hour))
        make.stock(c, store.store, quantity, lot)
    demand("D1", c, 50, make.at(12))
    plan()
    assert sum(planned(c)) == 43


def test_without_an_approved_supplier_the_next_one_delivers(store):
    c = make.item("C")
    first, second = make.supplier("S1"), make.supplier("S2")
    source(c, first, quota=Decimal("0.9"))
    source(c, second, quota=Decimal("0.1"))
    demand("D1", c, 10)
    plan()
    assert PlannedOrder.objects.get(item=c).source == first
    first.status = Supplier.Status.BLOCKED
    first.save()
    plan()
    assert PlannedOrder.objects.get(item=c).source == second
    second.status = Supplier.Status.BLOCKED
    second.save()
    run = plan()
    order = PlannedOrder.objects.get(item=c)
    assert order.is_blocked and order.source is None
    assert PlanException.objects.get(run=run, kind="NO_SOURCE").item == c


def test_the_store_feeds_the_line_first_and_the_rest_is_called(plant):
    """X 150 free in the store: transfers of whole packs first, then the supplier (pull.md 11)."""
    make.stock(plant.part, plant.store, 150)
    plan()
    moved = PlannedOrder.objects.filter(item=plant.part, kind="TRANSFER")
    assert sum(row.quantity for row in moved) == 150
    assert all(row.area_id == plant.line_side.pk for row in moved)
    assert sum(row.quantity for row in CallOff.objects.all()) == 650


def sent(plant) -> list[CallOff]:
    """Plan, release and send everything."""
    plan()
    for row in CallOff.objects.order_by("window_end"):
        call_off.calloff_release(actor=make.system(), calloff=row)
    call_off.calloff_mark_sent(calloff_ids=[row.pk for row in CallOff.objects.all()])
    return list(CallOff.objects.order_by("window_end"))


@pytest.mark.parametrize("kind", ["LESS", "REFUSE"])
def test_what_a_supplier_does_not_promise_is_called_again(plant, kind):
    rows = sent(plant)
    last = rows[-1]
    call_off.calloff_reply(
        actor=make.system(),
        calloff=last,
        kind=CallOffReply.Kind[kind],
        quantity=Decimal(50) if kind == "LESS" else None,
        reason="press down",
    )
    run = plan()
    last.refresh_from_db()
    assert last.quantity == 100 and last.state == ("PARTIAL" if kind == "LESS" else "DECLINED")
    firm = sum(
        row.quantity if row.confirmed_quantity is None else row.confirmed_quantity
        for row in CallOff.objects.exclude(state="CANCELLED")
    )
    assert firm == 800
    assert run.counts["calls"]["new"] + run.counts["calls"]["changed"] >= 1


def test_a_second_run_leaves_every_row_alone_and_shuffled_rows_hash_alike(plant):
    part = make.item("C", lot_multiple=7)
    source(part, make.supplier("S9"))
    for number in range(5):
        demand(f"D{number}", part, 10 + number, make.at(9 + number))
    one = plan()
    before = list(PlannedOrder.objects.order_by("pk").values_list())
    two = plan()
    assert list(PlannedOrder.objects.order_by("pk").values_list()) == before
    assert one.output_hash and two.counts["orders"] == {"new": 0, "changed": 0, "cancelled": 0}
    rows = list(Demand.objects.order_by("number"))
    for row in rows:
        row.delete()
    for row in reversed(rows):  # the same rows, written in the other order
        Demand.objects.create(
            number=row.number, plant=row.plant, item=row.item, quantity=row.quantity, due_at=row.due_at
        )
    three = plan()
    assert (two.input_hash, two.output_hash) == (three.input_hash, three.output_hash)


def test_a_reported_quantity_is_not_consumed_again_and_a_late_one_stays(plant):
    plant.order.good_quantity, plant.order.state = Decimal(120), "STARTED"
    plant.order.save()
    plan()
    assert (
        sum(row.quantity for row in CallOff.objects.all()) == 550
    )  # 360 x 2 / 0.98 - 200 = 534.7, packs of 50
    CallOff.objects.all().delete()
    plant.order.good_quantity = Decimal(0)
    plant.order.save()
    plant.cycle.frozen_minutes = 0
    plant.cycle.save()
    plan(make.at(10), 10)  # two hours are unreported: still to be consumed, so still called for
    assert sum(row.quantity for row in CallOff.objects.all()) == 800


def test_an_emergency_call_is_supply_and_never_planned_over(plant):
    call = make.emergency(plant, make.at(9), 130)
    plan()
    assert sum(row.quantity for row in CallOff.objects.exclude(kind="EMERGENCY")) == 650
    call.refresh_from_db()
    assert call.quantity == 130


def test_a_held_call_is_left_as_it_stands(plant):
    rows = sent(plant)
    call_off.calloff_hold(actor=make.system(), calloff=rows[-1])
    plant.order.quantity, plant.order.planned_end = Decimal(240), make.at(12)
    plant.order.save()
    plan()
    rows[-1].refresh_from_db()
    assert (rows[-1].state, rows[-1].quantity) == ("HOLD", 100)


def test_beyond_the_jit_horizon_lines_are_forecast_until_their_window_comes_near(plant):
    cycle = ControlCycle.objects.get()
    cycle.horizon_minutes = 20 * 60  # from 16:00 to 12:00 of the next day
    cycle.save()
    run = plan()
    assert [int(row.quantity) for row in CallOff.objects.order_by("window_end")] == [200, 100, 150, 100]
    lines = PlannedOrder.objects.filter(kind="FORECAST").order_by("need_at")
    assert [(row.need_at, row.quantity) for row in lines] == [(make.at(13), 150), (make.at(14), 100)]
    assert run.counts["forecasts"] == {"new": 2, "changed": 0, "cancelled": 0}
    before = list(lines.values_list("pk", flat=True))
    assert plan().counts["forecasts"] == {"new": 0, "changed": 0, "cancelled": 0}
    assert list(lines.values_list("pk", flat=True)) == before
    near = plan(EVENING + timedelta(hours=3))
    assert not lines.all().exists()
    assert near.counts["forecasts"] == {"new": 0, "changed": 0, "cancelled": 2}
    assert near.counts["calls"] == {"new": 2, "changed": 0, "cancelled": 0}
    assert CallOff.objects.get(window_end=make.at(13)).kind == CallOff.Kind.JIT


def test_g10_the_lot_that_would_expire_too_soon_is_left_alone(store):
    """G10: lots expiring in 20 and 60 days, 30 days must remain: the second counts, the first does not."""
    c = make.item("C", min_remaining_days=30)
    source(c, make.supplier("S9"))
    for code, days in (("L20", 20), ("L60", 60)):
        lot = Lot.objects.create(code=code, item=c, expires_at=EVENING + timedelta(days=days))
        make.stock(c, store.store, 10, lot)
    demand("D1", c, 12)
    plan()
    assert planned(c) == [2]
    pegs = NodePegs(PlanRunNode.objects.get(item=c), run_last()).supplied("D1", "C")
    assert [(peg.label, peg.quantity) for peg in pegs] == [("STORE · L60", 10), ("BUY", 2)]


def test_an_exception_names_whom_it_hurts(store):
    """No supplier for C: the demand on A above it is hurt, two levels up."""
    a, b, c = make.item("A", mode="MAKE"), make.item("B", mode="MAKE"), make.item("C")
    make.bom(a, (b, 1))
    make.bom(b, (c, 1))
    demand("D1", a, 10)
    run = plan()
    assert PlanException.objects.get(run=run, kind="NO_SOURCE").hurts == ["D1"]


def test_a_shortage_names_the_work_order(plant):
    sent(plant)
    make.stock(plant.part, plant.line_side, 20)
    run = plan(make.at(8), 10)
    assert PlanException.objects.get(run=run, kind="FROZEN_SHORTAGE").hurts == [plant.order.number]


def test_an_order_follows_its_lead_time_and_goes_with_its_demand(store):
    """Same need, same quantity, longer lead: the row moves. No demand any more: no row."""
    a, other = make.item("A", mode="MAKE", lead_minutes=60), make.item("B", mode="MAKE")
    demand("D1", a, 10)
    demand("D2", other, 10)
    plan()
    before = PlannedOrder.objects.get(item=a)
    a.lead_minutes = 120
    a.save()
    Demand.objects.filter(item=other).delete()
    run = plan()
    after = PlannedOrder.objects.get(item=a)
    assert (after.pk, before.start_at - after.start_at) == (before.pk, timedelta(hours=1))
    assert run.counts["orders"] == {"new": 0, "changed": 1, "cancelled": 1}
    assert planned(other) == []
