"""The board reads in the same few statements, whatever the number of its rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jit.catalog.models import Item, Location
from jit.planning.models import PlanRun, PlanRunNode
from jit.planning.selectors.board import board_calls
from jit.planning.selectors.live import board_live
from jit.supply.models import ControlCycle, LineCover
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def rows(count: int, first: int) -> None:
    """Items at one line side with cycle, cover and netting."""
    side = Location.objects.filter(code="LS").first() or make.location("LS", Location.Kind.LINE_SIDE)
    if not PlanRun.objects.exists():
        PlanRun.objects.create(
            number="R1", as_of=make.at(8), horizon_end=make.at(20), state="DONE", finished_at=make.at(8)
        )
    codes = [f"I{number:05d}" for number in range(first, first + count)]
    items = Item.objects.bulk_create(
        Item(code=code, name=code, unit=make.unit(), mode="JIT") for code in codes
    )
    ControlCycle.objects.bulk_create(ControlCycle(number=f"C{i.code}", item=i, area=side) for i in items)
    LineCover.objects.bulk_create(LineCover(item=i, area=side, computed_at=make.at(8)) for i in items)
    PlanRunNode.objects.bulk_create(PlanRunNode(item=i, plant=side.plant, area=side) for i in items)


def statements() -> tuple[int, int, int]:
    """How many statements both boards take, and how many rows the first shows."""
    with CaptureQueriesContext(connection) as calls:
        board = board_calls(make.system(), start=make.at(8), hours=12, zone=make.SHANGHAI)
    with CaptureQueriesContext(connection) as live:
        board_live(make.system(), zone=make.SHANGHAI)
    return len(calls), len(live), len(board.rows)


def test_five_rows_and_three_hundred_cost_the_same_statements():
    statements()  # the catalogue of entities is read once a process
    rows(5, 0)
    few = statements()
    rows(295, 5)
    many = statements()
    assert (few[2], many[2]) == (5, 300)
    assert few[:2] == many[:2]
    assert many[0] <= 6
    assert many[1] <= 4
