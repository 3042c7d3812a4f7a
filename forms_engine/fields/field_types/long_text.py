"""Several lines of text: remarks, instructions, reasons."""

from forms_engine.fields.base import MISSING, FieldType, option, refuse, register
from forms_engine.fields.limits import text_of
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text

LONGEST = 100_000


@register
class LongTextField(FieldType):
    key = "long_text"
    label = Text("Long text", "多行文本")
    icon = "align-left"
    fx_type = "text"
    operators = ("contains", "not_contains", "empty", "not_empty")
    sortable = False
    groupable = False
    aggregates = ("count",)
    options = Schema(
        (
            option("max_length", "integer", "Longest", "最大长度", min=1, max=LONGEST),
            option("rows", "integer", "Lines shown", "显示行数", min=2, max=40),
        )
    )

    def read_form(self, spec, data, prefix=""):
        raw = data.get(prefix + spec.name, MISSING)
        # Browsers send every line end as CR LF; what was typed had LF.
        return raw.replace("\r\n", "\n") if isinstance(raw, str) else raw

    def parser(self, spec):
        return lambda raw, ctx: text_of(raw)

    def cleaner(self, spec):
        longest = int(spec.option("max_length", LONGEST))

        def clean(raw, ctx):
            value = text_of(raw)
            if len(value) > longest:
                raise refuse("text.too_long", "At most %(n)s characters.", "最多 %(n)s 个字符。", n=longest)
            return value

        return clean

    def example(self, spec):
        return "First line\n第二行 <b>not bold</b>"
