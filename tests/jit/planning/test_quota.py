"""Which supplier is called: rating by quota, by supplier-day and by lot (pull.md 20, G9)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from jit.catalog.models import SourcingRule
from jit.planning.models import PlannedOrder
from jit.shopfloor.services import work_order as orders
from jit.supply.models import Agreement, CallOff
from jit.supply.services import call_off
from tests import factories as make
from tests.jit.planning.test_mapping import EVENING, demand, plan, source

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def make_order(plant, day: int) -> None:
    """The work order of G1 some days later."""
    order = orders.work_order_create(
        actor=make.system(), item=plant.product, work_centre=plant.work_centre, quantity=Decimal(480),
        planned_start=make.at(8) + timedelta(days=day), planned_end=make.at(16) + timedelta(days=day),
    )  # fmt: skip
    orders.work_order_release(actor=make.system(), work_order=order)


def test_g9_the_lower_rating_gets_the_whole_supplier_day(plant):
    """G9: A 60 % had 900 (rating 15), B 40 % had 500 (12.5): today's calls go to B, 800 of them.

    With the 250 of 15:00 for tomorrow's start B stands at 1,550 / 40 = 38.75: tomorrow's whole day goes to A,
    and the third too, for A then stands at 1,850 / 60 = 30.8.
    """
    hours = plant.supplier.production_calendar
    other = make.supplier("S2", production_calendar=hours, shipping_calendar=hours)
    plant.rule.quota, plant.rule.base_quantity = Decimal(60), Decimal(900)
    plant.rule.save()
    Agreement.objects.create(number="SB-X", supplier=other, item=plant.part, price=Decimal(3))
    SourcingRule.objects.create(
        item=plant.part, supplier=other, area=plant.line_side, dock=plant.dock, quota=Decimal(40),
        pack_quantity=Decimal(50), prep_minutes=60, transit_minutes=60, base_quantity=Decimal(500),
    )  # fmt: skip
    for day in (1, 2):
        make_order(plant, day)
    plant.cycle.horizon_minutes = 5 * 1440
    plant.cycle.save()
    plan(hours=72)
    called = {}
    for row in CallOff.objects.order_by("window_end"):
        day = (row.window_end - make.at(0)).days
        called.setdefault((day, row.supplier.code), []).append(int(row.quantity))
    assert called[0, "S2"] == [200, 100, 150, 100, 150, 100, 250]
    assert {day: who for day, who in called} == {0: "S2", 1: "S1", 2: "S1"}
    assert len(called) == 3
    total = sum(sum(group) for group in called.values())
    assert total == 2750  # 3 x 979.592 - 200 = 2,738.8, in packs of 50


def test_g9_counts_what_was_received_and_what_is_open(plant):
    """900 and 500 received on call-offs are the same as 900 and 500 in the base."""
    hours = plant.supplier.production_calendar
    other = make.supplier("S2", production_calendar=hours, shipping_calendar=hours)
    plant.rule.quota = Decimal(60)
    plant.rule.save()
    Agreement.objects.create(number="SB-X", supplier=other, item=plant.part, price=Decimal(3))
    SourcingRule.objects.create(
        item=plant.part, supplier=other, area=plant.line_side, dock=plant.dock, quota=Decimal(40),
        pack_quantity=Decimal(50), prep_minutes=60, transit_minutes=60,
    )  # fmt: skip
    for maker, quantity in ((plant.supplier, 900), (other, 500)):
        old = call_off.calloff_emergency(
            actor=make.system(), item=plant.part, area=plant.line_side, supplier=maker, dock=plant.dock,
            window_start=EVENING - timedelta(hours=4), window_end=EVENING - timedelta(hours=3),
            quantity=Decimal(quantity), reason="last week",
        )  # fmt: skip
        CallOff.objects.filter(pk=old.pk).update(state="RECEIVED", received_quantity=quantity)
    plan()
    assert {row.supplier_id for row in CallOff.objects.filter(state="DRAFT")} == {other.pk}
    sums = CallOff.objects.filter(state="DRAFT").values_list("quantity", flat=True)
    assert sum(sums) == 800


def test_a_new_quota_period_forgets_what_was_received_before_it(plant):
    """Rule 20: A had 900, B begins at 10, so B is called; in A's new period A begins at 0, and is."""
    hours = plant.supplier.production_calendar
    other = make.supplier("S2", production_calendar=hours, shipping_calendar=hours)
    Agreement.objects.create(number="SB-X", supplier=other, item=plant.part, price=Decimal(3))
    SourcingRule.objects.create(
        item=plant.part, supplier=other, area=plant.line_side, dock=plant.dock, base_quantity=Decimal(10),
        pack_quantity=Decimal(50), prep_minutes=60, transit_minutes=60,
    )  # fmt: skip
    old = call_off.calloff_emergency(
        actor=make.system(), item=plant.part, area=plant.line_side, supplier=plant.supplier, dock=plant.dock,
        window_start=EVENING - timedelta(hours=4), window_end=EVENING - timedelta(hours=3),
        quantity=Decimal(900), reason="old period",
    )  # fmt: skip
    CallOff.objects.filter(pk=old.pk).update(state="RECEIVED", received_quantity=900)

    def called(since: timedelta | None) -> set[str]:
        CallOff.objects.filter(state="DRAFT").delete()
        SourcingRule.objects.update(quota_since=since and EVENING - since)
        plan()
        return set(CallOff.objects.filter(state="DRAFT").values_list("supplier__code", flat=True))

    assert called(since=None) == {"S2"}
    assert called(since=timedelta(hours=3)) == {"S2"}  # the window ended just when the period began
    assert called(since=timedelta(hours=2)) == {plant.supplier.code}


def test_g9_by_lot_for_what_is_bought_in_batches(store):
    """Lots of 100: B (12.5 < 15), then both stand at 15 and the agreement decides: A, then B, A, B."""
    c = make.item("C", max_lot=100)
    source(c, make.supplier("A"), quota=Decimal(60), base_quantity=Decimal(900))
    source(c, make.supplier("B"), quota=Decimal(40), base_quantity=Decimal(500))
    for hour in range(8, 13):
        demand(f"D{hour}", c, 100, make.at(hour, day=make.DAY + timedelta(days=hour - 8)))
    plan(hours=24 * 7)
    rows = PlannedOrder.objects.filter(item=c).order_by("need_at")
    assert [(row.source.code, row.quantity) for row in rows] == [(who, 100) for who in "BABAB"]
