"""Doors: the first free one, waiting only when none is free."""

import random

import pytest

from jit.algorithms.docks.slots import DockSlot, DockVisit, doors_needed, slots_assign


def test_a_truck_takes_the_first_free_door():
    visits = [DockVisit("b", "D1", 30), DockVisit("a", "D1", 0), DockVisit("c", "D1", 60)]
    assert slots_assign(visits, {"D1": 2}) == [
        DockSlot("a", "D1", 1, 0, 60, 0),
        DockSlot("b", "D1", 2, 30, 90, 0),
        DockSlot("c", "D1", 1, 60, 120, 0),
    ]


def test_a_truck_waits_when_all_doors_are_taken():
    visits = [DockVisit("a", "D1", 0), DockVisit("b", "D1", 10)]
    assert slots_assign(visits, {"D1": 1})[1] == DockSlot("b", "D1", 1, 60, 120, 50)


def test_an_end_and_a_start_at_the_same_minute_need_one_door():
    assert doors_needed([DockVisit("a", "D1", 0), DockVisit("b", "D1", 60)]) == {"D1": 1}
    assert doors_needed([DockVisit("a", "D1", 0), DockVisit("b", "D1", 59)]) == {"D1": 2}


def test_a_dock_without_doors_and_a_repeated_visit_are_refused():
    with pytest.raises(ValueError, match="no doors"):
        slots_assign([DockVisit("a", "D1", 0)], {})
    with pytest.raises(ValueError, match="twice"):
        slots_assign([DockVisit("a", "D1", 0), DockVisit("a", "D1", 5)], {"D1": 1})


@pytest.mark.parametrize("seed", range(40))
def test_needed_doors_are_enough_and_one_less_is_not(seed):
    rng = random.Random(seed)
    visits = [DockVisit(f"t{n}", rng.choice("AB"), rng.randrange(0, 900)) for n in range(40)]
    needed = doors_needed(visits)
    slots = slots_assign(visits, needed)
    assert all(slot.waits == 0 for slot in slots)
    held = {}
    for slot in slots:
        assert held.get((slot.dock, slot.door), 0) <= slot.start
        held[slot.dock, slot.door] = slot.end
    for dock, doors in needed.items():
        if doors > 1:
            fewer = slots_assign([v for v in visits if v.dock == dock], {dock: doors - 1})
            assert any(slot.waits for slot in fewer)


def test_a_door_that_others_hold_is_passed_over_and_a_gap_is_used():
    taken = [DockSlot("x", "D1", 1, 0, 60), DockSlot("y", "D1", 2, 90, 150)]
    visits = [DockVisit("a", "D1", 10), DockVisit("b", "D1", 70), DockVisit("c", "D1", 100)]
    assert slots_assign(visits, {"D1": 2}, taken=taken) == [
        DockSlot("a", "D1", 2, 10, 70, 0),
        DockSlot("b", "D1", 1, 70, 130, 0),
        DockSlot("c", "D1", 1, 130, 190, 30),
    ]
