"""What suppliers said, shipped and delivered is netted by the next run, to the piece (pull.md 22 to 26)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from forms_engine.kernel import clock
from jit.catalog.models import Location
from jit.planning.models import PlanRun, PlanRunNode
from jit.planning.selectors.netting import Netting
from jit.planning.selectors.rows import minute_of
from jit.planning.services.run import run_execute, run_request
from jit.shopfloor.services import work_order as orders
from jit.stock.selectors import stock_at
from jit.supply.models import CallOff, CallOffReply, CallOffVersion, Shipment
from jit.supply.services import call_off, receipt, shipment
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
EVENING = make.at(16) - timedelta(days=1)


@pytest.fixture
def plant():
    """F0 with the work order of G1, everything called off, sent and not yet answered."""
    built = make.f0()
    make.routing(built.product, built.work_centre, seconds=60)
    order = orders.work_order_create(
        actor=make.system(), item=built.product, work_centre=built.work_centre, quantity=Decimal(480),
        planned_start=make.at(8), planned_end=make.at(16),
    )  # fmt: skip
    orders.work_order_release(actor=make.system(), work_order=order)
    plan()
    for row in CallOff.objects.order_by("window_end"):
        call_off.calloff_release(actor=make.system(), calloff=row)
    call_off.calloff_mark_sent(calloff_ids=[row.pk for row in CallOff.objects.all()])
    yield built
    clock.set(None)


def plan(as_of=EVENING, hours: int = 24) -> PlanRun:
    clock.set(as_of)
    run = run_request(actor=make.system(), as_of=as_of, horizon_end=as_of + timedelta(hours=hours))
    return run_execute(run_id=run.pk, actor=make.system())


def at(hour: int) -> CallOff:
    return CallOff.objects.get(window_end=make.at(hour))


def coming() -> dict[int, int]:
    """{hour: what is still to come of its window}."""
    rows = CallOff.objects.filter(state__in=CallOff.LIVE).exclude(state="RECEIVED").order_by("window_end")
    return {
        (row.window_end - make.at(0)).seconds // 3600: int(
            call_off.firm_quantity(row) - row.received_quantity
        )
        for row in rows
    }


def reply(hour: int, kind: str, **more) -> None:
    call_off.calloff_reply(actor=make.system(), calloff=at(hour), kind=CallOffReply.Kind[kind], **more)


def announced(hour: int, quantity: int, arrives=None) -> Shipment:
    line = shipment.PackedLine(at(hour).pk, Decimal(quantity), lot_code=f"L{hour}")
    one = shipment.shipment_announce(actor=make.system(), lines=[line], arrives_at=arrives)
    shipment.shipment_depart(actor=make.system(), shipment=one)
    return one


def nothing_changed(run: PlanRun) -> bool:
    return run.counts["calls"] == {"new": 0, "changed": 0, "cancelled": 0}


def test_later_is_netted_at_its_new_time_and_nothing_is_called_twice(plant):
    """The 100 of 12:00 come at 13:30: 37 pieces are left at 13:00, so nobody is told anything."""
    reply(12, "LATER", promised_at=make.at(13, 30))
    run = plan()
    assert nothing_changed(run)
    assert coming() == {9: 200, 10: 100, 11: 150, 12: 100, 13: 150, 14: 100}


def test_later_than_needed_is_called_elsewhere_and_the_answer_stands(plant):
    """The 100 of 12:00 come after the shift: 100 more at 15:00, in time for the last pieces.

    Nothing sent is changed for it: the line still has 38 before 13:00 (rule 24).
    """
    reply(12, "LATER", promised_at=make.at(23))
    plan()
    row = at(12)
    assert (row.state, row.quantity, row.promised_at) == ("PARTIAL", 100, make.at(23))
    assert coming() == {9: 200, 10: 100, 11: 150, 12: 100, 13: 150, 14: 100, 15: 100}


def test_what_is_on_the_road_counts_and_is_never_changed(plant):
    for hour in (9, 10):
        announced(hour, 200 if hour == 9 else 100)
    run = plan()
    assert nothing_changed(run)
    assert (at(9).state, at(10).state) == ("SHIPPED", "SHIPPED")


def test_a_truck_that_will_be_late_is_netted_at_its_arrival(plant):
    """The 200 of 09:00 left for 23:00: 10:00 carries them instead; until then the board shows 45 short."""
    announced(9, 200, arrives=make.at(23))
    plan()
    assert coming() == {9: 200, 10: 300, 11: 150, 12: 100, 13: 150, 14: 100}
    line = Netting(PlanRunNode.objects.get(item=plant.part, area=plant.line_side))
    assert line.stock_before([minute_of(make.at(10))]) == pytest.approx([-44.898], abs=0.001)
    assert (at(9).state, at(9).quantity) == ("SHIPPED", 200)


def test_partly_received_counts_once_as_stock_and_once_as_rest(plant):
    """100 of the 200 of 09:00 are shipped and received: 100 at the line, 100 still to come, no change."""
    one = announced(9, 100)
    receipt.shipment_receive(actor=make.system(), shipment=one)
    assert at(9).received_quantity == 100
    run = plan()
    assert nothing_changed(run)
    assert coming() == {9: 100, 10: 100, 11: 150, 12: 100, 13: 150, 14: 100}


def test_a_short_delivery_is_called_again_by_just_what_is_short(plant):
    """150 of 200 come before their window ends and the call-off is done: 50 more for the same window."""
    one = announced(9, 200)
    line = one.lines.get()
    receipt.shipment_receive(actor=make.system(), shipment=one, counted={line.pk: Decimal(150)})
    assert at(9).state == "RECEIVED"
    plan()
    assert coming() == {9: 50, 10: 100, 11: 150, 12: 100, 13: 150, 14: 100}


def test_what_came_damaged_is_called_again_and_no_plan_uses_it(plant):
    """All 200 come, 50 of them damaged: 50 more for the same window, whatever lies in the quarantine."""
    one = announced(9, 200)
    bad = receipt.Blocked(one.lines.get().pk, Decimal(50), "DAMAGED")
    receipt.shipment_receive(actor=make.system(), shipment=one, blocked=[bad])
    assert (at(9).state, at(9).received_quantity) == ("RECEIVED", 150)
    place = Location.objects.get(kind=Location.Kind.QUARANTINE)
    assert stock_at(item_id=plant.part.pk, location_id=place.pk) == 50
    plan()
    assert coming() == {9: 50, 10: 100, 11: 150, 12: 100, 13: 150, 14: 100}
    assert not PlanRunNode.objects.filter(area=place).exists()


def test_a_short_closed_rest_comes_back_to_the_run(plant):
    one = announced(9, 100)
    receipt.shipment_receive(actor=make.system(), shipment=one)
    call_off.calloff_short_close(actor=make.system(), calloff=at(9), reason="mould broken")
    plan()
    assert coming() == {9: 100, 10: 100, 11: 150, 12: 100, 13: 150, 14: 100}
    assert CallOff.objects.filter(window_end=make.at(9)).count() == 2


def test_a_refused_window_may_be_called_again_from_the_same_supplier_later(plant):
    """REFUSE of 11:00: its 150 move to 12:00 as a new version; the refused one stays as it was answered."""
    reply(11, "REFUSE", reason="no steel")
    plan()
    row = at(11)
    assert (row.state, row.quantity) == ("DECLINED", 150)
    assert coming() == {9: 200, 10: 100, 12: 250, 13: 150, 14: 100}
    assert CallOffVersion.objects.get(calloff=at(12), revision=2).delta == 150
