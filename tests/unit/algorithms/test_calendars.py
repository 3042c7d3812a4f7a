"""Shift patterns become UTC intervals: holidays, make-up days, nights, summer time; and the arithmetic on
them.
"""

import numpy as np
import pytest

from jit.algorithms.compiled import compiled
from jit.algorithms.mrp import worktime
from jit.algorithms.mrp.calendars import (
    Shifts,
    SpecialDays,
    TransitRules,
    WindowRules,
    expand,
    expand_transit,
    expand_windows,
    to_utc,
)
from jit.algorithms.mrp.model import Calendars

#: Monday 2026-11-23 in days since 1970.
MONDAY = 20_780
WEEK = dict(calendar=[0] * 5, weekday=range(5), start_min=[480] * 5, end_min=[960] * 5)


def open_minutes(calendars: Calendars) -> int:
    return int((calendars.end - calendars.start).sum())


def test_a_working_week_in_shanghai_opens_at_midnight_utc():
    got = expand(Shifts(**WEEK), SpecialDays(), ["Asia/Shanghai"], MONDAY * 1440, (MONDAY + 6) * 1440)
    inside = (got.start >= MONDAY * 1440) & (got.start < (MONDAY + 7) * 1440)
    assert got.start[inside].tolist() == [(MONDAY + d) * 1440 for d in range(5)]
    assert set((got.end - got.start).tolist()) == {480}


def test_a_holiday_closes_and_a_make_up_saturday_opens():
    special = SpecialDays(calendar=[0, 0], day=[MONDAY, MONDAY + 5], start_min=[0, 480], end_min=[0, 720])
    got = expand(Shifts(**WEEK), special, ["UTC"], MONDAY * 1440, (MONDAY + 6) * 1440)
    days = set(((got.start // 1440) - MONDAY).tolist())
    assert 0 not in days
    assert 5 in days


def test_touching_shifts_become_one_interval():
    shifts = Shifts(calendar=[0, 0], weekday=[0, 0], start_min=[480, 960], end_min=[960, 1800])
    got = expand(shifts, SpecialDays(), ["UTC"], MONDAY * 1440, MONDAY * 1440 + 1)
    assert ((got.start - MONDAY * 1440).tolist(), (got.end - MONDAY * 1440).tolist()) == ([480], [1800])


def test_summer_time_shortens_the_night_shift_by_an_hour():
    sunday = 20_541  # 2026-03-29, Berlin skips 02:00-03:00
    shifts = Shifts(calendar=[0], weekday=[5], start_min=[1320], end_min=[1800])
    got = expand(shifts, SpecialDays(), ["Europe/Berlin"], (sunday - 1) * 1440, sunday * 1440)
    assert 420 in set((got.end - got.start).tolist())


def test_windows_stand_in_wall_time_and_skip_closed_days():
    rules = WindowRules(
        grid=[0, 0], weekday=[0, 1], first_end=[540, 540], last_end=[900, 900], step_min=[60, 60]
    )
    got = expand_windows(rules, [(0, MONDAY + 1)], ["Asia/Shanghai"], MONDAY * 1440, (MONDAY + 2) * 1440)
    assert (got.end - MONDAY * 1440).tolist() == list(range(60, 421, 60))
    assert set(got.day.tolist()) == {MONDAY}


def test_transit_steps_only_where_the_time_changes():
    rules = TransitRules(
        table=[0] * 168,
        weekday=np.repeat(range(7), 24),
        hour=np.tile(range(24), 7),
        minutes=np.tile([60] * 7 + [90] * 2 + [60] * 15, 7),
    )
    got = expand_transit(rules, ["UTC"], MONDAY * 1440, MONDAY * 1440 + 100)
    assert set(got.minutes.tolist()) == {60, 90}
    assert (np.diff(got.minutes) != 0).all()


def test_an_end_before_its_start_is_refused():
    with pytest.raises(ValueError, match="night shift"):
        expand(
            Shifts(calendar=[0], weekday=[0], start_min=[600], end_min=[500]), SpecialDays(), ["UTC"], 0, 1
        )


def test_to_utc_knows_both_sides_of_a_change():
    sunday = 20_541
    local = np.array([sunday * 1440 + 60, sunday * 1440 + 240])
    assert (local - to_utc("Europe/Berlin", local)).tolist() == [60, 120]


@compiled
def probe(days, t, minutes):
    """Return back, add, next opening, ship before, ship after of one instant."""
    return (
        worktime.work_back(days, 0, t, minutes),
        worktime.work_add(days, 0, t, minutes),
        worktime.next_open(days, 0, t),
        worktime.ship_before(days, 0, t),
        worktime.ship_after(days, 0, t),
    )


def test_working_time_agrees_with_counting_minutes_one_by_one():
    rng = np.random.default_rng(7)
    for _ in range(60):
        cuts = np.sort(rng.choice(np.arange(100, 400), 6, replace=False))
        keep = np.diff(cuts)[1::2] > 0
        start, end = cuts[::2], cuts[1::2]
        assert keep.all()
        days = worktime.workdays(Calendars(calendar=[0] * 3, start=start, end=end), 1)
        is_open = np.ones(600, np.bool_)
        is_open[start[0] : end[-1]] = False
        for s, e in zip(start, end, strict=True):
            is_open[s:e] = True
        ships = is_open | np.append([False], is_open[:-1])
        for t in rng.integers(60, 440, 12).tolist():
            minutes = int(rng.integers(1, 60))
            back = t - 1
            left = minutes - is_open[back]
            while left:
                back -= 1
                left -= is_open[back]
            add, left = t, minutes
            while left:
                left -= is_open[add]
                add += 1
            opens = t + int(np.argmax(is_open[t:]))
            before = t - int(np.argmax(ships[t::-1]))
            after = t + int(np.argmax(ships[t:]))
            assert probe(days, t, minutes) == (back, add, opens, before, after)
