"""An administrator chooses the columns of a list."""

from __future__ import annotations

from forms_engine.core.action import Action, register
from forms_engine.core.services import list_columns_set
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text


@register
class SchemaColumns(Action):
    """Says which fields the list of an entity shows, in order; at once and for everybody."""

    key = "core.schema.columns"
    label = Text("Choose the columns of a list", "设置列表的列")
    icon = "columns"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(name="entity", type="text", label=Text("Entity", "业务对象"), required=True),
            FieldSpec(
                name="columns",
                type="long_text",
                label=Text("Columns", "列"),
                help=Text(
                    "Names of fields with commas between; empty: what the list shows by itself.",
                    "字段名，以逗号分隔；留空则恢复默认。",
                ),
            ),
        )
    )

    def run(self, *, actor, record, values):
        names = [name.strip() for name in (values.get("columns") or "").split(",")]
        chosen = list_columns_set(
            actor=actor, entity_key=values["entity"], columns=[name for name in names if name]
        )
        return {"entity": values["entity"], "columns": list(chosen)}
