"""The planner's board over real tables: what it shows, what a cell explains, who may look."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from forms_engine.access import services as access
from forms_engine.kernel import clock
from jit.catalog.models import Location
from jit.planning.selectors.board import board_calls
from jit.planning.selectors.cell import board_cell
from jit.planning.selectors.rows import minute_of
from jit.planning.services.run import run_execute, run_request
from jit.shopfloor.services import work_order as orders
from jit.supply.models import ControlCycle
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])
EVENING = make.at(16) - timedelta(days=1)
READ = [
    {"entity": name, "actions": ["read"]}
    for name in ("supply.calloff", "supply.controlcycle", "supply.linecover", "planning.planrun")
]


@pytest.fixture
def plant():
    """F0 with the work order of G1, planned the evening before."""
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
    clock.set(EVENING)
    run = run_request(actor=make.system(), as_of=EVENING, horizon_end=EVENING + timedelta(days=1))
    run_execute(run_id=run.pk, actor=make.system())
    yield built
    clock.set(None)


def shown(hours=7, **more):
    return board_calls(make.system(), start=make.at(8), hours=hours, zone=make.SHANGHAI, **more)


def person(name, grants, **more):
    access.role_define(actor=make.system(), key=name, label=name)
    access.grants_set(actor=make.system(), role=name, grants=grants)
    client = Client()
    client.force_login(access.user_create(actor=make.system(), username=name, roles=[name], **more))
    return client


def test_g1_stands_on_the_board_as_called_and_as_stock_before_each_arrival(plant):
    """Windows ending at 9 to 15 h: 200, 100, 150, 100, 150, 100, 0, and what lies at the line just before."""
    found = shown()
    assert found.hours == ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]
    (row,) = found.rows
    assert (row.code, row.unit, row.now) == ("X", "PCS", 200)
    assert [int(cell.value) for cell in row.calls] == [200, 100, 150, 100, 150, 100, 0]
    assert [cell.value for cell in row.stock] == [77.6, 155.1, 132.7, 160.2, 137.8, 165.3, 142.9]
    assert not any(cell.short for cell in row.stock)
    assert [cell.proposed for cell in row.calls] == [True] * 6 + [False]
    assert found.proposals == 6


def test_the_frozen_zone_ends_with_one_edge(plant):
    """Four hours from 08:00 on are frozen: windows ending at 9, 10 and 11 h; the last has the edge."""
    clock.set(make.at(8))
    cells = shown().rows[0].calls
    assert [cell.frozen for cell in cells] == [True, True, True, False, False, False, False]
    assert [cell.edge for cell in cells] == [False, False, True, False, False, False, False]


def test_a_cell_says_whom_its_arrivals_serve_and_what_its_hour_needs(plant):
    at = minute_of(make.at(9))
    cell = board_cell(make.system(), item_id=plant.part.pk, area_id=plant.line_side.pk, at=at)
    assert [int(call.quantity) for call in cell.calls] == [200]
    assert {peg.label for peg in (*cell.serves, *cell.needs)} == {plant.order.number}
    assert sum(peg.quantity for peg in cell.serves) == pytest.approx(200, abs=0.05)
    assert sum(peg.quantity for peg in cell.needs) == pytest.approx(60 * 2 / 0.98, abs=0.05)
    assert min(peg.need_at for peg in cell.serves) >= make.at(
        9
    )  # the 200 at the line serve whoever is earlier
    assert cell.missing == 0
    stranger = make.item("Y")
    nowhere = board_cell(make.system(), item_id=stranger.pk, area_id=plant.line_side.pk, at=at)
    assert nowhere is None


def test_search_and_risk_narrow_the_board(plant):
    assert shown(search="no such thing").rows == []
    assert [row.code for row in shown(search="支架").rows] == ["X"]
    assert [row.code for row in shown(supplier=plant.supplier.pk).rows] == ["X"]
    assert shown(supplier=make.supplier("S2").pk).rows == []


def test_its_statements_do_not_grow_with_its_rows(plant):
    with CaptureQueriesContext(connection) as few:
        shown()
    for number in range(20):
        ControlCycle.objects.create(
            number=f"CC-{number}",
            item=make.item(f"Y{number}"),
            area=make.location(f"L2-{number}", Location.Kind.LINE_SIDE),
            dock=plant.dock,
            window_calendar=plant.cycle.window_calendar,
            pack_quantity=Decimal(50),
        )
    with CaptureQueriesContext(connection) as many:
        assert len(shown().rows) == 21
    assert len(many) <= len(few) <= 6


def test_the_pages_are_for_those_who_may_read(plant):
    cell = f"/board/calls/cell/?item={plant.part.pk}&area={plant.line_side.pk}"
    cell += f"&at={minute_of(make.at(9))}"
    planner, nobody = person("planner", READ), person("nobody", [])
    pages = ("/board/calls/?start=2026-11-23T08:00", "/board/live/", "/board/exceptions/")
    for address in (*pages, cell):
        assert Client().get(address).status_code == 302, address
        assert planner.get(address).status_code == 200, address
    for address in (*pages, cell):
        assert nobody.get(address).status_code == 403, address
    text = planner.get(pages[0]).content.decode()
    assert all(
        f">{whole}<" in text for whole in (78, 155, 133, 160, 138, 165, 143)
    )  # whole pieces on the page
    assert plant.order.number in planner.get(cell).content.decode()


def test_odd_addresses_get_an_answer(plant):
    planner = person("planner", READ)
    for query in ("?start=yesterday", "?hours=-3", "?hours=1e9", "?hours=99999", "?supplier=x", "?q=%00"):
        assert planner.get(f"/board/calls/{query}").status_code in (200, 400), query
    for query in ("", "?item=x", "?item=1&area=2&at=3", f"?item={plant.part.pk}&area={plant.part.pk}&at=x"):
        assert planner.get(f"/board/calls/cell/{query}").status_code == 404, query
