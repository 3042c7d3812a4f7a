"""THE RENDERER: layout + fields + values + rights → HTML, the same for every entity and action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from forms_engine.core.entity import entity
from forms_engine.core.lines import line_schema
from forms_engine.fields.base import type_of
from forms_engine.fields.entries import choices_of
from forms_engine.forms.layout import layout_of
from forms_engine.forms.selectors import Form
from forms_engine.forms.shown import input_value
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.expressions import FormulaProblem, formula_loose
from forms_engine.kernel.quantity import DECIMALS
from forms_engine.kernel.schema import FieldSpec, Schema

MOST_ROWS = 500


@dataclass
class Input:
    """One field as its template draws it."""

    name: str
    id: str
    spec: FieldSpec
    template: str
    value: Any
    label: str
    help: str
    required: bool
    read_only: bool
    errors: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    blank_row: list[Input] = field(default_factory=list)

    @property
    def is_wide(self) -> bool:
        return self.spec.type in ("table", "long_text")

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The entries of a choice; retired ones only while the record still has them."""
        return [one for one in choices_of(self.spec) if not one["retired"] or one["value"] == self.value]

    @property
    def described_by(self) -> str:
        return " ".join(
            part
            for part in (f"{self.id}-help" if self.help else "", f"{self.id}-error" if self.errors else "")
            if part
        )


@dataclass
class Row:
    """A child row that stands already (`id`) or was just typed ("")."""

    id: str
    cells: list[Input]


@dataclass
class Group:
    """A part of the layout with its inputs."""

    label: str
    columns: int
    inputs: list[Input]


def render_form(
    form: Form,
    *,
    values: Mapping[str, Any],
    errors: Iterable[FieldError] = (),
    read_only: frozenset[str] = frozenset(),
    hidden: frozenset[str] = frozenset(),
    context: Mapping[str, Any] | None = None,
    template: str = "forms/_form.html",
) -> SafeString:
    """Return the inner HTML of a `<form>`.

    Args:
        values: {name: value as stored in JSON, or raw as it was typed}; references may be {"id", "label"}.
        errors: all refusals of the last try; each is written at its field and in the summary.
        read_only, hidden: what this actor may not change or see.
    """
    language = translation.get_language() or "en"
    found = list(errors)
    by_name: dict[str, list[FieldError]] = {}
    for error in found:
        by_name.setdefault(error.field or "", []).append(error)
    groups = []
    for part in form.layout.parts:
        inputs = [
            _input(spec, values.get(spec.name), by_name, language, spec.name in read_only)
            for name in part.fields
            if name not in hidden and (spec := form.schema.get(name)) is not None
        ]
        if inputs:
            groups.append(Group(part.label.in_language(language), part.columns, inputs))
    labels = {one.name: one.label for group in groups for one in group.inputs}
    return SafeString(
        render_to_string(
            template,
            {
                "groups": groups,
                "summary": [
                    {
                        "field_id": f"f-{error.field.replace('.', '-')}" if error.field else "",
                        "label": _where(form.schema, labels, error.field or "", language),
                        "message": error.in_language(language),
                    }
                    for error in found
                ],
                "spec": quick_spec(form.schema),
                **(context or {}),
            },
        )
    )


def _where(schema: Schema, labels: Mapping[str, str], path: str, language: str) -> str:
    """Return where an error is, as people say it: `lines.0.item` is "Lines 1 · Item"."""
    name, _, rest = path.partition(".")
    at, _, column = rest.partition(".")
    label, spec = labels.get(name, ""), schema.get(name)
    if not at.isdecimal() or spec is None or spec.type != "table":
        return label
    found = next((cell.label.in_language(language) for cell in row_schema(spec) if cell.name == column), "")
    return f"{label} {int(at) + 1}" + (f" · {found}" if found else "")


def _input(
    spec: FieldSpec,
    value: Any,
    errors: Mapping[str, list[FieldError]],
    language: str,
    locked: bool,
    prefix: str = "",
    path: str = "",
) -> Input:
    name, at = prefix + spec.name, path + spec.name
    made = Input(
        name=name,
        id=f"f-{name.replace('.', '-')}",
        spec=spec,
        template=type_of(spec).widget,
        value=input_value(spec, value, language),
        label=spec.label.in_language(language),
        help=spec.help.in_language(language) if spec.help else "",
        required=spec.required,
        read_only=locked or spec.read_only or type_of(spec).is_computed,
        errors=[error.in_language(language) for error in errors.get(at, ())],
    )
    if spec.type == "table":
        _rows(made, spec, value, errors, language)
    return made


def _rows(
    made: Input, spec: FieldSpec, value: Any, errors: Mapping[str, list[FieldError]], language: str
) -> None:
    columns = row_schema(spec)
    lines = value if isinstance(value, list) else []
    for index, line in enumerate(lines[:MOST_ROWS]):
        prefix, path = f"{spec.name}-{index}-", f"{spec.name}.{index}."
        cells = [_input(one, line.get(one.name), errors, language, False, prefix, path) for one in columns]
        made.rows.append(Row(str(line.get("id") or ""), cells))
    made.blank_row = [_input(one, one.default, {}, language, False, f"{spec.name}-0-") for one in columns]


def row_schema(spec: FieldSpec) -> list[FieldSpec]:
    """Return a child table's columns: its own, or its entity's writable ones without the way back."""
    if not spec.option("entity"):
        return list(line_schema(spec))
    noun = entity(spec.option("entity", ""))
    skip = {spec.option("fk", ""), "line_no"}
    wanted = [name for name in layout_of(noun.schema).names if name not in skip]
    shown = [name for name in noun.columns if name in wanted]
    rest = [name for name in wanted if name not in shown and noun.schema.get(name).required]
    return [noun.schema.get(name) for name in (*shown, *rest)]


def quick_spec(schema: Schema) -> dict[str, Any]:
    """Return what `<mes-form>` needs to compute while typing: expressions as ASTs."""
    fields = []
    rows = [
        (f"{spec.name}.{cell.name}", cell)
        for spec in schema
        if spec.type == "table"
        for cell in row_schema(spec)
    ]
    for name, spec in [*rows, *((spec.name, spec) for spec in schema)]:
        one: dict[str, Any] = {"name": name, "type": spec.type}
        for key, source in (
            ("formula", spec.option("formula") if spec.type == "formula" else ""),
            ("visible", spec.visible_when),
            ("required", spec.required_when),
        ):
            ast = _ast(source)
            if ast is not None:
                one[key] = ast
        if "formula" in one:
            one["result"] = spec.option("result", "number")
            one["decimals"] = int(spec.option("decimals", DECIMALS))
        fields.append(one)
    return {"fields": fields}


def _ast(source: Any) -> Any:
    if not source:
        return None
    try:
        return formula_loose(str(source)).ast
    except FormulaProblem:
        return None  # published before it was checked: the server still refuses what it must
