"""The plan run over real tables: G1 and what follows when things change (pull.md 5, 23 to 25)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from forms_engine.kernel import clock
from jit.planning.models import PlanException, PlanRun
from jit.planning.services.run import run_execute, run_request
from jit.shopfloor.services import work_order as orders
from jit.supply.models import CallOff, CallOffVersion, LineCover
from jit.supply.services import call_off
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HOURS = range(9, 16)


@pytest.fixture
def plant():
    """F0 with a released work order over the whole shift: 480 A from 08:00 to 16:00."""
    built = make.f0()
    make.routing(built.product, built.work_centre, seconds=60)
    order = orders.work_order_create(
        actor=make.system(),
        item=built.product,
        work_centre=built.work_centre,
        quantity=Decimal(480),
        planned_start=make.at(8),
        planned_end=make.at(16),
    )
    built.order = orders.work_order_release(actor=make.system(), work_order=order)
    yield built
    clock.set(None)


def plan(as_of, horizon_hours: int = 24) -> PlanRun:
    """Run the plan as of a moment."""
    clock.set(as_of)
    run = run_request(actor=make.system(), as_of=as_of, horizon_end=as_of + timedelta(hours=horizon_hours))
    return run_execute(run_id=run.pk, actor=make.system())


def calls() -> list[int]:
    """The live call-off quantities of the windows ending at 9 to 15 h."""
    found = {
        row.window_end: int(row.quantity)
        for row in CallOff.objects.exclude(state__in=("CANCELLED", "DECLINED"))
    }
    return [found.get(make.at(hour), 0) for hour in HOURS]


def test_g1_hourly_call_offs_from_the_evening_before(plant):
    """G1: 200, 100, 150, 100, 150, 100, 0; 800 in all, never 1,050."""
    run = plan(make.at(16) - timedelta(days=1))
    assert calls() == [200, 100, 150, 100, 150, 100, 0]
    assert run.state == PlanRun.State.DONE
    assert run.counts["calls"] == {"new": 6, "changed": 0, "cancelled": 0}
    first = CallOff.objects.order_by("window_end").first()
    assert (first.state, first.ship_at, first.area_name) == (CallOff.State.DRAFT, make.at(8), "L1-A")


def test_a_second_run_without_a_change_touches_nothing(plant):
    evening = make.at(16) - timedelta(days=1)
    plan(evening)
    before = list(CallOff.objects.order_by("pk").values_list("pk", "version", "updated_at"))
    two = plan(evening)
    assert list(CallOff.objects.order_by("pk").values_list("pk", "version", "updated_at")) == before
    assert two.counts["calls"] == {"new": 0, "changed": 0, "cancelled": 0}
    three = plan(evening)
    assert (two.input_hash, two.output_hash) == (three.input_hash, three.output_hash)


def test_what_the_supplier_knows_is_changed_by_a_version_with_its_difference(plant):
    evening = make.at(16) - timedelta(days=1)
    plan(evening)
    for row in CallOff.objects.order_by("window_end"):
        call_off.calloff_release(actor=make.system(), calloff=row)
    call_off.calloff_mark_sent(calloff_ids=[row.pk for row in CallOff.objects.all()])
    plant.order.quantity = Decimal(240)
    plant.order.planned_end = make.at(12)
    plant.order.save()
    run = plan(evening)
    assert run.counts["calls"]["new"] == 0
    assert sum(calls()) == 300  # 240 x 2 / 0.98 = 489.8 less the 200 at the line, in packs of 50
    late = CallOff.objects.get(window_end=make.at(14))
    assert late.state == CallOff.State.CANCELLED
    assert CallOffVersion.objects.get(calloff=late, revision=2).delta == -100


def test_in_the_frozen_zone_a_shortage_becomes_an_exception_and_no_call(plant):
    plan(make.at(16) - timedelta(days=1))
    for row in CallOff.objects.order_by("window_end"):
        call_off.calloff_release(actor=make.system(), calloff=row)
    call_off.calloff_mark_sent(calloff_ids=[row.pk for row in CallOff.objects.all()])
    make.stock(plant.part, plant.line_side, 20)  # the count this morning: 20 instead of 200
    run = plan(make.at(8), 10)
    frozen = [
        int(row.quantity) for row in CallOff.objects.filter(window_end__lt=make.at(12)).order_by("window_end")
    ]
    assert frozen == [200, 100, 150]
    shortage = PlanException.objects.get(run=run, kind="FROZEN_SHORTAGE")
    assert shortage.severity == 1
    assert make.at(8) <= shortage.at < make.at(9)


def test_line_cover_counts_only_what_was_released(plant):
    """T16: X 200 at the line, 122.449 an hour: it lasts 98 minutes as long as nobody was told to deliver."""
    plan(make.at(8), 10)
    cover = LineCover.objects.get(item=plant.part, area=plant.line_side)
    assert cover.stock == 200
    assert abs(cover.burn_per_hour - Decimal("122.449")) < Decimal("0.01")
    assert abs((cover.stock_out_at - make.at(9, 38)).total_seconds()) <= 120


def test_line_cover_counts_an_emergency_that_was_released(plant):
    """What a supplier was told to bring at once is the next arrival, and the line lasts an hour longer."""
    make.emergency(plant, make.at(9), 150)
    plan(make.at(8), 10)
    cover = LineCover.objects.get(item=plant.part, area=plant.line_side)
    assert cover.next_arrival_quantity == 150
    assert make.at(9) <= cover.next_arrival_at < make.at(10)
    assert abs((cover.stock_out_at - make.at(10, 51)).total_seconds()) <= 120  # 350 at 122.449 an hour


def test_a_run_in_the_middle_of_an_hour_burns_no_faster(plant):
    plan(make.at(8, 20), 10)
    cover = LineCover.objects.get(item=plant.part, area=plant.line_side)
    assert abs(cover.burn_per_hour - Decimal("122.449")) < Decimal("0.01")


def test_without_a_supplier_the_need_ends_as_no_source(plant):
    plant.agreement.status = "BLOCKED"
    plant.agreement.save()
    run = plan(make.at(16) - timedelta(days=1))
    assert PlanException.objects.filter(run=run, kind="NO_SOURCE", item=plant.part).exists()
    assert not CallOff.objects.exclude(state="DRAFT").exists()
