"""Working-time arithmetic on open intervals (rule 7), compiled.

A calendar is rows lo..hi of the sorted interval arrays; `cum` is the work before each interval. Outside
the rows, and without any row, time counts as open. A closing minute is open for finishing, not for
starting; a zero duration keeps the instant.
"""

from typing import NamedTuple

import numpy as np

from jit.algorithms.compiled import inner
from jit.algorithms.mrp.model import Calendars


class WorkDays(NamedTuple):
    """Calendars ready for the kernels: `ptr` shape (calendars + 1,), the others shape (intervals,)."""

    ptr: np.ndarray
    start: np.ndarray
    end: np.ndarray
    cum: np.ndarray


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
    return WorkDays(ptr, s, e, cum.astype(np.int64))


@inner
def seek(start, lo, hi, hint, t):
    """Return the last row of lo..hi whose start is <= t, lo - 1 if none; fast when `hint` is near."""
    i = hint
    if i < lo or i >= hi:
        i = lo
    steps = 0
    if start[i] <= t:
        while i + 1 < hi and start[i + 1] <= t:
            i += 1
            steps += 1
            if steps > 6:
                return lo + np.searchsorted(start[lo:hi], t, side="right") - 1
        return i
    while i >= lo and start[i] > t:
        i -= 1
        steps += 1
        if steps > 6:
            return lo + np.searchsorted(start[lo:hi], t, side="right") - 1
    return i


@inner
def worked(days, cal, t, hint):
    """Return (open minutes before t, measured from the calendar's first opening; row of t)."""
    if cal < 0:
        return t, 0
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, 0
    i = seek(days.start, lo, hi, hint, t)
    if i < lo:
        return t - days.start[lo], lo
    past = t - days.start[i]
    if i + 1 < hi:
        past = min(past, days.end[i] - days.start[i])
    return days.cum[i] + past, i


@inner
def work_back(days, cal, t, minutes, hint):
    """Return (latest start from which `minutes` of work end at t, row); row is the next hint."""
    if minutes <= 0:
        return t, hint
    if cal < 0:
        return t - minutes, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t - minutes, hint
    done, i = worked(days, cal, t, hint)
    goal = done - minutes
    if goal < 0:
        return days.start[lo] + goal, lo
    while days.cum[i] > goal:
        i -= 1
    return days.start[i] + goal - days.cum[i], i


@inner
def work_add(days, cal, t, minutes, hint):
    """Return (earliest finish of `minutes` of work begun at t, row)."""
    if minutes <= 0:
        return t, hint
    if cal < 0:
        return t + minutes, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t + minutes, hint
    done, i = worked(days, cal, t, hint)
    goal = done + minutes
    if goal <= 0:
        return days.start[lo] + goal, lo
    while i + 1 < hi and days.cum[i + 1] < goal:
        i += 1
    return days.start[i] + goal - days.cum[i], i


@inner
def next_open(days, cal, t, hint):
    """Return (earliest instant >= t at which work may start, row)."""
    if cal < 0:
        return t, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, hint
    i = seek(days.start, lo, hi, hint, t)
    if i < lo or t < days.end[i] or i + 1 == hi:
        return t, i
    return days.start[i + 1], i + 1


@inner
def ship_before(days, cal, t, hint):
    """Return (latest instant <= t at which a truck may leave, row): closing minutes count."""
    if cal < 0:
        return t, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, hint
    i = seek(days.start, lo, hi, hint, t)
    if i < lo or t <= days.end[i] or i + 1 == hi:
        return t, i
    return days.end[i], i


@inner
def ship_after(days, cal, t, hint):
    """Return (earliest instant >= t at which a truck may leave, row): closing minutes count."""
    if cal < 0:
        return t, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, hint
    i = seek(days.start, lo, hi, hint, t)
    if i < lo or t <= days.end[i] or i + 1 == hi:
        return t, i
    return days.start[i + 1], i + 1
