"""How business numbers look: `WO-{YYYY}{MM}-{####}` and day 2026-11-24, count 7 → `WO-202611-0007`.

The counter itself (safe under parallel inserts) is a service of the core room.
"""

from __future__ import annotations

import datetime as dt
import re

from forms_engine.fields.base import refuse
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.text import Text

RESETS = ("never", "year", "month", "day")
DEFAULT_PATTERN = "{YYYY}{MM}-{#####}"
_PLACE = re.compile(r"\{(YYYY|YY|MM|DD|WW|#{1,12})\}")


def serial_format(pattern: str, count: int, day: dt.date) -> str:
    """Write a business number. `{####}` grows beyond its width rather than cut: 10000 → `10000`.

    Args:
        pattern: text with places {YYYY} {YY} {MM} {DD} {WW} (ISO week) and one {####}.
        count: from 1.
        day: the plant's calendar day.
    """

    def fill(match: re.Match[str]) -> str:
        place = match[1]
        if place[0] == "#":
            return str(count).zfill(len(place))
        if place == "WW":
            return f"{day.isocalendar().week:02d}"
        return {
            "YYYY": f"{day.year:04d}",
            "YY": f"{day.year % 100:02d}",
            "MM": f"{day.month:02d}",
            "DD": f"{day.day:02d}",
        }[place]

    return _PLACE.sub(fill, pattern)


def serial_period(reset: str, day: dt.date) -> str:
    """Return the key of the period a day counts in: "", "2026", "2026-11", "2026-11-24"."""
    return {"year": day.isoformat()[:4], "month": day.isoformat()[:7], "day": day.isoformat()}.get(reset, "")


def serial_problem(pattern: str, reset: str) -> FieldError | None:
    """Return what is wrong with a pattern: no count, strange braces, numbers that repeat after a reset."""
    places = _PLACE.findall(pattern)
    left = _PLACE.sub("", pattern)
    if sum(place[0] == "#" for place in places) != 1 or "{" in left or "}" in left or len(pattern) > 100:
        return refuse(
            "serial.pattern",
            "A pattern has one count such as {####}, and {YYYY} {YY} {MM} {DD} {WW}.",
            "格式须包含一个流水号如 {####}，可用 {YYYY} {YY} {MM} {DD} {WW}。",
        )
    has_year = bool({"YYYY", "YY"} & set(places))
    needed = {
        "year": has_year,
        "month": has_year and "MM" in places,
        "day": has_year and "MM" in places and "DD" in places,
    }
    if reset not in RESETS or not needed.get(reset, True):
        return FieldError(
            "reset",
            "serial.repeats",
            Text(
                "After the reset numbers would repeat: put year, month and day into the pattern.",
                "重置后编号会重复：请在格式中加入年、月、日。",
            ),
        )
    return None
