"""Working-time arithmetic on open intervals (rule 7), compiled.

A calendar is rows lo..hi of the sorted interval arrays; `cum` is the work before each interval. Outside
the rows, and without any row, time counts as open. A closing minute is open for finishing, not for
starting; a zero duration keeps the instant.
"""

from typing import NamedTuple

import numpy as np

from jit.algorithms.compiled import hot, inner, rows_like
from jit.algorithms.mrp.model import Calendars

#: An open interval; `cum` = work of its calendar before it.
INTERVAL = np.dtype([("start", "i8"), ("end", "i8"), ("cum", "i8")], align=True)
#: A calendar: its rows of INTERVAL, and where its steps of 2**shift minutes since `since` stand in `step`.
CALENDAR = np.dtype([(name, "i8") for name in ("first", "end", "since", "shift", "at", "steps")], align=True)
#: A step of a calendar's table is at least this long: 2**6 minutes, so that one rarely holds two openings.
SHIFT = 6


class WorkDays(NamedTuple):
    """Calendars ready for the kernels.

    cal: rows of CALENDAR; iv: rows of INTERVAL; step: the last row of `iv` that begins by each step's begin.
    """

    cal: np.ndarray
    iv: np.ndarray
    step: np.ndarray


def workdays(calendars: Calendars, count: int) -> WorkDays:
    """Index the intervals of `count` calendars.

    Raises: ValueError if rows are not sorted by (calendar, start), overlap, touch, or are empty.
    """
    c, s, e = calendars.calendar, calendars.start, calendars.end
    same = c[1:] == c[:-1]
    if (e <= s).any() or (c[1:] < c[:-1]).any() or (s[1:] <= e[:-1])[same].any():
        raise ValueError("calendar intervals must be sorted, disjoint, not touching and not empty")
    count = max(count, int(c.max()) + 1 if len(c) else 0)
    ptr = np.searchsorted(c, np.arange(count + 1)).astype(np.int64)
    total = np.concatenate(([0], np.cumsum(e - s)))
    base = total[ptr[:-1]] if len(c) else np.zeros(count, np.int64)
    cum = total[:-1] - np.repeat(base, np.diff(ptr))
    iv = np.empty(len(s), INTERVAL)
    iv["start"], iv["end"], iv["cum"] = s, e, cum
    cal = np.zeros(count, CALENDAR)
    steps = [np.empty(0, np.int64)]
    for row, lo, hi in zip(cal, ptr[:-1].tolist(), ptr[1:].tolist(), strict=True):
        row["first"], row["end"], row["at"] = lo, hi, sum(map(len, steps))
        if lo < hi:
            reach, shift = int(s[hi - 1] - s[lo]), SHIFT
            while reach >> shift > 32 * (hi - lo) + 64:
                shift += 1
            begins = s[lo] + (np.arange((reach >> shift) + 1) << shift)
            steps.append(lo + np.searchsorted(s[lo:hi], begins, side="right") - 1)
            row["since"], row["shift"], row["steps"] = s[lo], shift, len(begins)
    return WorkDays(rows_like(cal), rows_like(iv), np.concatenate(steps).astype(np.int64))


@hot
def seek(days, cal, t):
    """Return the last row of a calendar that has rows whose start is <= t, one before the first if none.

    A table, not a search from the row of a moment ago: branches nobody can foretell cost more.
    """
    lo, hi = days.cal[cal].first, days.cal[cal].end
    past = t - days.cal[cal].since
    if past < 0:
        return lo - 1
    i = days.step[days.cal[cal].at + min(past >> days.cal[cal].shift, days.cal[cal].steps - 1)]
    after = min(i + 1, hi - 1)
    i += np.int64(days.iv[after].start <= t) * (after - i)
    while i + 1 < hi and days.iv[i + 1].start <= t:
        i += 1
    return i


@hot
def always_open(days, cal):
    """Tell whether a calendar has no rows: time counts as open."""
    return cal < 0 or days.cal[cal].first == days.cal[cal].end


@hot
def worked(days, cal, t):
    """Return (open minutes before t, measured from the calendar's first opening; row of t)."""
    if always_open(days, cal):
        return t, 0
    lo, hi = days.cal[cal].first, days.cal[cal].end
    i = seek(days, cal, t)
    if i < lo:
        return t - days.iv[lo].start, lo
    past = t - days.iv[i].start
    if i + 1 < hi:
        past = min(past, days.iv[i].end - days.iv[i].start)
    return days.iv[i].cum + past, i


@hot
def work_back(days, cal, t, minutes):
    """Return the latest start from which `minutes` of work end at t."""
    if minutes <= 0:
        return t
    if always_open(days, cal):
        return t - minutes
    done, i = worked(days, cal, t)
    goal = done - minutes
    if goal < 0:
        return days.iv[days.cal[cal].first].start + goal
    while days.iv[i].cum > goal:
        i -= 1
    return days.iv[i].start + goal - days.iv[i].cum


@hot
def work_add(days, cal, t, minutes):
    """Return the earliest finish of `minutes` of work begun at t."""
    if minutes <= 0:
        return t
    if always_open(days, cal):
        return t + minutes
    done, i = worked(days, cal, t)
    goal = done + minutes
    if goal <= 0:
        return days.iv[days.cal[cal].first].start + goal
    while i + 1 < days.cal[cal].end and days.iv[i + 1].cum < goal:
        i += 1
    return days.iv[i].start + goal - days.iv[i].cum


@hot
def next_open(days, cal, t):
    """Return the earliest instant >= t at which work may start."""
    if always_open(days, cal):
        return t
    i = seek(days, cal, t)
    if i < days.cal[cal].first or t < days.iv[i].end or i + 1 == days.cal[cal].end:
        return t
    return days.iv[i + 1].start


@hot
def ship_before(days, cal, t):
    """Return the latest instant <= t at which a truck may leave: closing minutes count."""
    if always_open(days, cal):
        return t
    i = seek(days, cal, t)
    if i < days.cal[cal].first or t <= days.iv[i].end or i + 1 == days.cal[cal].end:
        return t
    return days.iv[i].end


@inner
def ship_after(days, cal, t):
    """Return the earliest instant >= t at which a truck may leave: closing minutes count."""
    if always_open(days, cal):
        return t
    i = seek(days, cal, t)
    if i < days.cal[cal].first or t <= days.iv[i].end or i + 1 == days.cal[cal].end:
        return t
    return days.iv[i + 1].start
