"""A computed value: the same formula runs in the browser while typing and on the server when saving."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from forms_engine.fields.base import ColumnSpec, FieldType, field_types, option, register
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.expressions import FormulaProblem, FxError, formula_loose
from forms_engine.kernel.quantity import DECIMALS, EXACT, number_fit, number_text
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text

RESULTS = {
    "number": "decimal", "text": "text", "boolean": "boolean", "date": "date", "datetime": "datetime"
}  # fmt: skip
"""Kind of the result → the field type whose column, filters and display it borrows."""


@register
class FormulaField(FieldType):
    key = "formula"
    label = Text("Formula", "公式")
    icon = "math-function"
    is_computed = True
    options = Schema(
        (
            option("formula", "long_text", "Formula", "公式", required=True, max_length=4000),
            option("result", "choice", "Result", "结果类型", default="number",
                   choices=[["number", {"en": "number", "zh": "数字"}],
                            ["text", {"en": "text", "zh": "文本"}],
                            ["boolean", {"en": "yes or no", "zh": "是否"}],
                            ["date", {"en": "day", "zh": "日期"}],
                            ["datetime", {"en": "moment", "zh": "时间"}]]),
            option("decimals", "integer", "Decimals kept", "小数位数", min=0, max=DECIMALS),
            option("unit", "text", "Unit shown", "显示单位", max_length=20),
        )
    )  # fmt: skip

    def borrowed(self, spec):
        """Return the field type that stands for the kind of the result."""
        return field_types.get(RESULTS.get(spec.option("result", "number"), "decimal"))

    def parser(self, spec):
        return self.borrowed(spec).parser(spec.but(options={}))

    def operand_reader(self, spec):
        return self.parser(spec)

    def computed(self, spec, result):
        """Return what is stored of a formula's result: rounded as set; errors and misfits are empty."""
        if result is None or isinstance(result, FxError):
            return None
        kind = spec.option("result", "number")
        if kind == "number":
            if type(result) is not Decimal:
                return None
            step = Decimal(1).scaleb(-int(spec.option("decimals", DECIMALS)))
            try:
                return number_fit(result.quantize(step, ROUND_HALF_UP, EXACT)) if result else Decimal(0)
            except MesError:
                return None
        expected = {"text": str, "boolean": bool, "date": dt.date, "datetime": dt.datetime}[kind]
        return result if type(result) is expected and result != "" else None

    def columns(self, spec):
        return (ColumnSpec(spec.name, self.borrowed(spec).pg_type),)

    def dump(self, value):
        if isinstance(value, Decimal):
            return number_text(value)
        if isinstance(value, dt.datetime):
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        return value.isoformat() if isinstance(value, dt.date) else value

    def load_of(self, spec, data):
        return self.borrowed(spec).load(data)

    def display(self, spec, value, language="en"):
        return self.borrowed(spec).display(spec, value, language)

    def operators_of(self, spec):
        return self.borrowed(spec).operators

    def fx_type_of(self, spec):
        return self.borrowed(spec).fx_type

    def check(self, spec):
        try:
            formula_loose(str(spec.option("formula", "")))
        except FormulaProblem as problem:
            return [problem.at("formula")]
        return []

    def example(self, spec):
        return self.borrowed(spec).example(spec.but(options={}))
