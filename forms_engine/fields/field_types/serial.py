"""A business number given by the system, e.g. WO-202611-0007."""

from forms_engine.fields.base import FieldType, option, refuse, register
from forms_engine.fields.limits import text_of
from forms_engine.fields.serial import DEFAULT_PATTERN, serial_problem
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class SerialField(FieldType):
    key = "serial"
    label = Text("Business number", "流水号")
    icon = "list-numbers"
    fx_type = "text"
    operators = ("eq", "ne", "in", "not_in", "contains", "starts", "empty", "not_empty")
    groupable = False
    aggregates = ("count",)
    options = Schema(
        (
            option("pattern", "text", "Pattern", "编号格式", max_length=100, 
                   default=DEFAULT_PATTERN),
            option("reset", "choice", "Starts again each", "重置周期", default="never",
                   choices=[["never", {"en": "never", "zh": "不重置"}],
                            ["year", {"en": "year", "zh": "每年"}],
                            ["month", {"en": "month", "zh": "每月"}], ["day", {"en": "day", "zh": "每天"}]]),
            option("manual", "boolean", "May be typed", "允许手工填写"),
        )
    )  # fmt: skip

    def parser(self, spec):
        return lambda raw, ctx: text_of(raw)

    def cleaner(self, spec):
        manual = bool(spec.option("manual"))

        def clean(raw, ctx):
            value = text_of(raw).strip()
            if not (manual or ctx.system or ctx.record.get(spec.name) == value):
                raise refuse(
                    "serial.given", "The number is given by the system.", "编号由系统生成，不能填写。"
                )
            if len(value) > 100:
                raise refuse("text.too_long", "At most %(n)s characters.", "最多 %(n)s 个字符。", n=100)
            return value

        return clean

    def check(self, spec):
        problem = serial_problem(spec.option("pattern", DEFAULT_PATTERN), spec.option("reset", "never"))
        return [problem] if problem else []

    def example(self, spec):
        return "202611-00007"
