"""Working time by hand, against a slow count of minutes, and over every change of clocks."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from forms_engine.kernel.worktime import NoWorkingTime, Shift, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
TWO_SHIFTS = (Shift.of("08:00", "12:00"), Shift.of("13:00", "17:00"))
PLANT = WorkCalendar("Asia/Shanghai", dict.fromkeys(range(5), TWO_SHIFTS))


def at(text, zone=SHANGHAI):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


def test_work_goes_on_after_lunch_and_after_the_weekend():
    assert PLANT.add(at("2026-11-27 11:00"), 120) == at("2026-11-27 14:00")
    assert PLANT.add(at("2026-11-27 16:30"), 60) == at("2026-11-30 08:30")
    assert PLANT.back(at("2026-11-30 08:30"), 60) == at("2026-11-27 16:30")
    assert PLANT.minutes_between(at("2026-11-27 00:00"), at("2026-11-30 00:00")) == 480
    assert PLANT.minutes_between(at("2026-11-30 00:00"), at("2026-11-27 00:00")) == -480


def test_a_closing_minute_is_open_for_finishing_but_not_for_starting():
    noon = at("2026-11-27 12:00")
    assert PLANT.add(at("2026-11-27 08:00"), 240) == noon
    assert not PLANT.is_open(noon)
    assert PLANT.next_open(noon) == at("2026-11-27 13:00")
    assert PLANT.last_open(noon) == noon
    assert PLANT.last_open(at("2026-11-27 12:40")) == noon
    assert PLANT.last_open(at("2026-11-27 08:00")) == at("2026-11-27 08:00")
    assert PLANT.back(noon, 60) == at("2026-11-27 11:00")
    assert PLANT.back(at("2026-11-27 13:00"), 60) == at("2026-11-27 11:00")


def test_zero_minutes_keep_the_moment():
    night = at("2026-11-28 03:00")
    assert PLANT.add(night, 0) == night
    assert PLANT.back(night, 0) == night
    assert PLANT.add(at("2026-11-27 11:00"), -60) == at("2026-11-27 10:00")


def test_national_day_is_closed_and_its_make_up_sunday_works_mondays_shifts():
    calendar = PLANT.with_days(
        off=[dt.date(2026, 10, day) for day in range(1, 8)], makeup={dt.date(2026, 9, 27): 0}
    )
    assert calendar.add(at("2026-09-26 10:00"), 60) == at("2026-09-27 09:00")
    assert calendar.add(at("2026-09-30 16:30"), 60) == at("2026-10-08 08:30")
    assert not calendar.is_open(at("2026-10-02 09:00"))


def test_a_night_shift_belongs_to_the_day_it_begins_on():
    nights = WorkCalendar("Asia/Shanghai", {0: (Shift.of("22:00", "06:00"),)})
    assert nights.is_open(at("2026-11-24 03:00"))
    assert nights.add(at("2026-11-23 21:00"), 300) == at("2026-11-24 03:00")
    closed = nights.with_days(off=[dt.date(2026, 11, 23)])
    assert not closed.is_open(at("2026-11-24 03:00"))


def test_a_calendar_that_never_closes_counts_every_minute():
    always = WorkCalendar.always()
    moment = at("2026-11-24 03:07")
    assert always.add(moment, 10_000) == moment + dt.timedelta(minutes=10_000)
    assert always.back(moment, 10_000) == moment - dt.timedelta(minutes=10_000)
    assert always.open_between(moment, moment + dt.timedelta(days=9)) == [
        (moment, moment + dt.timedelta(days=9))
    ]


def test_a_calendar_without_open_time_says_so():
    closed = WorkCalendar("UTC", {})
    for question in (
        closed.next_open,
        closed.last_open,
        lambda t: closed.add(t, 1),
        lambda t: closed.back(t, 1),
    ):
        with pytest.raises(NoWorkingTime):
            question(at("2026-01-01 00:00"))
    with pytest.raises(ValueError, match="no time zone"):
        PLANT.is_open(dt.datetime(2026, 1, 1))


def test_a_shift_over_the_change_of_clocks_lasts_as_long_as_it_really_does():
    berlin = ZoneInfo("Europe/Berlin")
    nights = WorkCalendar("Europe/Berlin", dict.fromkeys(range(7), (Shift.of("22:00", "06:00"),)))
    assert nights.minutes_between(at("2026-03-28 12:00", berlin), at("2026-03-29 12:00", berlin)) == 7 * 60
    assert nights.minutes_between(at("2026-10-24 12:00", berlin), at("2026-10-25 12:00", berlin)) == 9 * 60
    early = WorkCalendar("Europe/Berlin", {6: (Shift.of("01:00", "02:30"), Shift.of("02:30", "04:00"))})
    assert early.minutes_between(at("2026-03-29 00:00", berlin), at("2026-03-29 12:00", berlin)) == 120
    assert early.minutes_between(at("2026-10-25 00:00", berlin), at("2026-10-25 12:00", berlin)) == 240


def slow_minutes(calendar, start, end):
    """Count minute by minute by asking the wall clock (shifts inside one day only)."""
    zone, count = ZoneInfo(calendar.zone), 0
    moment = start
    while moment < end:
        local = moment.astimezone(zone)
        shifts = calendar.exceptions.get(local.date(), calendar.weekly.get(local.weekday(), ()))
        wall = local.hour * 60 + local.minute
        count += any(a <= wall < b for a, b in (shift.minutes for shift in shifts))
        moment += dt.timedelta(minutes=1)
    return count


@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
)
def test_arithmetic_agrees_with_a_slow_count_of_minutes(zone):
    rng = random.Random(zone)
    calendar = WorkCalendar(
        zone, {day: TWO_SHIFTS if day < 5 else (Shift.of("00:30", "03:20"),) for day in range(7)}
    ).with_days(off=[dt.date(2026, 3, 25)], makeup={dt.date(2026, 10, 31): 0})
    changes = [dt.datetime(2026, month, day, tzinfo=dt.UTC) for month, day in
               ((3, 6), (3, 28), (4, 3), (10, 2), (10, 24), (10, 31), (11, 1), (3, 24))]  # fmt: skip
    for change in changes:
        start = change + dt.timedelta(minutes=rng.randint(0, 1440))
        end = start + dt.timedelta(minutes=rng.randint(1, 2880))
        assert calendar.minutes_between(start, end) == slow_minutes(calendar, start, end), (start, end)
        minutes = rng.randint(1, 2000)
        finish = calendar.add(start, minutes)
        assert calendar.minutes_between(start, finish) == minutes
        begin = calendar.back(finish, minutes)
        assert calendar.minutes_between(begin, finish) == minutes
        assert calendar.is_open(begin) and begin >= start
        assert sum((b - a).total_seconds() for a, b in calendar.open_between(start, end)) == 60 * (
            calendar.minutes_between(start, end)
        )
