"""Days and moments as people and machines write them; periods such as "this week" for filters."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from forms_engine.fields.base import refuse
from forms_engine.fields.limits import narrow
from forms_engine.kernel.errors import FieldError

FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2999, 12, 31)

_DAY = r"(?P<y>\d{4})(?:-|/|\.|年)(?P<m>\d{1,2})(?:-|/|\.|月)(?P<d>\d{1,2})日?"
_DATE = re.compile(rf"{_DAY}\Z", re.ASCII)
_MOMENT = re.compile(
    rf"{_DAY}[T ]\s*(?P<hh>\d{{1,2}}):(?P<mm>\d{{2}})(?::(?P<ss>\d{{2}})(?:\.(?P<us>\d{{1,6}})\d*)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?\Z",
    re.ASCII | re.IGNORECASE,
)


def date_parse(raw: Any) -> dt.date:
    """Read a day: `2026-11-24`, `2026/11/24`, `2026.11.24`, `2026年11月24日`, a date, or a midnight datetime.

    Day-first and month-first forms are refused: 03/04/2026 is two different days.
    Raises: FieldError date.format, date.range (1900 to 2999), date.has_time.
    """
    if isinstance(raw, dt.datetime):
        if raw.time() != dt.time():
            raise refuse("date.has_time", "Please enter a day without a time.", "请输入日期，不含时间。")
        raw = raw.date()
    elif isinstance(raw, str):
        match = _DATE.match(narrow(raw)) if len(raw) <= 40 else None
        if not match:
            raise _bad_date()
        raw = _day(match)
    elif not isinstance(raw, dt.date):
        raise _bad_date()
    if not FIRST_DAY <= raw <= LAST_DAY:
        raise _out_of_range()
    return raw


def moment_parse(raw: Any, zone: dt.tzinfo) -> dt.datetime:
    """Read a moment and return it in UTC. Without a zone it is read in the plant's.

    A wall time that happens twice (clocks set back) is taken as the first; one that never happens is refused.
    Raises: FieldError datetime.format, date.range, datetime.gap.
    """
    if isinstance(raw, str):
        match = _MOMENT.match(narrow(raw)) if len(raw) <= 60 else None
        if match is None:
            try:
                day = date_parse(raw)
            except FieldError as error:
                if error.code == "date.range":
                    raise
                raise _bad_moment() from None
            value = dt.datetime.combine(day, dt.time())
        else:
            day = _day(match)
            try:
                value = dt.datetime(
                    day.year, day.month, day.day, int(match["hh"]), int(match["mm"]), int(match["ss"] or 0),
                    int((match["us"] or "0").ljust(6, "0")),
                )  # fmt: skip
                if match["zone"]:
                    value = value.replace(tzinfo=_offset(match["zone"]))
            except ValueError:
                raise _bad_moment() from None
    elif isinstance(raw, dt.datetime):
        value = raw
    elif isinstance(raw, dt.date):
        value = dt.datetime.combine(raw, dt.time())
    else:
        raise _bad_moment()
    if not FIRST_DAY <= value.date() <= LAST_DAY:
        raise _out_of_range()
    if value.tzinfo is None:
        local = value.replace(tzinfo=zone, fold=0)
        utc = local.astimezone(dt.UTC)
        if utc.astimezone(zone).replace(tzinfo=None) != value:
            raise refuse(
                "datetime.gap",
                "This time does not exist: the clocks are set forward then.",
                "该时刻不存在：当时时钟拨快。",
            )
        return utc
    return value.astimezone(dt.UTC)


def _day(match: re.Match[str]) -> dt.date:
    try:
        return dt.date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        raise _bad_date() if int(match["y"]) else _out_of_range() from None


def _offset(text: str) -> dt.tzinfo:
    if text in "Zz":
        return dt.UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _bad_date() -> FieldError:
    return refuse("date.format", "Please write the day as 2026-11-24.", "请按 2026-11-24 的格式输入日期。")


def _bad_moment() -> FieldError:
    return refuse(
        "datetime.format",
        "Please write the moment as 2026-11-24 08:30.",
        "请按 2026-11-24 08:30 的格式输入时间。",
    )


def _out_of_range() -> FieldError:
    return refuse("date.range", "The day lies between 1900 and 2999.", "日期须在 1900 至 2999 年之间。")


PERIODS = (
    "today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month",
    "next_month", "this_year", "last_year", "past", "future",
)  # fmt: skip
_COUNTED = re.compile(r"(last|next)_(\d{1,4})_days\Z", re.ASCII)


def period_days(period: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first day and the day after the last of a named period, weeks beginning on Monday.

    Names are those of `PERIODS` and `last_N_days` (ending today), `next_N_days` (from today).
    Raises: FieldError filter.period.
    """
    counted = _COUNTED.match(period) if isinstance(period, str) else None
    if counted:
        days = dt.timedelta(days=int(counted[2]))
        tomorrow = today + dt.timedelta(days=1)
        return (tomorrow - days, tomorrow) if counted[1] == "last" else (today, today + days)
    one = dt.timedelta(days=1)
    monday = today - one * today.weekday()
    first = today.replace(day=1)
    following = (first + dt.timedelta(days=32)).replace(day=1)
    before = (first - one).replace(day=1)
    ranges = {
        "today": (today, today + one),
        "yesterday": (today - one, today),
        "tomorrow": (today + one, today + 2 * one),
        "this_week": (monday, monday + 7 * one),
        "last_week": (monday - 7 * one, monday),
        "next_week": (monday + 7 * one, monday + 14 * one),
        "this_month": (first, following),
        "last_month": (before, first),
        "next_month": (following, (following + dt.timedelta(days=32)).replace(day=1)),
        "this_year": (today.replace(month=1, day=1), dt.date(today.year + 1, 1, 1)),
        "last_year": (dt.date(today.year - 1, 1, 1), today.replace(month=1, day=1)),
        "past": (FIRST_DAY, today),
        "future": (today + one, LAST_DAY),
    }
    if period not in ranges:
        raise refuse("filter.period", "There is no such period.", "没有该时间段。")
    return ranges[period]
