"""Choose a record of another entity: by search, by scan, or typed as its number."""

import uuid

from forms_engine.core.lookups import raw_id, references_check, references_find
from forms_engine.fields.base import ColumnSpec, FieldType, option, refuse, register
from forms_engine.fields.limits import text_of
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


@register
class ReferenceField(FieldType):
    """The value is the id of the record; raw input may be the id, {"id": …}, or its business number."""

    key = "reference"
    label = Text("Record of", "关联记录")
    icon = "link"
    pg_type = "uuid"
    fx_type = "text"
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")
    aggregates = ("count", "count_distinct")
    options = Schema(
        (
            option("target", "text", "Entity", "实体", required=True, max_length=80),
            option("condition", "long_text", "Only records where", "仅限符合条件的记录", max_length=2000),
            option("quick_create", "boolean", "May be created here", "允许就地新建"),
        )
    )

    def parser(self, spec):
        target = spec.option("target", "")

        def parse(raw, ctx):
            found = raw_id(raw)
            if found is not None:
                return found
            number = text_of(raw).strip()
            # Many rows at once (imports) are looked up by `prefetch`; a single one here.
            known = ctx.scratch.get(("reference", target))
            if known is None or number not in known:
                known = references_find(target, [number], ctx)
            if known.get(number) is None:
                raise unknown()
            return known[number]

        return parse

    def cleaner(self, spec):
        parse = self.parser(spec)
        target, condition = spec.option("target", ""), spec.option("condition", "") or ""

        def clean(raw, ctx):
            value = parse(raw, ctx)
            if ctx.record.get(spec.name) == value:
                return value  # what stands there may stay, even if it was archived since
            if not references_check(target, [value], ctx, condition=condition):
                raise unknown()
            return value

        return clean

    def operand_reader(self, spec):
        def read(raw, ctx):
            found = raw_id(raw)
            if found is None:
                raise unknown()
            return found

        return read

    def prefetch(self, spec, raws, ctx):
        target, condition = spec.option("target", ""), spec.option("condition", "") or ""
        ids = {found for raw in raws if (found := raw_id(raw)) is not None}
        numbers = {str(raw).strip() for raw in raws if not self.is_blank(raw) and raw_id(raw) is None}
        if numbers:
            known = references_find(target, sorted(numbers), ctx)
            ids.update(value for value in known.values() if value is not None)
        references_check(target, sorted(ids), ctx, condition=condition)

    def columns(self, spec):
        # The identity of a record is a reference to itself and lives in `id`.
        return (ColumnSpec(spec.name if spec.name == "id" else f"{spec.name}_id", self.pg_type),)

    def to_columns(self, spec, value):
        return {self.column(spec).name: value}

    def from_columns(self, spec, row):
        return row.get(self.column(spec).name)

    def dump(self, value):
        return str(value)

    def load(self, data):
        return uuid.UUID(str(data["id"] if isinstance(data, dict) else data))

    def for_formula(self, value):
        return None if value is None else str(value)

    def display(self, spec, value, language="en"):
        if isinstance(value, dict):
            return str(value.get("label") or value.get("id") or "")
        return "" if value is None else str(value)

    def check(self, spec):
        if not spec.option("target"):
            return [FieldError("target", "field.no_target", Text("Choose an entity.", "请选择关联的实体。"))]
        return []

    def example(self, spec):
        return uuid.UUID("01900000-0000-7000-8000-000000000000")


def unknown():
    """Make the one answer for a record that does not exist and one the actor may not see."""
    return refuse("reference.unknown", "There is no such record.", "找不到该记录。")
