"""Functions over days and moments. Years, hours and weeks are those of the plant's zone."""

from __future__ import annotations

import calendar
import datetime as dt
import decimal
from decimal import Decimal

from forms_engine.kernel.expressions.values import (
    WIDE,
    Env,
    day_made,
    day_of,
    days_since_1970,
    fx_value,
    milliseconds,
    moment_made,
    num_error,
    value_error,
    whole,
)

_UNIT_MS = {"h": 3_600_000, "min": 60_000, "s": 1_000}


def now(env: Env) -> dt.datetime:
    moment: dt.datetime = fx_value(env.now)
    return moment


def today(env: Env) -> dt.date:
    return env.now.astimezone(env.zone).date()


def user(env: Env) -> str:
    return env.user


def date(env: Env, year_number: Decimal, month_number: Decimal, day_number: Decimal) -> dt.date:
    """Make a day; months and days beyond their range roll over, as in Excel."""
    months = whole(year_number) * 12 + whole(month_number) - 1
    if not 1900 * 12 <= months < 3000 * 12:
        raise num_error()
    first = dt.date(months // 12, months % 12 + 1, 1)
    days_off = whole(day_number) - 1
    return day_made(days_since_1970(first) + days_off)


def days(env: Env, end: dt.date, start: dt.date) -> Decimal:
    """Count the days from start to end."""
    return Decimal((day_of(end, env) - day_of(start, env)).days)


def datedif(env: Env, start: dt.date, end: dt.date, unit: str) -> Decimal:
    """Count whole years (y), months (m) or days (d) from start to end; #NUM! if end is before start."""
    a, b = day_of(start, env), day_of(end, env)
    if b < a:
        raise num_error()
    months = (b.year - a.year) * 12 + b.month - a.month - (1 if b.day < a.day else 0)
    unit = unit.lower()
    if unit == "d":
        return Decimal((b - a).days)
    if unit == "m":
        return Decimal(months)
    if unit == "y":
        return Decimal(months // 12)
    raise value_error()


def datedelta(env: Env, start: dt.date, amount: Decimal, unit: str = "d") -> dt.date:
    """Move a day or a moment by d (default), w, m, y; a moment also by h, min, s.

    A day that a month does not have becomes its last one. A moment moves by calendar months of UTC.
    """
    unit = unit.lower()
    if unit in ("m", "y"):
        count = whole(amount) * (12 if unit == "y" else 1)
        months = start.year * 12 + start.month - 1 + count
        if not 1900 * 12 <= months < 3000 * 12:
            raise num_error()
        year_number, month_number = months // 12, months % 12 + 1
        day_number = min(start.day, calendar.monthrange(year_number, month_number)[1])
        return start.replace(year=year_number, month=month_number, day=day_number)
    if isinstance(start, dt.datetime):
        size = {"d": 86_400_000, "w": 604_800_000, **_UNIT_MS}.get(unit)
        if size is None:
            raise value_error()
        ms = WIDE.multiply(amount, Decimal(size)).to_integral_value(decimal.ROUND_HALF_EVEN)
        if abs(ms) >= 10**15:
            raise num_error()
        return moment_made(milliseconds(start) + int(ms))
    if unit not in ("d", "w"):
        raise value_error()
    return day_made(days_since_1970(start) + whole(amount) * (7 if unit == "w" else 1))


def year(env: Env, value: dt.date) -> Decimal:
    return Decimal(day_of(value, env).year)


def month(env: Env, value: dt.date) -> Decimal:
    return Decimal(day_of(value, env).month)


def day(env: Env, value: dt.date) -> Decimal:
    return Decimal(day_of(value, env).day)


def hour(env: Env, value: dt.date) -> Decimal:
    return Decimal(value.astimezone(env.zone).hour if isinstance(value, dt.datetime) else 0)


def minute(env: Env, value: dt.date) -> Decimal:
    return Decimal(value.astimezone(env.zone).minute if isinstance(value, dt.datetime) else 0)


def weekday(env: Env, value: dt.date) -> Decimal:
    """Monday 1 to Sunday 7."""
    return Decimal(day_of(value, env).isoweekday())


def weeknum(env: Env, value: dt.date, begins: Decimal = Decimal(1)) -> Decimal:
    """Number the week; week 1 holds January 1st; weeks begin on Sunday (1, default) or Monday (2)."""
    if begins not in (1, 2):
        raise num_error()
    that = day_of(value, env)
    first = that.replace(month=1, day=1)
    offset = first.isoweekday() % 7 if begins == 1 else first.weekday()
    return Decimal(((that - first).days + offset) // 7 + 1)


def isoweeknum(env: Env, value: dt.date) -> Decimal:
    return Decimal(day_of(value, env).isocalendar().week)
