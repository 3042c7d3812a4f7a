"""Golden numbers: F0 (G1, T08, T38), G2, G9, G10, T42, and the goldens of pull.md rules 3, 5 and 23."""

from dataclasses import replace

import numpy as np
import pytest

from jit.algorithms.mrp.model import (
    Calls,
    Demands,
    Lines,
    Lots,
    Mode,
    Nodes,
    PlanInput,
    Receipts,
    Revisions,
    Sources,
    Stage,
)
from jit.algorithms.mrp.result import Change, Trouble
from jit.algorithms.mrp.run import plan
from tests.unit.algorithms.f0 import MORNING, X, f0, hour, quantities, troubles


def stock_at_line(data: PlanInput, minute: int, *, before_arrival: bool = False) -> float:
    """Return the stock of X after (or just before) the arrivals of a minute, consumption up to it taken
    off.
    """
    result = plan(data)
    r, c = result.requirements, result.calls
    rows = slice(int(r.first[X]), int(r.end[X]))
    arrived = c.qty[(c.avail < minute) if before_arrival else (c.avail <= minute)].sum()
    return float(data.lots.qty.sum() + arrived - r.qty[rows][r.due[rows] < minute].sum())


def test_g1_the_day_before_calls_seven_windows():
    assert quantities(f0(hour(16, -1))) == [200, 100, 150, 100, 150, 100, 0]


def test_g1_stock_before_each_arrival():
    seen = [stock_at_line(f0(hour(16, -1)), hour(h), before_arrival=True) for h in range(9, 16)]
    assert np.round(seen, 1).tolist() == [77.6, 155.1, 132.7, 160.2, 137.8, 165.3, 142.9]
    assert round(stock_at_line(f0(hour(16, -1)), hour(16)), 1) == 20.4


def test_g1_the_first_call_ships_at_eight_and_is_prepared_from_seven():
    calls = plan(f0(hour(16, -1))).calls
    assert (calls.ship[0], calls.start[0]) == (hour(8), hour(7))


def test_g1_takes_122_449_an_hour():
    assert plan(f0(hour(16, -1))).requirements.qty[0] == pytest.approx(122.449, abs=1e-3)


def test_rule_5_at_eight_the_frozen_calls_stay_and_nobody_is_told_anything():
    result = plan(f0(hour(8), calls=MORNING))
    assert quantities(f0(hour(8), calls=MORNING))[3:] == [100, 150, 100, 0]
    assert troubles(result) == []
    assert set(result.calls.change[result.calls.kept]) == {Change.SAME}


def test_rule_23_five_percent_more_changes_only_fourteen():
    data = f0(hour(8), calls=MORNING, rate=lambda h: 1.05 if h >= 12 else 1.0)
    assert quantities(data)[3:] == [100, 150, 150, 0]


def test_rule_23_thirty_percent_more_all_day():
    assert quantities(f0(hour(8), calls=MORNING, rate=lambda h: 1.3))[3:] == [350, 150, 150, 0]


def test_rule_23_half_the_demand_calls_nothing_more_and_reports_the_excess():
    data = f0(hour(8), calls=MORNING, rate=lambda h: 0.5)
    assert quantities(data)[3:] == [0, 0, 0, 0]
    assert troubles(plan(data)) == [Trouble.FROZEN_EXCESS]


def test_rule_23_half_a_delivery_at_ten_brings_one_call_for_fifty():
    sent = (
        (11, 150.0, Stage.SENT),
        (12, 100.0, Stage.SENT),
        (13, 150.0, Stage.SENT),
        (14, 100.0, Stage.SENT),
    )
    reported = 2 * 2 * 60 / 0.98
    data = f0(hour(10) + 5, calls=sent, stock=200 + 200 + 50 - reported, first_hour=10)
    calls = plan(data).calls
    new = calls.change == Change.NEW
    assert (calls.end[new].tolist(), calls.qty[new].tolist()) == ([hour(15)], [50.0])
    assert set(calls.change[~new]) == {Change.SAME}


def test_rule_3_the_line_never_starves_on_the_second_day():
    data = f0(hour(16, -1), days=2)
    seen = [stock_at_line(data, hour(h, 1)) for h in np.arange(8, 16, 0.25)]
    assert min(seen) >= 0
    assert stock_at_line(data, hour(9, 1), before_arrival=True) >= 122.4


def test_t38_a_run_without_change_says_nothing():
    first = plan(f0(hour(16, -1))).calls
    calls = tuple(((e - hour(0)) / 60, q, Stage.SENT) for e, q in zip(first.end, first.qty, strict=True))
    again = plan(f0(hour(16, -1), calls=calls))
    assert set(again.calls.change) == {Change.SAME}
    assert troubles(again) == []


def test_rule_24_a_sent_call_moves_only_when_stock_would_leave_its_range():
    calls = ((12, 100.0, Stage.SENT), (13, 150.0, Stage.SENT), (14, 100.0, Stage.SENT))
    more = f0(hour(8), calls=MORNING + calls, rate=lambda h: 1.05 if h >= 12 else 1.0)
    result = plan(more).calls
    assert quantities(more)[3:6] == [100, 150, 100]
    assert Change.CHANGED not in set(result.change)


def test_rule_24_a_packed_call_never_falls_below_what_is_packed():
    calls = Calls(
        key=["C"], node=[X], source=[0], end=[hour(14)], qty=[100.0], stage=[Stage.SENT], packed=[100.0]
    )
    data = f0(hour(8), stock=2000.0)
    assert quantities(data)[5] == 0
    assert quantities(replace(data, calls=calls))[5] == 100


def test_g2_a_shared_part_is_netted_once():
    data = PlanInput(
        as_of=0,
        horizon=100_000,
        nodes=Nodes(
            key=["A", "B", "C"],
            mode=[Mode.MAKE, Mode.MAKE, Mode.BUY],
            multiple=[0, 0, 40],
            lead_min=[60, 60, 0],
        ),
        revisions=Revisions(key=["A1", "B1"], node=[0, 1]),
        lines=Lines(key=["a", "b", "c"], revision=[0, 0, 1], component=[1, 2, 2], qty_per=[1, 2, 1]),
        demands=Demands(key=["D"], node=[0], due=[50_000], qty=[100]),
        lots=Lots(key=["L"], node=[2], qty=[50]),
        sources=Sources(key=["S"], node=[2]),
    )
    result = plan(data)
    r, o = result.requirements, result.orders
    assert r.qty[r.first[2] : r.end[2]].sum() == 300
    assert o.qty[o.node == 2].tolist() == [280]


def test_g9_the_lower_rating_gets_the_next_lot():
    data = PlanInput(
        as_of=0,
        horizon=10_000,
        nodes=Nodes(key=["C"], mode=[Mode.BUY]),
        demands=Demands(key=["D"], node=[0], due=[5_000], qty=[10]),
        sources=Sources(key=["A", "B"], node=[0, 0], quota=[60, 40], used=[900, 500]),
    )
    orders = plan(data).orders
    assert data.sources.key[orders.source[0]] == "B"


def test_g10_the_lot_that_expires_too_soon_is_left_alone():
    day = 1440
    data = PlanInput(
        as_of=0,
        horizon=10 * day,
        nodes=Nodes(key=["C"], mode=[Mode.BUY], min_life_min=[30 * day]),
        demands=Demands(key=["D"], node=[0], due=[day], qty=[5]),
        lots=Lots(key=["L1", "L2"], node=[0, 0], qty=[10, 10], expiry=[20 * day, 60 * day]),
        sources=Sources(key=["S"], node=[0]),
    )
    result = plan(data)
    assert (result.lots.row.tolist(), result.lots.used.tolist()) == ([1], [5.0])
    assert len(result.orders.qty) == 0


@pytest.mark.parametrize(("on_order", "orders"), [(5.0, 0), (0.0, 1)])
def test_t42_ten_runs_order_once_and_open_supply_counts(on_order, orders):
    receipts = Receipts(key=["R"], node=[0], due=[500], qty=[on_order]) if on_order else Receipts()
    data = PlanInput(
        as_of=0,
        horizon=100_000,
        nodes=Nodes(key=["C"], mode=[Mode.BUY], safety=[10]),
        lots=Lots(key=["L"], node=[0], qty=[8]),
        receipts=receipts,
        sources=Sources(key=["S"], node=[0], prep_min=[1000]),
    )
    results = [plan(data) for _ in range(10)]
    assert [len(r.orders.qty) for r in results] == [orders] * 10
    assert troubles(results[0]) == ([Trouble.SAFETY_BREACH] if on_order else [])
