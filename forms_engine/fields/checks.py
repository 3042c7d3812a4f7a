"""Ask of clean values what their table will ask, so that its refusals come with all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from forms_engine.fields.base import CleanContext
from forms_engine.kernel.conditions import Check
from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.quantity import Quantity
from forms_engine.kernel.schema import Schema

CODE = "value.not_allowed"


def checks_broken(
    schema: Schema,
    raw: Mapping[str, Any],
    values: Mapping[str, Any],
    errors: Sequence[FieldError],
    ctx: CleanContext,
) -> list[FieldError]:
    """Return what the values break of the schema's checks, each at its field.

    Only checks the values touch are asked; a field that is wrong already counts as not known.
    """
    row = _row(schema, raw, values, errors, ctx.record)
    found = []
    for check in schema.checks:
        if check.condition.holds(row) is False and any(name in values for name in check.names):
            params = {"constraint": check.constraint} if check.constraint else {}
            found.append(FieldError(_place(schema, check, raw), CODE, check.message, params=params))
    return found


def _row(
    schema: Schema,
    raw: Mapping[str, Any],
    values: Mapping[str, Any],
    errors: Sequence[FieldError],
    record: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what is known of the fields checks name: an empty one that was not sent may yet be filled."""
    names = schema.memo.get("checked")
    if names is None:
        names = tuple(dict.fromkeys(name for check in schema.checks for name in check.names))
        schema.memo["checked"] = names
    row: dict[str, Any] = {}
    for name in names:
        if name in values:
            value = values[name]
            if value is None and name not in raw:
                continue
        elif name in record:
            value = record[name]
        else:
            continue
        row[name] = value.value if type(value) is Quantity else value
    for error in errors:
        row.pop((error.field or "").partition(".")[0], None)
    return row


def _place(schema: Schema, check: Check, raw: Mapping[str, Any]) -> str:
    """Return the field that is marked: the last named of those sent, else of those one could change."""
    own = [name for name in check.names if name in schema]
    open_ = [name for name in own if not schema[name].read_only]
    sent = [name for name in open_ if name in raw]
    return (sent or open_ or own or [""])[-1]
