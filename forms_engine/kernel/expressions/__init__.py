"""One formula language: source, AST, types, Python, SQL; the browser's is `static/js/lib/fx.js`."""

from forms_engine.kernel.expressions.formula import (
    Formula,
    formula,
    formula_load,
    formula_loose,
    holds,
)
from forms_engine.kernel.expressions.parser import FormulaProblem, parse
from forms_engine.kernel.expressions.sql import Fragment, NotTranslatable, condition_sql, to_sql
from forms_engine.kernel.expressions.values import Env, FxError

__all__ = [
    "Env",
    "Formula",
    "FormulaProblem",
    "Fragment",
    "FxError",
    "NotTranslatable",
    "condition_sql",
    "formula",
    "formula_load",
    "formula_loose",
    "holds",
    "parse",
    "to_sql",
]
