"""Work calendars out of their tables, Chinese public holidays and make-up days (调休) included."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

import chinese_calendar

from forms_engine.kernel.worktime import Shift
from forms_engine.kernel.worktime import WorkCalendar as Hours
from jit.catalog.models import CalendarDay, WorkCalendar, WorkShift

MONDAY, SATURDAY = 0, 5


def work_calendars() -> dict[UUID, Hours]:
    """Return {calendar id: its working hours} for all calendars, in three statements.

    A row of `CalendarDay` wins over the public holidays. A make-up day without hours of its own works
    Monday's.
    """
    weekly: dict[UUID, dict[int, list[Shift]]] = defaultdict(lambda: defaultdict(list))
    for calendar, weekday, start, end in WorkShift.objects.order_by("start").values_list(
        "calendar_id", "weekday", "start", "end"
    ):
        weekly[calendar][weekday].append(Shift(start, end))
    own: dict[UUID, dict[dt.date, list[Shift]]] = defaultdict(dict)
    for calendar, day, working, start, end in CalendarDay.objects.order_by("day", "start").values_list(
        "calendar_id", "day", "is_working", "start", "end"
    ):
        shifts = own[calendar].setdefault(day, [])
        if working:
            shifts += [Shift(start, end)] if start and end else weekly[calendar][MONDAY]
    found: dict[UUID, Hours] = {}
    for key, zone, follows in WorkCalendar.objects.values_list("pk", "zone", "follows_cn_holidays"):
        week = {day: tuple(shifts) for day, shifts in weekly[key].items()}
        days: dict[dt.date, tuple[Shift, ...]] = _holidays(week) if follows else {}
        days |= {day: tuple(shifts) for day, shifts in own[key].items()}
        found[key] = Hours(zone, week, days)
    return found


def _holidays(week: Mapping[int, tuple[Shift, ...]]) -> dict[dt.date, tuple[Shift, ...]]:
    """Weekdays off and weekends that are worked, by the State Council's notices the library carries."""
    days: dict[dt.date, tuple[Shift, ...]] = {}
    for day, works in _notices().items():
        if works and day.weekday() >= SATURDAY:
            days[day] = week.get(MONDAY, ())
        elif not works:
            days[day] = ()
    return days


@lru_cache(maxsize=1)
def _notices() -> dict[dt.date, bool]:
    """Return {day: is it worked} for every day that differs from its weekday or is a public holiday."""
    return dict.fromkeys(chinese_calendar.constants.holidays, False) | dict.fromkeys(
        chinese_calendar.constants.workdays, True
    )
