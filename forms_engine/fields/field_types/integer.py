"""A whole number: counts, positions, days."""

from forms_engine.fields.base import FieldType, option, register
from forms_engine.fields.limits import between
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.quantity import number_parse
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class IntegerField(FieldType):
    key = "integer"
    label = Text("Whole number", "整数")
    icon = "hash"
    pg_type = "bigint"
    fx_type = "number"
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in", "empty", "not_empty")
    aggregates = ("count", "count_distinct", "sum", "avg", "min", "max")
    options = Schema(
        (
            option("min", "integer", "Smallest", "最小值"),
            option("max", "integer", "Largest", "最大值"),
            option("unit", "text", "Unit shown", "显示单位", max_length=20),
        )
    )

    def parser(self, spec):
        def parse(raw, ctx):
            if type(raw) is int and -1_000_000_000 < raw < 1_000_000_000:
                return raw
            try:
                return int(number_parse(raw, digits=18, decimals=0))
            except MesError as error:
                raise error.at("") from None

        return parse

    def cleaner(self, spec):
        parse = self.parser(spec)
        low, high = spec.option("min"), spec.option("max")
        if low is None and high is None:
            return parse
        check = between(None if low is None else int(low), None if high is None else int(high), str)

        def clean(raw, ctx):
            value = parse(raw, ctx)
            check(value)
            return value

        return clean

    def display(self, spec, value, language="en"):
        if value is None:
            return ""
        unit = spec.option("unit")
        return f"{value:,} {unit}" if unit else f"{value:,}"

    def example(self, spec):
        return 42
