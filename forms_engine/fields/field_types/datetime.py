"""A moment: stored in UTC, typed and shown in the plant's time."""

import datetime as dt

from forms_engine.fields.base import FieldType, option, register
from forms_engine.fields.limits import between
from forms_engine.fields.moments import moment_parse
from forms_engine.kernel import clock
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class DateTimeField(FieldType):
    key = "datetime"
    label = Text("Date and time", "日期时间")
    icon = "calendar-time"
    pg_type = "timestamptz"
    fx_type = "datetime"
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "period", "empty", "not_empty")
    groupable = False
    aggregates = ("count", "min", "max")
    options = Schema(
        (option("min", "datetime", "Earliest", "最早"), option("max", "datetime", "Latest", "最晚")),
    )

    def parser(self, spec):
        return lambda raw, ctx: moment_parse(raw, ctx.zone)

    def cleaner(self, spec):
        low, high = spec.option("min"), spec.option("max")
        if low is None and high is None:
            return self.parser(spec)
        zone = clock.plant_zone()
        check = between(*(None if at is None else moment_parse(at, zone) for at in (low, high)), str)

        def clean(raw, ctx):
            value = moment_parse(raw, ctx.zone)
            check(value)
            return value

        return clean

    def dump(self, value):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

    def load(self, data):
        return dt.datetime.fromisoformat(data).astimezone(dt.UTC)

    def display(self, spec, value, language="en"):
        if value is None:
            return ""
        local = value.astimezone(clock.plant_zone())
        return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")

    def example(self, spec):
        return dt.datetime(2026, 2, 28, 23, 59, tzinfo=dt.UTC)
