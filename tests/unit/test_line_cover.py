"""When a line runs out: hand-made numbers (T16)."""

import numpy as np

from jit.planning.services.cover import runs_out

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
