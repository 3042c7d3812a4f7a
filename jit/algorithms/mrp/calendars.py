# ruff: noqa: RUF009
"""Shift patterns, dock windows and transit tables, expanded in numpy (rules 7, 9).

A calendar is sent as a weekly pattern plus exceptional days, in the wall time of its zone; the run wants
UTC minutes. Expanding here, and not in the database, halves the rows to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from jit.algorithms.mrp.model import Calendars, Transits, Windows
from jit.algorithms.mrp.table import Table, column

if TYPE_CHECKING:
    from jit.algorithms.mrp.model import Minutes, Rows

EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Shifts(Table):
    """Weekly pattern: on `weekday` (0 = Monday) open in [start_min, end_min) of the local day.

    end_min > 1440 runs into the next day (night shift 22:00-06:00 = 1320, 1800).
    """

    calendar: Rows = column("i4")
    weekday: Rows = column("i4")
    start_min: Rows = column("i4")
    end_min: Rows = column("i4")


@dataclass(frozen=True, eq=False)
class SpecialDays(Table):
    """A day that is not like its weekday: holiday (start_min == end_min), make-up day, short day.

    `day` = local days since 1970-01-01. All rows of a (calendar,
    day) together replace the shifts that begin there.
    """

    calendar: Rows = column("i4")
    day: Rows = column("i4")
    start_min: Rows = column("i4")
    end_min: Rows = column("i4")


@dataclass(frozen=True, eq=False)
class WindowRules(Table):
    """Delivery windows of a grid: on `weekday` they end at first_end, first_end + step, … up to last_end."""

    grid: Rows = column("i4")
    weekday: Rows = column("i4")
    first_end: Rows = column("i4")
    last_end: Rows = column("i4")
    step_min: Rows = column("i4")


@dataclass(frozen=True, eq=False)
class TransitRules(Table):
    """Transit minutes of a table for departures in [hour, hour + 1) of a weekday, wall time of the
    supplier.
    """

    table: Rows = column("i4")
    weekday: Rows = column("i4")
    hour: Rows = column("i4")
    minutes: Minutes = column("i8")


def to_utc(zone: str, local: Minutes) -> Minutes:
    """Turn wall-time minutes since 1970-01-01 into UTC minutes; a skipped hour moves on, a doubled one is
    the first.

    Raises: zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    info = ZoneInfo(zone)

    def offset(minute: int) -> int:
        moment = (EPOCH + timedelta(minutes=minute)).replace(tzinfo=info)
        return round((moment.utcoffset() or timedelta()).total_seconds() / 60)

    local = np.asarray(local, np.int64)
    days, which = np.unique(local // 1440, return_inverse=True)
    first = np.array([offset(int(d) * 1440) for d in days], np.int64)
    last = np.array([offset(int(d) * 1440 + 1439) for d in days], np.int64)
    shift = first[which] if len(days) else np.zeros(0, np.int64)
    for i in np.flatnonzero((first != last)[which] if len(days) else []):
        shift[i] = offset(int(local[i]))
    return local - shift


def local_day(zone: str, minute: int) -> int:
    """Return the local day number of a UTC minute."""
    moment = datetime.fromtimestamp(minute * 60, UTC).astimezone(ZoneInfo(zone))
    return (moment.replace(tzinfo=None) - EPOCH).days


def days_between(zone: str, since: int, until: int) -> np.ndarray:
    """Return the local day numbers that touch [since, until], one day of margin on both sides."""
    return np.arange(local_day(zone, since) - 1, local_day(zone, until) + 2)


def by_weekday(days: np.ndarray, weekday: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs (day, pattern row) with the row's weekday, ordered by day."""
    hit = ((days[:, None] + 3) % 7) == weekday[None, :]
    at, row = np.nonzero(hit)
    return days[at], row


def merged(calendar: np.ndarray, start: np.ndarray, end: np.ndarray) -> Calendars:
    """Sort intervals and join those that overlap or touch."""
    order = np.lexsort((start, calendar))
    calendar, start, end = calendar[order], start[order], end[order]
    if not len(start):
        return Calendars()
    reach = np.empty_like(end)
    for c in np.unique(calendar):
        rows = calendar == c
        reach[rows] = np.maximum.accumulate(end[rows])
    begins = np.ones(len(start), np.bool_)
    begins[1:] = (calendar[1:] != calendar[:-1]) | (start[1:] > reach[:-1])
    ends = np.append(np.flatnonzero(begins)[1:] - 1, len(start) - 1)
    return Calendars(calendar=calendar[begins], start=start[begins], end=reach[ends])


def expand(shifts: Shifts, special: SpecialDays, zones: Sequence[str], since: int, until: int) -> Calendars:
    """Expand weekly patterns and special days into open intervals that cover [since, until].

    Args:
        shifts, special: all calendars, rows in any order.
        zones: IANA zone of each calendar (`zones[calendar]`).
        since, until: UTC minutes; take the longest lead time off `since` and add it to `until`.

    Returns: the intervals, sorted, joined. Raises: ValueError for an end before its start.
    """
    for table in (shifts, special):
        if (table.columns()["end_min"] < table.columns()["start_min"]).any():
            raise ValueError("a shift ends before it starts; a night shift ends after minute 1440")
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for c, zone in enumerate(zones):
        days = days_between(zone, since, until)
        own, other = np.flatnonzero(shifts.calendar == c), np.flatnonzero(special.calendar == c)
        plain = days[~np.isin(days, special.day[other])]
        day, row = by_weekday(plain, shifts.weekday[own])
        other = other[(special.day[other] >= days[0]) & (special.day[other] <= days[-1])]
        start = np.concatenate(
            (day * 1440 + shifts.start_min[own][row], special.day[other] * 1440 + special.start_min[other])
        )
        end = np.concatenate(
            (day * 1440 + shifts.end_min[own][row], special.day[other] * 1440 + special.end_min[other])
        )
        start, end = to_utc(zone, start), to_utc(zone, end)
        keep = end > start
        parts.append((np.full(int(keep.sum()), c), start[keep], end[keep]))
    if not parts:
        return Calendars()
    return merged(*(np.concatenate([p[i] for p in parts]) for i in range(3)))


def expand_windows(
    rules: WindowRules, closed: Sequence[tuple[int, int]], zones: Sequence[str], since: int, until: int
) -> Windows:
    """Expand window rules into window ends in [since, until] (UTC minutes), with their local day.

    Args:
        rules: all grids. closed: (grid, local day number) without any window. zones: zone of each grid.

    Raises: ValueError for a step that is not > 0.
    """
    if (rules.step_min <= 0).any():
        raise ValueError("a window step must be > 0")
    shut = set(closed)
    grids, ends, when = [], [], []
    for g, zone in enumerate(zones):
        own = np.flatnonzero(rules.grid == g)
        days = np.array([d for d in days_between(zone, since, until) if (g, int(d)) not in shut], np.int64)
        for day, row in zip(*by_weekday(days, rules.weekday[own]), strict=True):
            r = own[row]
            minutes = np.arange(rules.first_end[r], rules.last_end[r] + 1, rules.step_min[r])
            ends.append(to_utc(zone, day * 1440 + minutes))
            grids.append(np.full(len(minutes), g))
            when.append(np.full(len(minutes), day))
    if not ends:
        return Windows()
    grid, end, on = np.concatenate(grids), np.concatenate(ends), np.concatenate(when)
    order = np.lexsort((end, grid))
    grid, end, on = grid[order], end[order], on[order]
    keep = (end >= since) & (end <= until)
    keep[1:] &= (grid[1:] != grid[:-1]) | (end[1:] != end[:-1])
    return Windows(grid=grid[keep], end=end[keep], day=on[keep])


def expand_transit(rules: TransitRules, zones: Sequence[str], since: int, until: int) -> Transits:
    """Expand (weekday, hour) tables into steps over [since, until]; hours without a rule keep the one
    before.
    """
    tables, starts, minutes = [], [], []
    for t, zone in enumerate(zones):
        own = np.flatnonzero(rules.table == t)
        day, row = by_weekday(days_between(zone, since, until), rules.weekday[own])
        start = to_utc(zone, day * 1440 + rules.hour[own][row] * 60)
        value = rules.minutes[own][row]
        order = np.argsort(start, kind="stable")
        start, value = start[order], value[order]
        keep = np.ones(len(start), np.bool_)
        keep[1:] = (value[1:] != value[:-1]) & (start[1:] > start[:-1])
        tables.append(np.full(int(keep.sum()), t))
        starts.append(start[keep])
        minutes.append(value[keep])
    if not tables:
        return Transits()
    return Transits(
        table=np.concatenate(tables), start=np.concatenate(starts), minutes=np.concatenate(minutes)
    )
