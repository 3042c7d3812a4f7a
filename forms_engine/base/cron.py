"""When a schedule was last due: five cron fields read on the wall clock of a zone. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
LOOK_BACK_DAYS = 366


def _numbers(source: str, low: int, high: int) -> frozenset[int]:
    """Read one field: `*`, `5`, `1-5`, `*/15`, `0-30/10`, and lists of these."""
    found: set[int] = set()
    for part in source.split(","):
        span, _, step_text = part.partition("/")
        step = int(step_text) if step_text else 1
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (int(edge) for edge in span.split("-", 1))
        else:
            first = int(span)
            last = high if step_text else first
        if step < 1 or not low <= first <= last <= high:
            raise ValueError(f"{source!r} is not within {low}–{high}")
        found.update(range(first, last + 1, step))
    return frozenset(found)


@dataclass(frozen=True)
class Cron:
    """A parsed schedule. Both day fields given means either may match, as cron has always read it."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @classmethod
    def parse(cls, source: str) -> Cron:
        """Read "minute hour day month weekday" (0 and 7 are Sunday). Raises: ValueError."""
        parts = source.split()
        if len(parts) != 5:
            raise ValueError(f"{source!r} has not five fields")
        minutes, hours, days, months, weekdays = (
            _numbers(part, *edges) for part, edges in zip(parts, _RANGES, strict=True)
        )
        return cls(
            tuple(sorted(minutes, reverse=True)),
            tuple(sorted(hours, reverse=True)),
            days,
            months,
            frozenset(day % 7 for day in weekdays),
            parts[2] == "*",
            parts[4] == "*",
        )

    def on(self, day: dt.date) -> bool:
        """Tell whether the schedule has a moment on this day."""
        if day.month not in self.months:
            return False
        by_day = day.day in self.days
        by_weekday = day.isoweekday() % 7 in self.weekdays
        if self.any_day:
            return by_weekday
        return by_day if self.any_weekday else by_day or by_weekday


def last_due(cron: Cron, zone: str, now: dt.datetime) -> tuple[str, dt.datetime] | None:
    """Return the newest slot that is due: its name on the wall clock and its moment (UTC).

    The name holds wall time and zone, so an hour that happens twice when summer time ends is one slot, and a
    wall time that is skipped in spring is due when the clock has jumped over it.

    Args:
        now: aware.
    Returns: None if nothing was due within a year.
    """
    tz = ZoneInfo(zone)
    today = now.astimezone(tz).date() + dt.timedelta(days=1)
    for back in range(LOOK_BACK_DAYS + 2):
        day = today - dt.timedelta(days=back)
        if not cron.on(day):
            continue
        for hour in cron.hours:
            for minute in cron.minutes:
                wall = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=tz)
                moment = wall.astimezone(dt.UTC)
                if moment <= now:
                    return f"{wall:%Y-%m-%dT%H:%M} {zone}", moment
    return None
