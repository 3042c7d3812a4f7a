"""A layout: which fields stand where. Pure data, checked against the fields it is laid over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms_engine.kernel.errors import ErrorList, FieldError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text

MAX_SECTIONS = 40


class LayoutRefused(ErrorList):
    """A layout names fields that do not exist, names one twice, or forgets a required one."""

    code = "form.layout"


@dataclass(frozen=True)
class Part:
    """A titled group of fields in one to three columns."""

    label: Text
    columns: int
    fields: tuple[str, ...]
    visible_when: str = ""


@dataclass(frozen=True)
class Layout:
    """Parts in order."""

    parts: tuple[Part, ...]

    @property
    def names(self) -> list[str]:
        """All fields, in order."""
        return [name for part in self.parts for name in part.fields]

    def dump(self) -> dict[str, Any]:
        """Return the layout as JSON."""
        return {
            "sections": [
                {
                    "label": part.label.dump(),
                    "columns": part.columns,
                    "fields": list(part.fields),
                    **({"visible_when": part.visible_when} if part.visible_when else {}),
                }
                for part in self.parts
            ]
        }


def layout_load(data: Mapping[str, Any]) -> Layout:
    """Read a layout. Raises: LayoutRefused when it is no layout at all."""
    sections = data.get("sections") if isinstance(data, Mapping) else None
    if not isinstance(sections, list) or len(sections) > MAX_SECTIONS:
        raise LayoutRefused(
            [FieldError("sections", "form.layout", Text("A list of sections is needed.", "需要分区列表。"))]
        )
    parts = []
    for section in sections:
        columns = section.get("columns", 2)
        parts.append(
            Part(
                Text.of(section.get("label") or ""),
                columns if columns in (1, 2, 3) else 2,
                tuple(str(name) for name in section.get("fields", ())),
                str(section.get("visible_when", "")),
            )
        )
    return Layout(tuple(parts))


def layout_check(layout: Layout, schema: Schema) -> None:
    """Raises: LayoutRefused with everything that is wrong."""
    names, errors = layout.names, []
    for name in names:
        if name not in schema.names:
            errors.append(
                FieldError(
                    name,
                    "form.field_unknown",
                    Text("There is no field “%(name)s”.", "没有字段“%(name)s”。", name=name),
                )
            )
        if names.count(name) > 1:
            errors.append(
                FieldError(
                    name,
                    "form.field_twice",
                    Text("“%(name)s” stands twice.", "“%(name)s”重复出现。", name=name),
                )
            )
    for spec in schema:
        if spec.required and not spec.read_only and spec.default is None and spec.name not in names:
            errors.append(
                FieldError(
                    spec.name,
                    "form.field_missing",
                    Text(
                        "“%(name)s” is required and must be on the form.",
                        "“%(name)s”必填，必须放在表单上。",
                        name=spec.name,
                    ),
                )
            )
    if errors:
        raise LayoutRefused(errors)


def layout_of(schema: Schema, *, with_read_only: bool = False) -> Layout:
    """Return the layout a schema asks for by itself: its sections, else short fields, then long ones."""
    if schema.sections:
        named = {name for section in schema.sections for name in section.fields}
        rest = tuple(name for name in schema.names if name not in named)
        parts = [
            Part(Text.of(section.label), getattr(section, "columns", 2) or 2, tuple(section.fields))
            for section in schema.sections
        ]
        return Layout((*parts, *((Part(Text("Other", "其他"), 2, rest),) if rest else ())))
    shown = [spec for spec in schema if with_read_only or not spec.read_only]
    short = tuple(spec.name for spec in shown if spec.type not in ("table", "long_text"))
    parts = [Part(Text(""), 2, short)] if short else []
    parts += [Part(Text(""), 1, (spec.name,)) for spec in shown if spec.type == "long_text"]
    parts += [Part(spec.label, 1, (spec.name,)) for spec in shown if spec.type == "table"]
    return Layout(tuple(parts))
