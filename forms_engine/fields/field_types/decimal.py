"""An exact number with decimals: prices, weights, factors. Never a float, never rounded silently."""

from decimal import Decimal

from forms_engine.fields.base import FieldType, option, register
from forms_engine.fields.limits import between
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.quantity import DECIMALS, DIGITS, number_parse, number_text
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class DecimalField(FieldType):
    key = "decimal"
    label = Text("Exact number", "精确小数")
    icon = "decimal"
    pg_type = f"numeric({DIGITS},{DECIMALS})"
    fx_type = "number"
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in", "empty", "not_empty")
    aggregates = ("count", "count_distinct", "sum", "avg", "min", "max")
    options = Schema(
        (
            option("decimals", "integer", "Decimals kept", "小数位数", min=0, max=DECIMALS),
            option("min", "decimal", "Smallest", "最小值"),
            option("max", "decimal", "Largest", "最大值"),
            option("unit", "text", "Unit shown", "显示单位", max_length=20),
        )
    )

    def parser(self, spec):
        decimals = int(spec.option("decimals", DECIMALS))
        # Fewer decimals kept means fewer digits in all: the 12 before the point stay what the column holds.
        digits = DIGITS - DECIMALS + decimals

        def parse(raw, ctx):
            try:
                return number_parse(raw, digits=digits, decimals=decimals)
            except MesError as error:
                raise error.at("") from None

        return parse

    def cleaner(self, spec):
        parse = self.parser(spec)
        low, high = spec.option("min"), spec.option("max")
        if low is None and high is None:
            return parse
        check = between(*(None if n is None else Decimal(str(n)) for n in (low, high)), number_text)

        def clean(raw, ctx):
            value = parse(raw, ctx)
            check(value)
            return value

        return clean

    def dump(self, value):
        return number_text(value)

    def load(self, data):
        return Decimal(str(data))

    def display(self, spec, value, language="en"):
        if value is None:
            return ""
        whole, point, rest = number_text(value).partition(".")
        sign, figures = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        text = f"{sign}{int(figures):,}{point}{rest}"
        unit = spec.option("unit")
        return f"{text} {unit}" if unit else text

    def example(self, spec):
        return Decimal("12.5")
