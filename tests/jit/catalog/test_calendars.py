"""Working days as the State Council published them, with a plant's own exceptions on top."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from jit.catalog.calendars import work_calendars
from jit.catalog.models import CalendarDay
from tests import factories as make
from tests.shared_data import plain_rows, shared_folder

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def office(code="OFFICE", follows=True):
    made = make.calendar(code, dt.time(8), dt.time(17), range(5))
    made.follows_cn_holidays = follows
    made.save(update_fields=["follows_cn_holidays"])
    return made


def works(calendar, day):
    noon = dt.datetime.combine(day, dt.time(12), SHANGHAI)
    return calendar.is_open(noon)


def test_seven_years_of_holidays_and_make_up_days_equal_the_published_list():
    days = plain_rows(shared_folder("cn_calendar") / "cn_days_2018_2024.csv")
    office()
    (calendar,) = work_calendars().values()
    wrong = [
        row["date"]
        for row in days
        if works(calendar, dt.date.fromisoformat(row["date"])) != (row["is_workday"] == "1")
    ]
    assert len(days) > 2500 and wrong == []


def test_a_calendar_that_does_not_follow_works_on_national_day():
    row = office(follows=False)
    assert works(work_calendars()[row.pk], dt.date(2024, 10, 1))


def test_the_plants_own_day_wins_over_the_public_holiday():
    row = office()
    CalendarDay.objects.create(calendar=row, day=dt.date(2024, 10, 1), is_working=True)
    CalendarDay.objects.create(calendar=row, day=dt.date(2024, 10, 8), is_working=False, reason="盘点")
    CalendarDay.objects.create(
        calendar=row, day=dt.date(2024, 10, 5), is_working=True, start=dt.time(13), end=dt.time(15)
    )
    calendar = work_calendars()[row.pk]
    assert works(calendar, dt.date(2024, 10, 1))  # a make-up day without hours works Monday's
    assert not works(calendar, dt.date(2024, 10, 8))
    assert not works(calendar, dt.date(2024, 10, 5))  # open from 13:00 only
    assert calendar.is_open(dt.datetime(2024, 10, 5, 14, tzinfo=SHANGHAI))
