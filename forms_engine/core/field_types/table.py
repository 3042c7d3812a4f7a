"""Lines of a document: rows of another entity, filled in on the same sheet."""

from forms_engine.core.lines import lines_clean
from forms_engine.fields.base import MISSING, FieldType, option, refuse, register
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class TableField(FieldType):
    """The value is a list of {field: value}; a line that stands already carries its `id`."""

    key = "table"
    label = Text("Lines", "子表")
    icon = "table"
    fx_type = "list"
    operators = ()
    sortable = False
    groupable = False
    aggregates = ()
    is_stored = False
    options = Schema(
        (
            option("entity", "text", "Entity of the lines", "明细实体", max_length=80),
            option("fk", "text", "Field that points back", "指向主表的字段", max_length=60),
            option("max_rows", "integer", "Most lines", "最多行数", min=1, max=5000),
        )
    )

    def read_form(self, spec, data, prefix=""):
        """Read `lines.0.quantity`, `lines.0.item`, …; `lines.count` says how many rows were shown."""
        name = prefix + spec.name
        if f"{name}.count" not in data:
            return MISSING
        rows: dict[int, dict[str, object]] = {}
        for key in data:
            head, _, rest = key.partition(name + ".")
            number, _, field = rest.partition(".")
            if head == "" and number.isdecimal() and field and int(number) < 5000:
                rows.setdefault(int(number), {})[field] = data[key]
        return [rows[number] for number in sorted(rows)]

    def is_blank(self, raw):
        return raw is None or raw is MISSING or raw == ""

    def parser(self, spec):
        longest = int(spec.option("max_rows", 2000))

        def parse(raw, ctx):
            if not isinstance(raw, list | tuple) or not all(isinstance(row, dict) for row in raw):
                raise refuse("table.format", "A list of lines is needed.", "需要明细行列表。")
            if len(raw) > longest:
                raise refuse("table.too_long", "At most %(n)s lines.", "最多 %(n)s 行。", n=longest)
            return lines_clean(spec, raw, ctx)

        return parse

    def to_columns(self, spec, value):
        return {}

    def dump(self, value):
        return value

    def display(self, spec, value, language="en"):
        return "" if not value else str(len(value))

    def example(self, spec):
        return []
