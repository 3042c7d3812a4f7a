"""Calendars and dock windows of a run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from forms_engine.kernel.worktime import WorkCalendar as Hours
from jit.algorithms.mrp import model as m
from jit.planning.selectors import rows as r

#: How far calendars reach beyond now and the horizon, days.
MARGIN_DAYS = 60


class Times:
    """Hands out rows of calendars and window grids; builds the two tables of those asked for."""

    def __init__(self, hours: dict[Any, Hours], as_of: datetime, horizon: datetime) -> None:
        self.hours = {str(key): value for key, value in hours.items()}
        self.as_of, self.horizon = as_of, horizon
        self.calendar_rows: dict[str, int] = {}
        self.grids: dict[tuple[str, int], int] = {}

    def calendar(self, *choices: str | None) -> int:
        """Return the row of the first calendar that exists; -1 = always open."""
        for key in choices:
            if key and key in self.hours:
                return self.calendar_rows.setdefault(key, len(self.calendar_rows))
        return -1

    def hours_at(self, row: int) -> Hours | None:
        """Return the working hours behind a row of `calendar`, None for always open."""
        return self.hours[list(self.calendar_rows)[row]] if row >= 0 else None

    def calendars(self) -> m.Calendars:
        start, end = self.as_of - timedelta(days=MARGIN_DAYS), self.horizon + timedelta(days=MARGIN_DAYS)
        spans = [
            (row, r.minute_of(a), r.minute_of(b))
            for key, row in self.calendar_rows.items()
            for a, b in self.hours[key].open_between(start, end)
        ]
        spans.sort()
        calendar, starts, ends = zip(*spans, strict=True) if spans else ((), (), ())
        return m.Calendars(
            calendar=np.array(calendar, "i4"), start=np.array(starts, "i8"), end=np.array(ends, "i8")
        )

    def grid(self, calendar: str | None, step: int) -> int:
        """Return the row of the window grid of a calendar and a step."""
        if not calendar or calendar not in self.hours:
            return -1
        return self.grids.setdefault((calendar, step), len(self.grids))

    def windows(self) -> m.Windows:
        """Windows end every `step` minutes after an opening, in wall time of that day (pull.md 3, 9)."""
        grids: list[int] = []
        ends: list[int] = []
        days: list[int] = []
        for (calendar, step), row in self.grids.items():
            hours = self.hours[calendar]
            # From a midnight on, not from this very minute: a dock that never closes keeps its windows.
            start = (self.as_of - timedelta(days=2)).astimezone(ZoneInfo(hours.zone))
            start = start.replace(hour=0, minute=0, second=0, microsecond=0)
            for a, b in hours.open_between(start, self.horizon + timedelta(days=2)):
                first, last = r.minute_of(a), r.minute_of(b)
                offset = int(
                    (a.astimezone(ZoneInfo(hours.zone)).utcoffset() or timedelta()).total_seconds() // 60
                )
                for end in range(first + step, last + 1, step):
                    grids.append(row)
                    ends.append(end)
                    days.append((end + offset - 1) // 1440)
        order = np.lexsort((np.array(ends, "i8"), np.array(grids, "i4"))) if ends else np.array([], "i8")
        return m.Windows(
            grid=np.array(grids, "i4")[order],
            end=np.array(ends, "i8")[order],
            day=np.array(days, "i4")[order],
        )
