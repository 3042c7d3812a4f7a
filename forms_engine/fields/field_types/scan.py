"""A barcode or QR code: scanned by hand scanner or camera, or typed if that is allowed."""

from forms_engine.fields.base import FieldType, option, refuse, register
from forms_engine.fields.limits import mask_matches, mask_problem, text_of
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class ScanField(FieldType):
    key = "scan"
    label = Text("Scan", "扫码")
    icon = "barcode"
    fx_type = "text"
    operators = ("eq", "ne", "in", "not_in", "contains", "starts", "empty", "not_empty")
    options = Schema(
        (
            option("pattern", "text", "Pattern", "格式", max_length=100),
            option("typing_blocked", "boolean", "Typing is blocked", "禁止手工输入"),
        )
    )

    def parser(self, spec):
        # Scanners end with Enter or Tab; group separators inside a GS1 code stay.
        return lambda raw, ctx: text_of(raw).strip(" \t\r\n")

    def cleaner(self, spec):
        pattern = spec.option("pattern")

        def clean(raw, ctx):
            value = text_of(raw).strip(" \t\r\n")
            if len(value) > 500:
                raise refuse("text.too_long", "At most %(n)s characters.", "最多 %(n)s 个字符。", n=500)
            if pattern and not mask_matches(pattern, value):
                raise refuse(
                    "text.pattern", "Does not fit the pattern %(p)s.", "不符合格式 %(p)s。", p=pattern
                )
            return value

        return clean

    def check(self, spec):
        problem = mask_problem(spec.option("pattern", ""))
        return [FieldError("pattern", "field.bad_pattern", problem)] if problem else []

    def example(self, spec):
        return "(01)06901234567892(10)A7"
