"""Read the published schemas: admin-made entities, and the fields admins have added to typed ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import connections

from forms_engine.base import db
from forms_engine.base.sql import execute, json_value
from forms_engine.core.entity import Entities, Entity, typed_definitions
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text
from forms_engine.tables.factory import Catalog, EntityTable, catalog_swap

_READ = """
SELECT s.version, d.key, d.is_typed, d.label, d.plural, d.icon, d.scope, d.title, d.business_key, d.search,
       d.columns, d.sort, v.schema
FROM core_schemastamp s
LEFT JOIN (core_entitydefinition d
           LEFT JOIN core_schemaversion v ON v.definition_id = d.id AND v.number = d.current)
  ON d.archived_at IS NULL AND (d.current > 0 OR d.is_typed)
ORDER BY d.key
"""


def table_of(key: str) -> str:
    """Return the table of an admin-made entity: `x.furnace_log` → `x_furnace_log`."""
    return key.replace(".", "_")


def stamp_now() -> int:
    """Return the global schema version that is published now."""
    with db.use_alias(db.DEFAULT):
        row = execute("SELECT version FROM core_schemastamp").fetchone()
    return row[0] if row else 0


def entities_load() -> Entities:
    """Return all entities of the current global schema version, in one statement."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_READ)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    version = rows[0]["version"] if rows else 0
    added: dict[str, Schema] = {}
    chosen: dict[str, tuple[str, ...]] = {}
    found: dict[str, Entity] = {}
    for row in rows:
        if row["key"] is None:
            continue
        if row["is_typed"]:
            chosen[row["key"]] = tuple(row["columns"])
        if row["schema"] is None:  # a typed entity whose list was arranged and that has no added field
            continue
        schema = Schema.load(json_value(row["schema"]))
        if row["is_typed"]:
            added[row["key"]] = schema
        else:
            found[row["key"]] = custom_entity(row, schema)
    for key, definition in typed_definitions().items():
        extra = added[key].fields if key in added else ()
        noun = definition.build(extra)
        found[key] = replace(noun, columns=chosen[key]) if chosen.get(key) else noun
    tables = [
        EntityTable(noun.key, noun.table, _catalogue_schema(noun, added), noun.label, noun.model)
        for noun in found.values()
        if noun.model is None or noun.x_names
    ]
    catalog_swap(Catalog(version, tables))
    return Entities(version, found)


def _catalogue_schema(noun: Entity, added: dict[str, Schema]) -> Schema:
    """Return what the table catalogue wants: all fields, or only the added ones of a typed entity."""
    return noun.schema if noun.model is None else added[noun.key]


def custom_entity(row: dict[str, Any], schema: Schema) -> Entity:
    """Return the entity of a published definition."""
    names = schema.names
    texts = tuple(spec.name for spec in schema if spec.type in ("text", "serial", "scan"))
    title = row["title"] or (texts[0] if texts else "id")
    return Entity(
        key=row["key"],
        label=Text.of(json_value(row["label"])),
        plural=Text.of(json_value(row["plural"]) or json_value(row["label"])),
        schema=schema,
        table=table_of(row["key"]),
        scope=row["scope"] or None,
        title=title,
        business_key=tuple(row["business_key"]) or ((title,) if title != "id" else ()),
        search=tuple(row["search"]) or texts[:3],
        columns=tuple(row["columns"]) or names[:6],
        sort=tuple(row["sort"]) or ("-created_at",),
        icon=row["icon"],
    )
