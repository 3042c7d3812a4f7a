"""From a field of a schema to its columns: PostgreSQL types, Django fields, literals, conversions."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import sql

from forms_engine.fields.base import ColumnSpec, type_of
from forms_engine.kernel import clock
from forms_engine.kernel.schema import FieldSpec, Schema

_PG_TYPE = re.compile(r"[a-z][a-z ]*(\(\d+(,\s*\d+)?\))?(\[\])?\Z")
_NUMERIC = re.compile(r"numeric\((\d+),\s*(\d+)\)")

PLAIN_FIELDS: dict[str, type[models.Field[Any, Any]]] = {
    "text": models.TextField,
    "smallint": models.SmallIntegerField,
    "integer": models.IntegerField,
    "bigint": models.BigIntegerField,
    "boolean": models.BooleanField,
    "date": models.DateField,
    "time": models.TimeField,
    "timestamptz": models.DateTimeField,
    "timestamp with time zone": models.DateTimeField,
    "double precision": models.FloatField,
    "uuid": models.UUIDField,
    "jsonb": models.JSONField,
    "bytea": models.BinaryField,
}


def field_columns(spec: FieldSpec) -> tuple[ColumnSpec, ...]:
    """Return the columns of a field. Raises: ValueError for a type that is no plain PostgreSQL type."""
    columns = type_of(spec).columns(spec)
    for column in columns:
        if not _PG_TYPE.match(column.pg_type):
            raise ValueError(f"{column.pg_type!r} is no column type")
    return columns


def schema_columns(schema: Schema) -> dict[str, tuple[FieldSpec, ColumnSpec]]:
    """Return {column name: (its field, its spec)} in the schema's order."""
    return {column.name: (spec, column) for spec in schema for column in field_columns(spec)}


def reference_target(spec: FieldSpec) -> str | None:
    """Return the entity key a reference points at, None for every other type."""
    return spec.option("target") if spec.type == "reference" else None


def model_field(spec: FieldSpec, column: ColumnSpec) -> models.Field[Any, Any]:
    """Return the Django field of one column that is no reference."""
    more: dict[str, Any] = {"null": True, "blank": True, "db_column": column.name}
    if column.name == spec.name:
        more["verbose_name"] = spec.label
    pg_type = column.pg_type
    if pg_type.endswith("[]"):
        inner = model_field(spec, ColumnSpec(column.name, pg_type[:-2]))
        return ArrayField(inner, **more)
    number = _NUMERIC.match(pg_type)
    if number:
        return models.DecimalField(max_digits=int(number[1]), decimal_places=int(number[2]), **more)
    made = PLAIN_FIELDS.get(pg_type)
    if made is None:
        made = models.TextField
    return made(**more)


def default_literals(spec: FieldSpec) -> dict[str, str]:
    """Return {column: SQL literal} of a field's constant default; {} if it has none."""
    if spec.default is None:
        return {}
    kind = type_of(spec)
    stored = kind.to_columns(spec, kind.load(spec.default))
    return {name: sql.Literal(value).as_string(None) for name, value in stored.items() if value is not None}


def conversion(old: ColumnSpec, new: ColumnSpec) -> str:
    """Return SQL that turns the old column into the new type, NULL where that is impossible.

    Exact or not at all: 1.5 does not become 1. What gives NULL here is kept in quarantine.
    """
    name, target = f'"{old.name}"', new.pg_type
    zone = sql.Literal(str(clock.plant_zone())).as_string(None)
    was, becomes = _family(old.pg_type), _family(target)
    if becomes == "text":
        return f"trim_scale({name})::text" if was == "numeric" else f"{name}::text"
    if (was, becomes) == ("numeric", "integer"):
        text = f"trunc({name})::text"
        return (
            f"CASE WHEN {name} = trunc({name}) AND pg_input_is_valid({text}, '{target}') "
            f"THEN {text}::{target} END"
        )
    if (was, becomes) == ("timestamp", "date"):
        return f"({name} AT TIME ZONE {zone})::date"
    if (was, becomes) == ("date", "timestamp"):
        return f"({name}::timestamp AT TIME ZONE {zone})"
    if becomes == "array" and was != "array":
        return f"CASE WHEN {name} IS NOT NULL THEN ARRAY[{name}::text]::{target} END"
    text = f"btrim({name}::text)"
    exact = ""
    if becomes == "numeric":  # a cast rounds to the scale; refuse what would lose digits
        exact = f" AND {text}::numeric = {text}::{target}"
    valid = f"pg_input_is_valid({text}, '{target}')"
    if exact:
        return f"CASE WHEN {valid} THEN CASE WHEN true{exact} THEN {text}::{target} END END"
    return f"CASE WHEN {valid} THEN {text}::{target} END"


def _family(pg_type: str) -> str:
    if pg_type.endswith("[]"):
        return "array"
    if pg_type.startswith("numeric"):
        return "numeric"
    if pg_type in ("smallint", "integer", "bigint"):
        return "integer"
    if pg_type.startswith("timestamp"):
        return "timestamp"
    return pg_type
