"""An amount of something: exact, with its unit beside it, so 5 boxes are never booked as 5 pieces."""

import re
from decimal import Decimal

from forms_engine.fields.base import MISSING, ColumnSpec, FieldType, option, refuse, register
from forms_engine.fields.limits import between, text_of
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.quantity import DECIMALS, DIGITS, Quantity, number_parse, number_text
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text

ANY = "*"
_WITH_UNIT = re.compile(
    r"(?P<value>[^A-Za-zµ°%㎡㎥\u4e00-\u9fff]+?)\s*(?P<unit>[A-Za-zµ°%㎡㎥\u4e00-\u9fff]\S{0,19})\Z"
)


@register
class QuantityField(FieldType):
    """The value is a Decimal in the fixed unit (or the item's base unit); with `units` it is a `Quantity`.

    With `unit_from` ("item.unit") an amount may be typed in any unit, "2 BOX": cleaning converts it exactly.

    `units` lists the units one may choose, or is "*" for any: then the unit is a second column `<name>_unit`.
    """

    key = "quantity"
    label = Text("Quantity", "数量")
    icon = "scale"
    pg_type = f"numeric({DIGITS},{DECIMALS})"
    fx_type = "number"
    operators = ("eq", "ne", "lt", "le", "gt", "ge", "between", "empty", "not_empty")
    groupable = False
    aggregates = ("count", "sum", "avg", "min", "max")
    options = Schema(
        (
            option("unit", "text", "Fixed unit", "固定单位", max_length=20),
            option("units", "text", "Units to choose from", "可选单位", max_length=200,
                   help=Text("Separated by commas; * for any", "用逗号分隔；* 表示任意")),
            option("unit_from", "text", "Unit taken from", "单位取自", max_length=100,
                   help=Text("A field path, e.g. item.uom", "字段路径，例如 item.uom")),
            option("decimals", "integer", "Decimals kept", "小数位数", min=0, max=DECIMALS),
            option("min", "decimal", "Smallest", "最小值"),
            option("max", "decimal", "Largest", "最大值"),
        )
    )  # fmt: skip

    def chosen_units(self, spec):
        """Return the units one may choose, None for a fixed unit; ("*",) for any."""
        units = spec.option("units")
        if not units:
            return None
        parts = units.replace("，", ",").split(",") if isinstance(units, str) else units
        return tuple(str(part).strip() for part in parts if str(part).strip())

    def read_form(self, spec, data, prefix=""):
        value = data.get(prefix + spec.name, MISSING)
        if self.chosen_units(spec) is None or value is MISSING:
            return value
        return {"value": value, "unit": data.get(f"{prefix}{spec.name}_unit", "")}

    def is_blank(self, raw):
        if isinstance(raw, dict):
            return super().is_blank(raw.get("value"))
        return super().is_blank(raw)

    def parser(self, spec):
        decimals = int(spec.option("decimals", DECIMALS))
        digits = DIGITS - DECIMALS + decimals
        fixed = spec.option("unit")
        foreign = spec.option("unit_from")
        units = self.chosen_units(spec)

        def number(raw):
            try:
                return number_parse(raw, digits=digits, decimals=decimals)
            except MesError as error:
                raise error.at("") from None

        def parse_fixed(raw, ctx):
            raw, unit = _parts(raw)
            if unit and fixed and unit != fixed:
                raise refuse(
                    "quantity.unit", "The unit here is %(unit)s.", "此处单位为 %(unit)s。", unit=fixed
                )
            if unit and foreign:
                return Quantity(number_parse(raw), text_of(unit).strip())  # `clean` converts it
            if unit and not fixed:
                raise refuse("quantity.unit", "Enter the number only.", "只输入数字。")
            return number(raw)

        def parse_chosen(raw, ctx):
            raw, unit = _parts(raw)
            unit = text_of(unit).strip() if unit else ""
            if not unit:
                if len(units) > 1 or units[0] == ANY:
                    raise refuse("quantity.unit_missing", "Choose a unit.", "请选择单位。")
                unit = units[0]
            if (ANY not in units and unit not in units) or len(unit) > 20:
                raise refuse(
                    "quantity.unit", "The unit is one of %(units)s.", "单位只能是 %(units)s。",
                    units=", ".join(units),
                )  # fmt: skip
            return Quantity(number(raw), unit)

        return parse_fixed if units is None else parse_chosen

    def cleaner(self, spec):
        parse = self.parser(spec)
        low, high = spec.option("min"), spec.option("max")
        if low is None and high is None:
            return parse
        check = between(*(None if n is None else Decimal(str(n)) for n in (low, high)), number_text)

        def clean(raw, ctx):
            value = parse(raw, ctx)
            check(value.value if isinstance(value, Quantity) else value)
            return value

        return clean

    def operand_reader(self, spec):
        """Filters compare the number; the unit is a column of its own."""
        parse = self.parser(spec.but(options={}))

        def read(raw, ctx):
            return parse(_parts(raw)[0], ctx)

        return read

    def columns(self, spec):
        main = ColumnSpec(spec.name, self.pg_type)
        return (main,) if self.chosen_units(spec) is None else (main, ColumnSpec(f"{spec.name}_unit", "text"))

    def to_columns(self, spec, value):
        if self.chosen_units(spec) is None:
            return {spec.name: value}
        if value is None:
            return {spec.name: None, f"{spec.name}_unit": None}
        return {spec.name: value.value, f"{spec.name}_unit": value.unit}

    def from_columns(self, spec, row):
        value = row.get(spec.name)
        if value is None or self.chosen_units(spec) is None:
            return value
        return Quantity(value, row.get(f"{spec.name}_unit") or "")

    def dump(self, value):
        if isinstance(value, Quantity):
            return {"value": number_text(value.value), "unit": value.unit}
        return number_text(value)

    def load(self, data):
        if isinstance(data, dict):
            return Quantity(Decimal(str(data["value"])), str(data["unit"]))
        return Decimal(str(data))

    def display(self, spec, value, language="en"):
        if value is None:
            return ""
        amount, unit = (
            (value.value, value.unit) if isinstance(value, Quantity) else (value, spec.option("unit"))
        )
        whole, point, rest = number_text(amount).partition(".")
        sign, figures = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        return f"{sign}{int(figures):,}{point}{rest} {unit or ''}".rstrip()

    def for_formula(self, value):
        return value.value if isinstance(value, Quantity) else value

    def check(self, spec):
        if spec.option("unit") and self.chosen_units(spec):
            return [
                refuse(
                    "field.unit_twice", "Fix a unit or offer several, not both.", "单位固定与可选只能二选一。"
                )
            ]
        return []

    def example(self, spec):
        units = self.chosen_units(spec)
        if units is None:
            return Decimal("40")
        return Quantity(Decimal("40"), "PCE" if ANY in units else units[0])


def _parts(raw):
    """Split raw input into number and unit: {"value", "unit"}, a Quantity, "12 kg", or a bare number."""
    if isinstance(raw, dict):
        return raw.get("value"), raw.get("unit")
    if isinstance(raw, Quantity):
        return raw.value, raw.unit
    if isinstance(raw, str) and len(raw) < 80:
        match = _WITH_UNIT.match(raw.strip())
        if match and any(char.isdigit() for char in match["value"]) and not _is_exponent(raw):
            return match["value"], match["unit"]
    return raw, None


def _is_exponent(raw):
    return bool(re.fullmatch(r"[^A-Za-z]*[eE][+-]?\d+", raw.strip()))
