"""Read the fields of a typed entity off its model, so that nobody writes them twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import models

from forms_engine.core.model_rules import checks_of, smallest_of
from forms_engine.kernel.schema import RESERVED_NAMES, FieldSpec, Schema
from forms_engine.kernel.text import Text

LARGEST = {
    models.SmallIntegerField: 32767,
    models.PositiveSmallIntegerField: 32767,
    models.IntegerField: 2147483647,
    models.PositiveIntegerField: 2147483647,
}


def derived_schema(
    model: type[models.Model],
    *,
    only: Iterable[str] | None,
    overrides: Mapping[str, Mapping[str, Any]],
    key_of_model: Callable[[type[models.Model]], str],
) -> Schema:
    """Return the schema of a model's columns, system columns left out.

    Args:
        only: field names in order, None = all.
        overrides: attributes of a FieldSpec to set after deriving, `options` are merged.
    """
    by_name = {f.name: f for f in model._meta.concrete_fields if f.name not in RESERVED_NAMES}
    names = list(by_name) if only is None else [name for name in only if name in by_name]
    smallest = smallest_of(model)
    specs = []
    for name in names:
        spec = field_spec(by_name[name], key_of_model)
        if spec is None:
            continue
        if name in smallest and spec.type in ("decimal", "quantity", "integer"):
            low = max(smallest[name], spec.option("min", smallest[name]))
            spec = spec.but(options={**spec.options, "min": low})
        if name in overrides:
            changes = dict(overrides[name])
            options = {**spec.options, **changes.pop("options", {})}
            spec = spec.but(options=options, **changes)
        specs.append(spec)
    return Schema(tuple(specs), checks=checks_of(model, {spec.name: spec.label for spec in specs}))


def field_spec(
    field: models.Field[Any, Any], key_of_model: Callable[[type[models.Model]], str]
) -> FieldSpec | None:
    """Return one column as a field; None for what no form shows (binary, JSON, bare UUIDs)."""
    found = _type_and_options(field, key_of_model)
    if found is None:
        return None
    kind, options = found
    return FieldSpec(
        field.name,
        kind,
        Text.of(field.verbose_name),
        required=not (field.null or field.blank or field.has_default() or kind == "boolean"),
        unique=bool(field.unique),
        index=bool(field.db_index or field.unique),
        default=_constant_default(field),
        help=Text.of(field.help_text) if field.help_text else None,
        read_only=not field.editable,
        options=options,
    )


def _type_and_options(
    field: models.Field[Any, Any], key_of_model: Callable[[type[models.Model]], str]
) -> tuple[str, dict[str, Any]] | None:
    if isinstance(field, models.ForeignKey):
        return "reference", {"target": key_of_model(field.remote_field.model)}
    if field.choices and isinstance(field, models.CharField):
        entries = [{"value": str(value), "label": Text.of(label)} for value, label in field.flatchoices]
        return "choice", {"choices": entries}
    if isinstance(field, models.BooleanField):
        return "boolean", {}
    if isinstance(field, models.DecimalField):
        unit_from = getattr(field, "unit_from", "")
        if unit_from:
            return "quantity", {"unit_from": unit_from}
        if field.decimal_places == 6 and field.max_digits == 18 and "quantity" in field.name:
            return "quantity", {}
        return "decimal", {"decimals": min(field.decimal_places or 0, 6)}
    if isinstance(field, models.IntegerField):
        options: dict[str, Any] = {}
        for kind, largest in LARGEST.items():
            if isinstance(field, kind):
                options = {"min": -largest - 1, "max": largest}
                break
        if type(field).__name__.startswith("Positive"):
            options["min"] = 0
        return "integer", options
    if isinstance(field, models.DateTimeField):
        return "datetime", {}
    if isinstance(field, models.DateField):
        return "date", {}
    if isinstance(field, models.TimeField):
        return "time", {}
    if isinstance(field, models.TextField):
        return "long_text", {}
    if isinstance(field, models.CharField):
        return "text", {"max_length": min(field.max_length or 500, 500)}
    return None


def _constant_default(field: models.Field[Any, Any]) -> Any:
    """Return a default that may stand in a schema; callables and empty words are left to the model."""
    if not field.has_default() or callable(field.default) or field.default in ("", None):
        return None
    default = field.default
    return default.value if hasattr(default, "value") else default
