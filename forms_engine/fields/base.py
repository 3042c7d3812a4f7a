"""What a field type promises. One file a type; the registry finds it by being there.

A value has five forms, and a type knows the way between them:
raw (typed, imported, sent) → `clean` → value (Python) → `dump`/`load` (JSON), `to_columns`/`from_columns`
(SQL), and `display` for people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms_engine.kernel import clock
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.registry import Registry
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text


class Missing:
    """The key was not sent at all (unlike sent empty)."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = Missing()


@dataclass(frozen=True)
class ColumnSpec:
    """One column of a field: name, PostgreSQL type, whether NULL is allowed."""

    name: str
    pg_type: str
    null: bool = True


@dataclass
class CleanContext:
    """What cleaning may know besides the values.

    Args:
        actor: who writes; field types of higher floors ask it what he may see.
        now: the moment of this transaction, also what NOW() and TODAY() give.
        zone: times without a zone are read in it.
        user: what USER() gives.
        record: the stored values before an update, {} on create.
        system: a service or import writes: read-only fields may be set.
        scratch: space for types, e.g. references looked up in one query for many rows.
    """

    actor: Any = None
    now: dt.datetime = field(default_factory=clock.now)
    zone: dt.tzinfo = field(default_factory=clock.plant_zone)
    user: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    system: bool = False
    scratch: dict[Any, Any] = field(default_factory=dict)


Cleaner = Callable[[Any, CleanContext], Any]


def refuse(code: str, en: str, zh: str, **params: Any) -> FieldError:
    """Make the error a type raises; the cleaner puts the field's name on it."""
    return FieldError("", code, Text(en, zh, **params), params=params)


class FieldType:
    """Base of every field type. Override `parser` and `dump`/`load`; the rest has defaults.

    Attributes:
        key: stable name, also the template `forms/fields/<key>.html`.
        label: what the designer's palette shows.
        icon: Tabler icon name.
        options: settings of the type as a Schema; the property panel is drawn from it.
        pg_type: column type of the usual single column.
        fx_type: what the formula language sees: number, text, boolean, date, datetime, list, any.
        operators: keys of the filters it offers (`fields/filters.py`).
        sortable, groupable, aggregates: what lists and dashboards may do with it.
        is_stored: False if the record's own table has no column for it.
        is_computed: True if the system fills it, whatever is sent.
    """

    key = ""
    label = Text("")
    icon = "forms"
    options = Schema()
    pg_type = "text"
    fx_type = "any"
    operators: tuple[str, ...] = ("eq", "ne", "in", "not_in", "empty", "not_empty")
    sortable = True
    groupable = True
    aggregates: tuple[str, ...] = ("count", "count_distinct")
    is_stored = True
    is_computed = False

    @property
    def widget(self) -> str:
        """Template that draws the input."""
        return f"forms/fields/{self.key}.html"

    # --- the way in -----------------------------------------------------------------------------------

    def read_form(self, spec: FieldSpec, data: Any, prefix: str = "") -> Any:
        """Return the raw value from submitted HTML form data (a QueryDict or dict); MISSING if not sent."""
        return data.get(prefix + spec.name, MISSING)

    def parser(self, spec: FieldSpec) -> Cleaner:
        """Return a function (raw, ctx) → value that checks the form only; raw is never empty.

        Made once per field, called once per value. It raises what `refuse` makes.
        """
        raise NotImplementedError(self.key)

    def cleaner(self, spec: FieldSpec) -> Cleaner:
        """Return a function (raw, ctx) → value that checks form and the field's own limits."""
        return self.parser(spec)

    def clean(self, spec: FieldSpec, raw: Any, ctx: CleanContext) -> Any:
        """Return the value of one raw input, None if empty. Raises FieldError at the field's name."""
        if self.is_blank(raw):
            return None
        try:
            return self.cleaner(spec)(raw, ctx)
        except FieldError as error:
            raise error.under(spec.name) from None

    def operand_reader(self, spec: FieldSpec) -> Cleaner:
        """Return a function (raw, ctx) → what a filter compares the main column with."""
        return self.parser(spec)

    def is_blank(self, raw: Any) -> bool:
        """Say whether nothing was entered: None, or text of blanks only."""
        return raw is None or raw is MISSING or (isinstance(raw, str) and not raw.strip())

    def prefetch(self, spec: FieldSpec, raws: Sequence[Any], ctx: CleanContext) -> None:
        """Look up what many rows will need in one go (references do); results go to `ctx.scratch`."""

    # --- storage --------------------------------------------------------------------------------------

    def columns(self, spec: FieldSpec) -> tuple[ColumnSpec, ...]:
        """Return the columns of a field, the main one first; () if it is not stored."""
        return (ColumnSpec(spec.name, self.pg_type),) if self.is_stored else ()

    def column(self, spec: FieldSpec) -> ColumnSpec:
        """Return the main column, the one filters and sorts use."""
        return self.columns(spec)[0]

    def to_columns(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        """Return {column: what psycopg sends} for a value."""
        return {spec.name: value} if self.is_stored else {}

    def from_columns(self, spec: FieldSpec, row: Mapping[str, Any]) -> Any:
        """Return the value from a row of columns as psycopg reads them."""
        return row.get(spec.name)

    # --- the way out ----------------------------------------------------------------------------------

    def dump(self, value: Any) -> Any:
        """Return JSON data of a value (never None); numbers with decimals as text."""
        return value

    def load(self, data: Any) -> Any:
        """Return the value of JSON data that `dump` made."""
        return data

    def load_of(self, spec: FieldSpec, data: Any) -> Any:
        """Return the value of JSON data of this field; for types whose settings decide what kind it is."""
        return self.load(data)

    def display(self, spec: FieldSpec, value: Any, language: str = "en") -> str:
        """Return what people read; plain text, the template escapes it."""
        return "" if value is None else str(value)

    # --- formulas and filters -------------------------------------------------------------------------

    def operators_of(self, spec: FieldSpec) -> tuple[str, ...]:
        """Return the keys of the filters this field offers."""
        return self.operators

    def fx_type_of(self, spec: FieldSpec) -> str:
        """Return the kind the formula language sees in this field."""
        return self.fx_type

    def for_formula(self, value: Any) -> Any:
        """Return the value as the formula language knows it."""
        return value

    def formula_names(self, spec: FieldSpec) -> dict[str, str]:
        """Return {name: kind} this field adds to formulas; a table adds `lines.quantity` as `list:number`."""
        return {spec.name: self.fx_type_of(spec)}

    def formula_values(self, spec: FieldSpec, value: Any) -> dict[str, Any]:
        """Return {name: value} for the names of `formula_names`."""
        return {spec.name: None if value is None else self.for_formula(value)}

    # --- the designer ---------------------------------------------------------------------------------

    def check(self, spec: FieldSpec) -> list[FieldError]:
        """List what is wrong between this field's settings, beyond what `options` says of each alone."""
        return []

    def example(self, spec: FieldSpec) -> Any:
        """Return a value that passes `clean` for a field with default settings, for docs and tests."""
        raise NotImplementedError(self.key)


field_types: Registry[FieldType] = Registry("field type", folder="field_types")
register = field_types.register


def type_of(spec: FieldSpec) -> FieldType:
    """Return the type of a field. Raises UnknownKey."""
    return field_types.get(spec.type)


def option(name: str, type: str, en: str, zh: str, **more: Any) -> FieldSpec:
    """Write one setting of a field type shortly."""
    settings = {k: more.pop(k) for k in ("min", "max", "max_length", "choices") if k in more}
    return FieldSpec(name, type, Text(en, zh), options={**settings, **more.pop("options", {})}, **more)


def column_values(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn cleaned values into {column: database value}; fields without a column are left out."""
    row: dict[str, Any] = {}
    for name, value in values.items():
        spec = schema[name]
        row.update(type_of(spec).to_columns(spec, value))
    return row


def values_dump(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn cleaned values into JSON data, None stays None."""
    return {
        name: None if value is None else type_of(schema[name]).dump(value) for name, value in values.items()
    }


def values_load(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """Turn JSON data of `values_dump` back into values; unknown names are left out."""
    loaded: dict[str, Any] = {}
    for name, item in data.items():
        spec = schema.get(name)
        if spec is not None:
            loaded[name] = None if item is None else type_of(spec).load_of(spec, item)
    return loaded


def form_read(schema: Schema, data: Any, prefix: str = "") -> dict[str, Any]:
    """Collect the raw values of a submitted HTML form along a schema; those not sent are left out."""
    raw: dict[str, Any] = {}
    for spec in schema:
        value = type_of(spec).read_form(spec, data, prefix)
        if value is not MISSING:
            raw[spec.name] = value
    return raw
