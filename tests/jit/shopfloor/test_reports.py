"""Reporting work: what leaves the line, what arrives, and what happens when the books are short."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms_engine.kernel.errors import Conflict
from jit.catalog.models import Item
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services import report as reports
from jit.shopfloor.services import work_order as orders
from jit.stock.models import Balance, Lot, Variance
from jit.stock.selectors import ledger_violations, stock_at
from jit.stock.services import variance_resolve
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def plant():
    return make.f0()


def order(plant: make.F0, quantity: int = 60) -> WorkOrder:
    """A released work order over A from 08:00."""
    row = orders.work_order_create(
        actor=make.system(),
        item=plant.product,
        work_centre=plant.work_centre,
        quantity=Decimal(quantity),
        planned_start=make.at(8),
        planned_end=make.at(9),
    )
    return orders.work_order_release(actor=make.system(), work_order=row)


def test_components_leave_by_the_frozen_bom_with_scrap(plant):
    row = order(plant)
    plant.product.pk and make.BomLine.objects.update(quantity_per=99)  # a later BOM change must not matter
    reports.report_make(actor=make.system(), work_order=row, good=Decimal(45), scrap=Decimal(4))
    # 49 made x 2 / 0.98 = 100
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 100
    assert stock_at(item_id=plant.product.pk, location_id=plant.work_centre.output_id) == 45
    row.refresh_from_db()
    assert (row.state, row.good_quantity, row.scrap_quantity) == (WorkOrder.State.STARTED, 45, 4)
    assert ledger_violations() == {}


def test_what_the_line_does_not_hold_goes_to_the_variance_queue(plant):
    row = order(plant, 120)
    reports.report_make(actor=make.system(), work_order=row, good=Decimal(98) + 1)
    # 99 x 2 / 0.98 = 202.040816; 200 were there
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 0
    short = Variance.objects.get()
    assert (short.quantity, short.state) == (Decimal("2.040816"), Variance.State.OPEN)
    assert ledger_violations() == {}
    variance_resolve(actor=make.system(), variance=short, counted=Decimal(6), resolution="found a box")
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 6
    with pytest.raises(Conflict):
        variance_resolve(actor=make.system(), variance=short, counted=Decimal(0), resolution="again")


def test_a_reversal_restores_the_same_lots(plant):
    lot = Lot.objects.create(item=plant.part, code="OLD")
    make.stock(plant.part, plant.line_side, 30, lot)
    row = order(plant)
    made = reports.report_make(actor=make.system(), work_order=row, good=Decimal(49))
    reports.report_reverse(actor=make.system(), report=made)
    row.refresh_from_db()
    assert row.good_quantity == 0
    assert Balance.objects.get(item=plant.part, lot=lot, location=plant.line_side).quantity == 30
    assert sum(component.consumed_quantity for component in row.components.all()) == 0
    with pytest.raises(Conflict):
        reports.report_reverse(actor=make.system(), report=made)
    assert ledger_violations() == {}


def test_the_last_piece_finishes_the_order(plant):
    row = order(plant, 10)
    reports.report_make(actor=make.system(), work_order=row, good=Decimal(9), scrap=Decimal(1))
    row.refresh_from_db()
    assert row.state == WorkOrder.State.DONE
    with pytest.raises(orders.WorkOrderNotOpen):
        reports.report_make(actor=make.system(), work_order=row, good=Decimal(1))


@pytest.mark.parametrize(("good", "scrap"), [(0, 0), (-1, 0), (5, -1), (61, 0)])
def test_a_report_that_cannot_be_meant_is_refused(plant, good, scrap):
    row = order(plant)
    with pytest.raises(reports.ReportRefused):
        reports.report_make(actor=make.system(), work_order=row, good=Decimal(good), scrap=Decimal(scrap))
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 200


def test_an_order_ends_short_only_with_a_reason(plant):
    row = order(plant)
    with pytest.raises(orders.WorkOrderRefused):
        orders.work_order_finish(actor=make.system(), work_order=row)
    done = orders.work_order_finish(actor=make.system(), work_order=row, reason="shift over")
    assert done.state == WorkOrder.State.DONE


def test_a_phantom_is_replaced_by_its_parts(plant):
    kit = make.item("KIT", mode=Item.Mode.PHANTOM)
    bolt = make.item("BOLT")
    make.bom(kit, (bolt, 4))
    make.BomLine.objects.create(
        bom_id=plant.product.pk and make.Bom.objects.get(item=plant.product).pk,
        line_no=20,
        component=kit,
        quantity_per=Decimal(3),
    )
    row = order(plant)
    used = {component.item.code: component.quantity_per for component in row.components.all()}
    assert used == {"X": 2, "BOLT": 12}


def test_half_a_piece_is_not_reported(plant):
    row = order(plant)
    for good, scrap, field in (("1.5", "0", "good"), ("2", "0.5", "scrap")):
        with pytest.raises(reports.ReportRefused) as refused:
            reports.report_make(actor=make.system(), work_order=row, good=Decimal(good), scrap=Decimal(scrap))
        assert [one.field for one in refused.value.errors] == [field]
    make.Unit.objects.filter(pk=plant.product.unit_id).update(decimals=1)
    reports.report_make(actor=make.system(), work_order=row, good=Decimal("1.5"))
