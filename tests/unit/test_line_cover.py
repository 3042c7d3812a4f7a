"""When a line runs out: hand-made numbers (T16)."""

import numpy as np

from jit.planning.services.cover import burn_rate, runs_out

BURN = 120 / 0.98  # per hour


def arrays(*values, kind="f8"):
    return np.array(values, kind)


def hours(count):
    return np.arange(count, dtype="i8") * 60


def test_a_hundred_pieces_at_122_an_hour_last_49_minutes():
    out = runs_out(100.0, hours(4), np.full(4, BURN), arrays(kind="i8"), arrays())
    assert out == 49


def test_a_delivery_before_that_moves_the_minute_on():
    out = runs_out(100.0, hours(4), np.full(4, BURN), arrays(60, kind="i8"), arrays(50))
    assert out == 49  # it comes after the line has stopped
    out = runs_out(130.0, hours(4), np.full(4, BURN), arrays(60, kind="i8"), arrays(50))
    assert out == 60 + int((130 - BURN + 50) / BURN * 60 + 1e-6)


def test_enough_for_all_that_is_planned_never_runs_out():
    assert runs_out(500.0, hours(4), np.full(4, BURN), arrays(kind="i8"), arrays()) is None


def test_a_break_in_consumption_is_no_consumption():
    out = runs_out(BURN, np.array([0, 180], "i8"), np.full(2, BURN), arrays(kind="i8"), arrays())
    assert out == 180


def test_the_rest_of_an_hour_and_the_next_whole_one_burn_at_their_own_length():
    due = np.array([620, 660, 720], "i8")  # 10:20, 11:00, 12:00
    assert burn_rate(due, arrays(80, 120, 120), 620) == 120


def test_a_break_and_two_orders_at_once_change_no_rate():
    due = np.array([600, 600, 765, 825], "i8")  # two orders until 11:00, a break until 12:45
    assert burn_rate(due, arrays(40, 60, 100, 100), 600) == 100
    assert burn_rate(np.array([600, 645, 660], "i8"), arrays(60, 15, 100), 600) == 75


def test_what_is_overdue_lasts_as_long_as_it_would_have():
    due = np.array([540, 480, 600], "i8")  # at 10:00 the slices of 8:00 and 9:00 are still open
    assert burn_rate(due, arrays(110, 100, 120), 600) == 100


def test_nothing_for_a_day_is_no_consumption():
    assert burn_rate(np.array([1440], "i8"), arrays(5), 0) == 0
    assert burn_rate(arrays(kind="i8"), arrays(), 0) == 0
