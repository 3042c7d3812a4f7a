"""Loads on trucks by hand-made numbers, and properties on random plants."""

import random

import pytest

from jit.algorithms.routes.load_trucks import (
    NO_TRUCK,
    TOO_HEAVY,
    ExtraTruck,
    LoadLine,
    LoadNeed,
    Truck,
    trucks_load,
)

LANE = ("S1", "", "P1", "D1", "A")


def need(ident="n1", packages=1, grams=100, earliest=0, latest=1000, lane=LANE):
    return LoadNeed(ident, lane, packages, grams, earliest, latest)


def truck(ident="t1", arrival=500, grams=1000, lanes=(LANE,)):
    return Truck(ident, arrival, grams, frozenset(lanes))


def test_the_latest_arrival_inside_the_window_is_taken_first():
    plan = trucks_load([need(packages=3)], [truck("early", 10), truck("late", 1000), truck("too_late", 1001)])
    assert plan.lines == [LoadLine("n1", "late", 3)]


def test_both_ends_of_the_window_count():
    plan = trucks_load([need(earliest=500, latest=500)], [truck(arrival=500)])
    assert plan.lines == [LoadLine("n1", "t1", 1)] and not plan.uncovered


def test_a_row_is_split_by_whole_packages_and_the_rest_rides_on_a_copy_of_the_latest_candidate():
    plan = trucks_load([need(packages=7, grams=400)], [truck("a", 100), truck("b", 200)])
    assert plan.lines == [
        LoadLine("n1", "b", 2),
        LoadLine("n1", "a", 2),
        LoadLine("n1", "b+1", 2),
        LoadLine("n1", "b+2", 1),
    ]
    assert plan.extra_trucks == [ExtraTruck("b+1", "b", 200, 1000), ExtraTruck("b+2", "b", 200, 1000)]
    assert plan.too_heavy_for_one == 1


def test_a_need_with_fewer_candidates_goes_first():
    other = ("S1", "", "P1", "D1", "B")
    free, bound = need("a_free", 10), need("b_bound", 10, lane=other)
    plan = trucks_load([free, bound], [truck("t1", 500, lanes=(LANE, other)), truck("t2", 400)])
    assert plan.lines == [LoadLine("b_bound", "t1", 10), LoadLine("a_free", "t2", 10)]
    assert plan.extra_trucks == []


def test_an_empty_dock_is_a_lane_of_its_own():
    plan = trucks_load([need(lane=("S1", "X", "P1", "D1", "A"))], [truck()])
    assert [(u.need, u.reason) for u in plan.uncovered] == [("n1", NO_TRUCK)]


def test_a_package_no_truck_can_lift_is_said():
    plan = trucks_load([need(grams=1001, packages=2)], [truck()])
    assert [(u.packages, u.reason) for u in plan.uncovered] == [(2, TOO_HEAVY)] and not plan.lines


@pytest.mark.parametrize("bad", [{"packages": 0}, {"grams": 0}, {"earliest": 2, "latest": 1}])
def test_a_senseless_need_is_refused(bad):
    with pytest.raises(ValueError, match="n1"):
        trucks_load([need(**bad)], [truck()])


def test_repeated_idents_are_refused():
    with pytest.raises(ValueError, match="share an ident"):
        trucks_load([need(), need()], [truck()])
    with pytest.raises(ValueError, match="share an ident"):
        trucks_load([need()], [truck(), truck()])


@pytest.mark.parametrize("seed", range(60))
def test_every_package_arrives_in_its_window_and_no_truck_is_overweight(seed):
    """Conserved, in the window, on the lane, within the weight, and the same for shuffled input."""
    rng = random.Random(seed)
    lanes = [("S", "", "P", "D", str(n)) for n in range(4)]
    trucks = [
        truck(f"t{n}", rng.randrange(0, 300), rng.choice([500, 900]), rng.sample(lanes, rng.randint(1, 4)))
        for n in range(8)
    ]
    needs = []
    for n in range(25):
        earliest = rng.randrange(0, 200)
        window = (earliest, earliest + rng.randrange(0, 150))
        needs.append(need(f"n{n}", rng.randint(1, 9), rng.choice([70, 333, 950]), *window, rng.choice(lanes)))
    plan = trucks_load(needs, trucks)

    by_truck = {t.ident: t for t in trucks}
    by_truck |= {x.ident: by_truck[x.copy_of] for x in plan.extra_trucks}
    for one in needs:
        brought = sum(line.packages for line in plan.lines if line.need == one.ident)
        left = sum(entry.packages for entry in plan.uncovered if entry.need == one.ident)
        assert brought + left == one.packages
        for line in plan.lines:
            if line.need == one.ident:
                carrier = by_truck[line.truck]
                assert one.lane in carrier.lanes and one.earliest <= carrier.arrival <= one.latest
    grams = {n.ident: n.package_grams for n in needs}
    for ident, carrier in by_truck.items():
        assert sum(x.packages * grams[x.need] for x in plan.lines if x.truck == ident) <= carrier.max_grams

    rng.shuffle(needs)
    rng.shuffle(trucks)
    again = trucks_load(needs, trucks)
    assert (again.lines, again.extra_trucks) == (plan.lines, plan.extra_trucks)
