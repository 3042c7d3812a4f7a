"""Working time: weekly shifts, holidays and make-up days (调休) in a zone; whole working minutes.

A closing minute counts as open for finishing, not for starting (pull.md 7). Shifts are wall time;
when the clocks change they last as long as they really do. All moments are aware; results are in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text

Span = tuple[int, int]
"""From, to: minutes since 1970 in UTC, the end not included."""

LIMIT_DAYS = 3 * 366
"""How far a search for open time goes."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()


class NoWorkingTime(MesError):
    """The calendar has not enough open time within three years."""

    code = "worktime.none"


@dataclass(frozen=True, slots=True)
class Shift:
    """Open from `start` to `end` wall time; an end not after the start is on the next day (08:00–08:00)."""

    start: dt.time
    end: dt.time

    @classmethod
    def of(cls, start: str, end: str) -> Shift:
        """Read `"08:00", "16:30"`; "24:00" is midnight."""
        return cls(*(dt.time.fromisoformat("00:00" if at == "24:00" else at) for at in (start, end)))

    @property
    def minutes(self) -> Span:
        """Minutes since the day's midnight; the end may lie beyond 1440."""
        start = self.start.hour * 60 + self.start.minute
        end = self.end.hour * 60 + self.end.minute
        return (start, end if end > start else end + 1440)


@dataclass(frozen=True)
class WorkCalendar:
    """When work is done.

    Args:
        zone: IANA name of the zone the shifts are in.
        weekly: weekday (0 = Monday) → shifts; missing weekdays are closed.
        exceptions: day → the shifts that begin on it instead of the weekly ones; () = closed.
    """

    zone: str
    weekly: Mapping[int, tuple[Shift, ...]]
    exceptions: Mapping[dt.date, tuple[Shift, ...]] = field(default_factory=dict)
    _days: dict[int, tuple[Span, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def always(cls, zone: str = "UTC") -> WorkCalendar:
        """Return a calendar that never closes."""
        day = (Shift(dt.time(), dt.time()),)
        return cls(zone, dict.fromkeys(range(7), day))

    def with_days(
        self, *, off: Iterable[dt.date] = (), makeup: Mapping[dt.date, int] | None = None
    ) -> WorkCalendar:
        """Return a copy with holidays, and make-up days that work the shifts of the weekday given."""
        changed = {**self.exceptions, **dict.fromkeys(off, ())}
        for day, weekday in (makeup or {}).items():
            changed[day] = tuple(self.weekly.get(weekday, ()))
        return WorkCalendar(self.zone, self.weekly, changed)

    # --- questions --------------------------------------------------------------------------------------

    def is_open(self, at: dt.datetime) -> bool:
        """Say whether work may start at this moment."""
        minute = _minute(at)
        return any(start <= minute < end for start, end in self._around(minute))

    def open_between(self, start: dt.datetime, end: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
        """Return the open times between two moments, in order, touching ones joined."""
        spans: list[Span] = []
        for a, b in self._within(_minute(start), _minute(end)):
            if spans and spans[-1][1] == a:
                spans[-1] = (spans[-1][0], b)
            else:
                spans.append((a, b))
        return [(_moment(a), _moment(b)) for a, b in spans]

    def minutes_between(self, start: dt.datetime, end: dt.datetime) -> int:
        """Return the working minutes from start to end; negative if end is before start."""
        a, b = _minute(start), _minute(end)
        if b < a:
            return -sum(y - x for x, y in self._within(b, a))
        return sum(y - x for x, y in self._within(a, b))

    def next_open(self, at: dt.datetime) -> dt.datetime:
        """Return the first moment ≥ at when work may start. Raises: NoWorkingTime."""
        minute = _ceil_minute(at)
        for start, end in self._forward(minute):
            if end > minute:
                return _moment(max(start, minute))
        raise _none()

    def last_open(self, at: dt.datetime) -> dt.datetime:
        """Return the last moment ≤ at that is open, a closing minute included. Raises: NoWorkingTime."""
        minute = _minute(at)
        for start, end in self._backward(minute):
            if start <= minute:
                return _moment(min(end, minute))
        raise _none()

    def add(self, at: dt.datetime, minutes: int) -> dt.datetime:
        """Return when work of so many working minutes that may start from `at` on is finished.

        Zero keeps the moment; negative goes back. Raises: NoWorkingTime.
        """
        if minutes < 0:
            return self.back(at, -minutes)
        if minutes == 0:
            return at.astimezone(dt.UTC)
        minute, left = _ceil_minute(at), minutes
        for start, end in self._forward(minute):
            begin = max(start, minute)
            if end - begin >= left:
                return _moment(begin + left)
            left -= max(end - begin, 0)
        raise _none()

    def back(self, at: dt.datetime, minutes: int) -> dt.datetime:
        """Return the latest start of work of so many working minutes that is finished by `at`.

        Zero keeps the moment; negative goes forward. Raises: NoWorkingTime.
        """
        if minutes < 0:
            return self.add(at, -minutes)
        if minutes == 0:
            return at.astimezone(dt.UTC)
        minute, left = _minute(at), minutes
        for start, end in self._backward(minute):
            finish = min(end, minute)
            if finish - start >= left:
                return _moment(finish - left)
            left -= max(finish - start, 0)
        raise _none()

    # --- spans of days ----------------------------------------------------------------------------------

    def _of_day(self, ordinal: int) -> tuple[Span, ...]:
        """Return the spans of the shifts that begin on a local day, in UTC minutes."""
        spans = self._days.get(ordinal)
        if spans is None:
            day = dt.date.fromordinal(ordinal)
            shifts = self.exceptions.get(day)
            if shifts is None:
                shifts = self.weekly.get(day.weekday(), ())
            zone = ZoneInfo(self.zone)
            walls = sorted(shift.minutes for shift in shifts)
            real = ((_utc(day, a, zone, 0), _utc(day, b, zone, 1)) for a, b in walls)
            spans = tuple((a, b) for a, b in real if b > a)
            self._days[ordinal] = spans
        return spans

    def _forward(self, minute: int) -> Iterator[Span]:
        """Give spans that end after a minute, in order, none twice."""
        done = minute
        first = _EPOCH_DAY + minute // 1440 - 2
        for ordinal in range(first, first + LIMIT_DAYS):
            for start, end in self._of_day(ordinal):
                if end > done:
                    yield (max(start, done) if start < done else start, end)
                    done = end

    def _backward(self, minute: int) -> Iterator[Span]:
        """Give spans that begin at or before a minute, latest first, none twice."""
        done = minute + 1
        first = _EPOCH_DAY + minute // 1440 + 2
        for ordinal in range(first, first - LIMIT_DAYS, -1):
            for start, end in reversed(self._of_day(ordinal)):
                if start < done:
                    yield (start, min(end, done))
                    done = start

    def _around(self, minute: int) -> list[Span]:
        day = _EPOCH_DAY + minute // 1440
        return [span for ordinal in range(day - 2, day + 2) for span in self._of_day(ordinal)]

    def _within(self, start: int, end: int) -> Iterator[Span]:
        done = start
        for ordinal in range(_EPOCH_DAY + start // 1440 - 2, _EPOCH_DAY + end // 1440 + 2):
            for a, b in self._of_day(ordinal):
                a, b = max(a, done), min(b, end)
                if a < b:
                    yield (a, b)
                    done = b


def _minute(at: dt.datetime) -> int:
    """Return the whole minute a moment lies in. Raises: ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return (at - _EPOCH) // dt.timedelta(minutes=1)


def _ceil_minute(at: dt.datetime) -> int:
    minute = _minute(at)
    return minute if at == _moment(minute) else minute + 1


def _moment(minute: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(minutes=minute)


def _utc(day: dt.date, wall_minute: int, zone: ZoneInfo, fold: int) -> int:
    """Turn wall time into UTC minutes.

    A wall time that happens twice is the first when a shift starts (fold 0) and the second when it ends
    (fold 1); one that never happens is the moment the clocks are set forward.
    """
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=wall_minute)
    minute = _minute(wall.replace(tzinfo=zone, fold=fold))
    if _moment(minute).astimezone(zone).replace(tzinfo=None) == wall:
        return minute
    low = _minute(wall.replace(tzinfo=zone, fold=1))
    high = _minute(wall.replace(tzinfo=zone, fold=0))
    before = _moment(low).astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if _moment(middle).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _none() -> NoWorkingTime:
    return NoWorkingTime(
        Text("The calendar has no working time within three years.", "该日历三年内没有工作时间。")
    )
