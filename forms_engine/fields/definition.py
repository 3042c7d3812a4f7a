"""Check a definition as a whole before it is published: shape, types, settings, conditions, formulas."""

from __future__ import annotations

from collections.abc import Iterator

from forms_engine.fields.base import CleanContext, field_types, type_of
from forms_engine.fields.clean import clean, formula_types, formulas_in_order
from forms_engine.kernel.errors import ErrorList, FieldError, MesError
from forms_engine.kernel.expressions import formula
from forms_engine.kernel.schema import FieldSpec, Schema, schema_problems
from forms_engine.kernel.text import Text

_RESULTS = ("number", "text", "boolean", "date", "datetime")


def definition_problems(schema: Schema) -> list[FieldError]:
    """List every mistake of a definition at once; settings are at `field.setting`."""
    problems = schema_problems(schema, types=field_types.keys())
    if any(spec.type not in field_types for spec in schema):
        return problems
    for spec in schema:
        problems.extend(_settings(spec))
    types = formula_types(schema)
    said = {problem.field for problem in problems}  # a formula field's type has read its formula already
    for place, source, wanted in _formulas(schema):
        if place in said:
            continue
        try:
            formula(source, types, wanted=wanted)
        except ErrorList as many:
            problems.extend(error.under(place) for error in many.errors)
        except MesError as error:
            problems.append(error.at(place))
    if not problems:
        try:
            formulas_in_order(schema)
        except FieldError as error:
            problems.append(error)
    return problems


def definition_check(schema: Schema) -> None:
    """Refuse a definition with mistakes. Raises: ErrorList with all of them."""
    problems = definition_problems(schema)
    if problems:
        raise ErrorList(problems, Text("The definition has mistakes.", "定义有误。"))


def _settings(spec: FieldSpec) -> Iterator[FieldError]:
    """Check a field's settings along its type's own options schema, then what only the type knows."""
    kind = type_of(spec)
    known = {name: value for name, value in spec.options.items() if name in kind.options}
    structured = {name for name, value in known.items() if isinstance(value, list | tuple | dict)}
    checked = clean(
        Schema(tuple(option for option in kind.options if option.name not in structured)),
        {name: value for name, value in known.items() if name not in structured},
        ctx=CleanContext(system=True),
    )
    yield from (error.under(spec.name) for error in checked.errors)
    if not checked.errors:
        yield from (error.under(spec.name) for error in kind.check(spec))
    if not checked.errors and spec.default is not None and not isinstance(spec.default, dict):
        try:
            kind.clean(spec, spec.default, CleanContext(system=True))
        except MesError as error:
            yield FieldError(f"{spec.name}.default", error.code, error.message)


def _formulas(schema: Schema) -> Iterator[tuple[str, str, str | None]]:
    """Give every formula of a definition: where it stands, its source, what it must give."""
    for spec in schema:
        for attribute in ("visible_when", "required_when", "read_only_when"):
            if getattr(spec, attribute):
                yield f"{spec.name}.{attribute}", getattr(spec, attribute), "boolean"
        if isinstance(spec.default, dict) and isinstance(spec.default.get("formula"), str):
            yield f"{spec.name}.default", spec.default["formula"], None
        if type_of(spec).is_computed and spec.option("formula"):
            result = spec.option("result", "number")
            yield f"{spec.name}.formula", str(spec.option("formula")), result if result in _RESULTS else None
    for section in schema.sections:
        if section.visible_when:
            yield "sections", section.visible_when, "boolean"
    for rule in schema.rules:
        if rule.must.strip():
            yield rule.field or "rules", rule.must, "boolean"
