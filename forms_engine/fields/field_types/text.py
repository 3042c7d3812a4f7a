"""One line of text, kept exactly as entered: leading zeros, `1E5` and rare characters survive."""

from forms_engine.fields.base import FieldType, option, refuse, register
from forms_engine.fields.limits import mask_matches, mask_problem, text_of
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class TextField(FieldType):
    key = "text"
    label = Text("Text", "单行文本")
    icon = "cursor-text"
    fx_type = "text"
    operators = (
        "eq", "ne", "in", "not_in", "contains", "not_contains", "starts", "ends", "empty", "not_empty",
    )  # fmt: skip
    options = Schema(
        (
            option("max_length", "integer", "Longest", "最大长度", min=1, max=500),
            option("min_length", "integer", "Shortest", "最小长度", min=1, max=500),
            option("pattern", "text", "Pattern", "格式", max_length=100,
                   help=Text("# digit, @ letter, * letter or digit, ? anything; others as they are",
                             "# 数字，@ 字母，* 字母或数字，? 任意字符，其余按原样")),
            option("placeholder", "text", "Hint in the empty input", "输入提示", max_length=100),
        )
    )  # fmt: skip

    def parser(self, spec):
        return lambda raw, ctx: text_of(raw)

    def cleaner(self, spec):
        longest = int(spec.option("max_length", 500))
        shortest = int(spec.option("min_length", 0))
        pattern = spec.option("pattern")

        def clean(raw, ctx):
            value = text_of(raw)
            if len(value) > longest:
                raise refuse("text.too_long", "At most %(n)s characters.", "最多 %(n)s 个字符。", n=longest)
            if len(value) < shortest:
                raise refuse(
                    "text.too_short", "At least %(n)s characters.", "至少 %(n)s 个字符。", n=shortest
                )
            if pattern and not mask_matches(pattern, value):
                raise refuse(
                    "text.pattern", "Does not fit the pattern %(p)s.", "不符合格式 %(p)s。", p=pattern
                )
            return value

        return clean

    def check(self, spec):
        problem = mask_problem(spec.option("pattern", ""))
        if problem:
            return [FieldError("pattern", "field.bad_pattern", problem)]
        return []

    def example(self, spec):
        return "0012-A 螺栓"
