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
INTERVAL = np.dtype([("start", "i8"), ("end", "i8"), ("cum", "i8")])


class WorkDays(NamedTuple):
    """Calendars ready for the kernels: `ptr` shape (calendars + 1,), `iv` rows of INTERVAL."""

    ptr: np.ndarray
    iv: np.ndarray


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
    return WorkDays(ptr, rows_like(iv))


@hot
def seek(iv, lo, hi, hint, t):
    """Return the last row of lo..hi whose start is <= t, lo - 1 if none; fast when `hint` is near."""
    i = hint
    if i < lo or i >= hi:
        i = lo
    if iv[i].start <= t:
        for _ in range(6):
            if i + 1 >= hi or iv[i + 1].start > t:
                return i
            i += 1
        lo = i
    else:
        for _ in range(6):
            i -= 1
            if i < lo or iv[i].start <= t:
                return i
        hi = i
    low, high = lo - 1, hi
    while high - low > 1:
        middle = (low + high) // 2
        if iv[middle].start <= t:
            low = middle
        else:
            high = middle
    return low


@hot
def worked(days, cal, t, hint):
    """Return (open minutes before t, measured from the calendar's first opening; row of t)."""
    if cal < 0:
        return t, 0
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, 0
    i = seek(days.iv, lo, hi, hint, t)
    if i < lo:
        return t - days.iv[lo].start, lo
    past = t - days.iv[i].start
    if i + 1 < hi:
        past = min(past, days.iv[i].end - days.iv[i].start)
    return days.iv[i].cum + past, i


@hot
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
        return days.iv[lo].start + goal, lo
    while days.iv[i].cum > goal:
        i -= 1
    return days.iv[i].start + goal - days.iv[i].cum, i


@hot
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
        return days.iv[lo].start + goal, lo
    while i + 1 < hi and days.iv[i + 1].cum < goal:
        i += 1
    return days.iv[i].start + goal - days.iv[i].cum, i


@hot
def next_open(days, cal, t, hint):
    """Return (earliest instant >= t at which work may start, row)."""
    if cal < 0:
        return t, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, hint
    i = seek(days.iv, lo, hi, hint, t)
    if i < lo or t < days.iv[i].end or i + 1 == hi:
        return t, i
    return days.iv[i + 1].start, i + 1


@hot
def ship_before(days, cal, t, hint):
    """Return (latest instant <= t at which a truck may leave, row): closing minutes count."""
    if cal < 0:
        return t, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, hint
    i = seek(days.iv, lo, hi, hint, t)
    if i < lo or t <= days.iv[i].end or i + 1 == hi:
        return t, i
    return days.iv[i].end, i


@inner
def ship_after(days, cal, t, hint):
    """Return (earliest instant >= t at which a truck may leave, row): closing minutes count."""
    if cal < 0:
        return t, hint
    lo, hi = days.ptr[cal], days.ptr[cal + 1]
    if lo == hi:
        return t, hint
    i = seek(days.iv, lo, hi, hint, t)
    if i < lo or t <= days.iv[i].end or i + 1 == hi:
        return t, i
    return days.iv[i + 1].start, i + 1
