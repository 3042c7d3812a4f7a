"""The SELECT list of a page: for Python as columns, for JSON written by PostgreSQL itself."""

from __future__ import annotations

from typing import Any

from forms_engine.access import policy
from forms_engine.base import db
from forms_engine.base.sql import quote
from forms_engine.core.query.compiler import Compiler

STAMP = "(SELECT version FROM core_schemastamp)"


def _python_item(compiler: Compiler, name: str) -> list[str]:
    """Return the SQL of a field for Python: its columns, and the label of a reference."""
    column = compiler.column(name)
    f = column.field
    parts = [f"{column.alias}.{quote(c.name)}" for c in f.type.columns(f.spec)]
    if f.target is not None and not f.system:
        parts.append(compiler.label(f) or "NULL" if column.alias == "t" else "NULL")
    return parts


def _json_item(compiler: Compiler, name: str) -> str:
    """Return the SQL of a field for JSON: decimals as text, references as {"id", "label"}."""
    column = compiler.column(name)
    f = column.field
    if f.target is not None and not f.system:
        label = (compiler.label(f) if column.alias == "t" else None) or "NULL"
        return (
            f"CASE WHEN {column.sql} IS NOT NULL "
            f"THEN json_build_object('id', {column.sql}, 'label', {label}) END"
        )
    names = f.type.columns(f.spec)
    if len(names) == 2 and f.is_decimal:
        unit = f"{column.alias}.{quote(names[1].name)}"
        return (
            f"CASE WHEN {column.sql} IS NOT NULL THEN "
            f"json_build_object('value', trim_scale({column.sql})::text, 'unit', {unit}) END"
        )
    return f"trim_scale({column.sql})::text" if f.is_decimal else column.sql


Shape = tuple[list[str], list[int], str, str]
SHAPES_KEPT = 400


def shape_of(compiler: Compiler, as_json: bool) -> Shape:
    """Return (names, widths, items, lateral) of a SELECT list, kept for the next question of the same reader.

    The key holds everything it depends on: fields asked for, and who asks, under which version of the grants.
    """
    actor = compiler.actor
    who = (actor.roles, actor.kind, actor.is_admin, actor.scopes, actor.supplier_id, actor.record)
    asked = None if compiler.spec.fields is None else tuple(compiler.spec.fields)
    key = (as_json, asked, who, policy.version_known(actor), db.current_alias(), tuple(compiler.joins))
    kept: dict[Any, tuple[Shape, dict[str, Any]]] = compiler.noun.memo.setdefault("shapes", {})
    found = kept.get(key)
    if found is not None:
        compiler.joins = dict(found[1])
        return found[0]
    names = compiler.names()
    if as_json:
        listed = ", ".join(f"{_json_item(compiler, n)} AS {quote(n)}" for n in names)
        lateral = f" CROSS JOIN LATERAL (SELECT {listed}) d"
        shape: Shape = (names, [], f"row_to_json(d)::text, {STAMP}", lateral)
    else:
        groups = [_python_item(compiler, name) for name in names]
        items = ", ".join(part for group in groups for part in group)
        shape = (names, [len(group) for group in groups], f"{items}, {STAMP}", "")
    if len(kept) >= SHAPES_KEPT:
        kept.clear()
    kept[key] = (shape, dict(compiler.joins))
    return shape
