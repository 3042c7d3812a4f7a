"""Clean values along a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.fields.base import MISSING, CleanContext, type_of
from forms_engine.kernel.errors import ErrorList, FieldError
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text


def values_clean(
    schema: Schema, raw: Mapping[str, Any], ctx: CleanContext, *, partial: bool = False
) -> dict[str, Any]:
    """Return clean values. Raises: ErrorList with every error."""
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for spec in schema:
        kind = type_of(spec)
        given = raw.get(spec.name, MISSING)
        if given is MISSING and partial:
            continue
        if kind.is_blank(given):
            if given is MISSING and spec.default is not None:
                given = spec.default
            elif spec.required:
                errors.append(
                    FieldError(spec.name, "value.required", Text("Please fill this in.", "此项必填。"))
                )
                continue
            elif given is MISSING and not partial:
                continue
            else:
                values[spec.name] = None
                continue
        try:
            values[spec.name] = kind.clean(spec, given, ctx)
        except ErrorList as found:
            errors += [error.under(spec.name) for error in found]
        except FieldError as error:
            errors.append(error)
    if errors:
        raise ErrorList(errors)
    return values
