"""Clean the lines of a `table` field along their own entity's schema; errors say line and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from forms_engine.core import store
from forms_engine.core.entity import Entity, entity
from forms_engine.fields.base import CleanContext, type_of
from forms_engine.fields.clean import clean
from forms_engine.kernel.errors import ErrorList, FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text

LINE = "line_no"


def line_schema(spec: FieldSpec) -> Schema:
    """Return the fields of one line: the entity's without the reference to the parent, or the inline ones."""
    found = spec.option("entity")
    if not found:
        return Schema.load({"fields": spec.option("fields", [])})
    child = entity(found)
    fk = spec.option("fk", "")
    key = ("line", fk)
    schema = child.memo.get(key)
    if schema is None:
        schema = Schema(
            tuple(
                # Lines are numbered by their place, not by the column's constant default.
                field.but(default=None, required=False) if field.name == LINE else field
                for field in child.schema
                if field.name != fk
                and child.fields[field.name].is_writable
                and not _is_inherited(child, field)
            ),
            (),
            child.schema.rules,
            child.schema.checks,
        )
        child.memo[key] = schema
    return schema


def _is_inherited(child: Entity, field: FieldSpec) -> bool:
    """The supplier of a scoped line is its document's; nobody chooses it."""
    return child.scope == "supplier" and child.fields[field.name].column == "supplier_id"


def lines_clean(
    spec: FieldSpec, rows: Sequence[Mapping[str, Any]], ctx: CleanContext
) -> list[dict[str, Any]]:
    """Return clean lines; `id` of a standing line is kept as it is.

    Raises:
        ErrorList: paths `2.quantity` under the field, all lines at once.
    """
    schema = line_schema(spec)
    for field in schema:
        type_of(field).prefetch(field, [row.get(field.name) for row in rows], ctx)
    id_spec = FieldSpec("id", "reference", options={"target": spec.option("entity") or ""})
    standing = _standing(spec, schema, rows, ctx)
    errors: list[FieldError] = []
    cleaned: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        sent = {name: value for name, value in row.items() if name != "id"}
        for name in sorted(sent.keys() - set(schema.names)):
            message = Text("There is no such field.", "没有该字段。")
            errors.append(FieldError(f"{index}.{str(name)[:80]}", "body.field_unknown", message))
            sent.pop(name)
        given = row.get("id")
        try:
            pk = type_of(id_spec).operand_reader(id_spec)(given, ctx) if given else None
            line = replace(ctx, record=standing.get(pk, {}))
            values = clean(schema, sent, ctx=line, partial=pk is not None).or_raise()
            values = {k: v for k, v in values.items() if v is not None or k in sent}
        except ErrorList as found:
            errors += [error.under(str(index)) for error in found]
            continue
        except FieldError as error:
            errors.append(error.under(f"{index}.id"))
            continue
        if pk is not None:
            values["id"] = pk
        cleaned.append(values)
    if errors:
        raise ErrorList(errors)
    return cleaned


def _standing(
    spec: FieldSpec, schema: Schema, rows: Sequence[Mapping[str, Any]], ctx: CleanContext
) -> dict[Any, dict[str, Any]]:
    """Return {id: values} of the lines as they stand, read only if a check needs what a line did not send."""
    parent = ctx.record.get("id")
    changed = [row.keys() for row in rows if row.get("id")]
    pairs = [set(check.names) for check in schema.checks if len(check.names) > 1]
    if parent is None or not any(names & sent and names - sent for names in pairs for sent in changed):
        return {}
    child = entity(spec.option("entity", ""))
    found = store.children_fetch(child, child.column_of(spec.option("fk", "")), parent)
    return {row["id"]: child.values_from(row) for row in found}
