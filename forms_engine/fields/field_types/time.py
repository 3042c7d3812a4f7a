"""A time of day on the wall clock, to the minute, without a date and without a zone."""

import datetime as dt
import re

from forms_engine.fields.base import FieldType, refuse, register
from forms_engine.kernel.text import Text

_TIME = re.compile(r"\s*(\d{1,2})[::](\d{2})(?:[::]00)?\s*\Z")


def time_parse(raw):
    """Read `8:05`, `08:05`, `08:05:00` or a full-width colon; 24:00 is no time. Raises: FieldError."""
    if isinstance(raw, dt.time):
        return raw
    match = _TIME.match(raw) if isinstance(raw, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise refuse("time.format", "A time such as 08:30 is needed.", "请填写时间，例如 08:30。")
    return dt.time(int(match[1]), int(match[2]))


@register
class TimeField(FieldType):
    key = "time"
    label = Text("Time of day", "时间")
    icon = "clock"
    pg_type = "time"
    fx_type = "text"
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "in", "empty", "not_empty")
    aggregates = ("count", "count_distinct", "min", "max")

    def parser(self, spec):
        return lambda raw, ctx: time_parse(raw)

    def dump(self, value):
        return value.strftime("%H:%M")

    def load(self, data, spec=None):
        return time_parse(data)

    def display(self, spec, value, language="en"):
        return "" if value is None else value.strftime("%H:%M")

    def example(self, spec):
        return dt.time(8, 30)
