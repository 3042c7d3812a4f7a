"""A formula as the rest of the house uses it: parse once, check, keep as JSON, run, translate."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_engine.kernel.errors import ErrorList
from forms_engine.kernel.expressions.check import check
from forms_engine.kernel.expressions.evaluate import Run, compiled, evaluate
from forms_engine.kernel.expressions.functions import FUNCTIONS
from forms_engine.kernel.expressions.parser import FormulaProblem, parse
from forms_engine.kernel.expressions.sql import Fragment, Resolver, condition_sql, to_sql
from forms_engine.kernel.expressions.values import Env
from forms_engine.kernel.text import Text

VERSION = 1
_VOLATILE = frozenset({"NOW", "TODAY", "USER"})
_LEAVES: dict[str, type] = {"num": str, "str": str, "bool": bool, "field": str}


@dataclass(frozen=True)
class Formula:
    """A checked formula.

    Attributes:
        src: source as the admin wrote it.
        ast: JSON syntax tree, also what the browser evaluates.
        deps: names of the fields it reads, in order.
        type: kind of the result: number, text, boolean, date, datetime, list…, any, null.
    """

    src: str
    ast: list[Any] = field(hash=False)
    deps: tuple[str, ...]
    type: str
    run: Run = field(compare=False, repr=False, hash=False)

    def evaluate(self, env: Env) -> Any:
        """Return the value, None, or an FxError such as #DIV/0!."""
        return evaluate(self.run, env)

    def holds(self, env: Env) -> bool | None:
        """Return TRUE or FALSE of a condition; None if it is empty, an error, or no condition."""
        value = evaluate(self.run, env)
        return value if isinstance(value, bool) else None

    def sql(self, resolve: Resolver, *, env: Env | None = None) -> Fragment:
        """Translate to SQL. Raises NotTranslatable."""
        return to_sql(self.ast, resolve, env=env)

    def where(self, resolve: Resolver, *, env: Env | None = None) -> tuple[str, tuple[Any, ...]]:
        """Translate a condition to (WHERE clause, parameters). Raises NotTranslatable."""
        return condition_sql(self.ast, resolve, env=env)

    @property
    def is_volatile(self) -> bool:
        """Whether the result changes by itself, with the time or the reader."""
        return _calls(self.ast, _VOLATILE)

    def dump(self) -> dict[str, Any]:
        return {"src": self.src, "ast": self.ast, "deps": list(self.deps), "type": self.type, "v": VERSION}


def formula(source: str, types: Mapping[str, str], *, wanted: str | None = None) -> Formula:
    """Parse and check a formula.

    Args:
        types: field name → type of the language ("list:number" for sub-table columns).
        wanted: type the result must have; "boolean" for conditions.

    Raises: FormulaProblem with the position; ErrorList if several things do not fit.
    """
    parsed = parse(source)
    kind, problems = check(parsed, types, wanted=wanted)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ErrorList(problems, Text("The formula has mistakes.", "公式有误。"))
    return Formula(source, parsed.ast, parsed.fields, kind, compiled(parsed.ast))


@functools.lru_cache(maxsize=2048)
def formula_loose(source: str) -> Formula:
    """Parse a formula without knowing the fields' types (conditions of packages and flows); cached.

    Raises: FormulaProblem.
    """
    parsed = parse(source)
    return Formula(source, parsed.ast, parsed.fields, "any", compiled(parsed.ast))


def formula_load(data: Mapping[str, Any]) -> Formula:
    """Read the JSON of `Formula.dump`. The AST is checked node by node: it may come from a package.

    Raises: FormulaProblem with code formula.malformed.
    """
    ast = data.get("ast")
    fields: dict[str, None] = {}
    if not isinstance(ast, list):
        raise _malformed()
    _ast_check(ast, fields)
    kind = str(data.get("type", "any"))
    return Formula(str(data.get("src", "")), ast, tuple(fields), kind, compiled(ast))


def holds(source: str, values: Mapping[str, Any], **env: Any) -> bool | None:
    """Evaluate a condition given as source over values: TRUE, FALSE, or None for empty or error.

    Raises: FormulaProblem if it cannot be parsed.
    """
    return formula_loose(source).holds(Env(values, **env))


def _calls(ast: list[Any], names: frozenset[str]) -> bool:
    return (ast[0] == "call" and ast[1] in names) or any(
        isinstance(part, list) and _calls(part, names) for part in ast[1:]
    )


def _ast_check(ast: Any, fields: dict[str, None], depth: int = 0) -> None:
    if not isinstance(ast, list) or not ast or not isinstance(ast[0], str) or depth > 60:
        raise _malformed()
    kind: str = ast[0]
    parts: list[Any] = ast[1:]
    if kind in _LEAVES:
        is_leaf = len(parts) == 1 and type(parts[0]) is _LEAVES[kind]
        if not is_leaf:
            raise _malformed()
        if kind == "num" and parse(parts[0]).ast != ["num", parts[0]]:
            raise _malformed()
        if kind == "field":
            fields[parts[0]] = None
        return
    if kind == "null" and not parts:
        return
    if kind == "neg" and len(parts) == 1:
        _ast_check(parts[0], fields, depth + 1)
        return
    name, *sides = parts or [None]
    if not isinstance(name, str):
        raise _malformed()
    sound = (
        kind == "op"
        and name in ("+", "-", "*", "/", "^", "&", "=", "<>", "<", "<=", ">", ">=")
        and (len(sides) == 2 or (len(sides) > 2 and name in "+*&"))
    ) or (kind == "call" and name in FUNCTIONS and FUNCTIONS[name].takes(len(sides)))
    if not sound:
        raise _malformed()
    for side in sides:
        _ast_check(side, fields, depth + 1)


def _malformed() -> FormulaProblem:
    return FormulaProblem(0, "The stored formula is damaged.", "存储的公式已损坏。", code="formula.malformed")
