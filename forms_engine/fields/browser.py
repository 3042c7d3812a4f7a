"""What a page needs to follow a schema's formulas and conditions while somebody types: trees, not source.

`static/js/lib/fx_sheet.js` runs it. The server computes everything again when saving; the page only helps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.fields.base import CleanContext, type_of
from forms_engine.fields.clean import formula_types, formulas_in_order
from forms_engine.kernel.expressions import formula_loose
from forms_engine.kernel.quantity import DECIMALS
from forms_engine.kernel.schema import Schema


def sheet_data(schema: Schema, ctx: CleanContext) -> dict[str, Any]:
    """Return JSON data for `sheet()` of the browser: kinds, computed fields in order, conditions, rules.

    NOW(), TODAY() and USER() are those of `ctx`, so that the page and the server agree.
    """
    visible = _trees(schema, "visible_when")
    for section in schema.sections:
        if section.visible_when:
            for name in section.fields:
                visible.setdefault(name, formula_loose(section.visible_when).ast)
    return {
        "kinds": formula_types(schema),
        "formulas": [
            {
                "name": spec.name,
                "ast": formula_loose(str(spec.option("formula"))).ast,
                "kind": type_of(spec).fx_type_of(spec),
                "decimals": int(spec.option("decimals", DECIMALS)),
            }
            for spec in formulas_in_order(schema)
        ],
        "visible": visible,
        "required": _trees(schema, "required_when"),
        "readOnly": _trees(schema, "read_only_when"),
        "rules": [
            {
                "ast": formula_loose(rule.must).ast,
                "field": rule.field,
                "code": rule.code,
                "message": rule.message.dump(),
            }
            for rule in schema.rules
        ],
        "now": int(ctx.now.timestamp() * 1000),
        "user": ctx.user,
        "zone": str(getattr(ctx.zone, "key", "UTC")),
    }


def is_lively(data: Mapping[str, Any]) -> bool:
    """Say whether a page has anything to follow; plain forms need no script."""
    return any(data[part] for part in ("formulas", "visible", "required", "readOnly", "rules"))


def _trees(schema: Schema, attribute: str) -> dict[str, Any]:
    sources = ((spec.name, getattr(spec, attribute)) for spec in schema)
    return {name: formula_loose(source).ast for name, source in sources if source}
