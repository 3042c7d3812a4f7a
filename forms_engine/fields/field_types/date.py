"""A calendar day, without a time and without a zone."""

import datetime as dt

from forms_engine.fields.base import FieldType, option, register
from forms_engine.fields.limits import between
from forms_engine.fields.moments import date_parse
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class DateField(FieldType):
    key = "date"
    label = Text("Date", "日期")
    icon = "calendar"
    pg_type = "date"
    fx_type = "date"
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "period", "in", "empty", "not_empty")
    aggregates = ("count", "count_distinct", "min", "max")
    options = Schema(
        (option("min", "date", "Earliest", "最早"), option("max", "date", "Latest", "最晚")),
    )

    def parser(self, spec):
        return lambda raw, ctx: date_parse(raw)

    def cleaner(self, spec):
        low, high = spec.option("min"), spec.option("max")
        if low is None and high is None:
            return self.parser(spec)
        check = between(*(None if day is None else date_parse(day) for day in (low, high)), str)

        def clean(raw, ctx):
            value = date_parse(raw)
            check(value)
            return value

        return clean

    def dump(self, value):
        return value.isoformat()

    def load(self, data):
        return dt.date.fromisoformat(data)

    def display(self, spec, value, language="en"):
        return "" if value is None else value.isoformat()

    def example(self, spec):
        return dt.date(2026, 2, 28)
