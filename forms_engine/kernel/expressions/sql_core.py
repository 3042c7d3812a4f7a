"""AST → PostgreSQL, for filters, row conditions and indexes. Only what gives the very same answer as Python.

Left to Python on purpose (NotTranslatable): division and averages (other digits), functions that can fail,
lists, upper and lower case (another table of letters), text formats, moves of moments.
Literals always become parameters. Parts without fields are computed in Python first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.expressions.evaluate import compiled, evaluate
from forms_engine.kernel.expressions.values import Env, FxError
from forms_engine.kernel.text import Text

CASTS = {"number": "numeric", "text": "text", "boolean": "boolean", "date": "date", "datetime": "timestamptz"}

Resolver = Callable[[str], tuple[str, str]]
"""Field name → (SQL expression, quoted; type of the language). Raises NotTranslatable or UnknownField."""


class NotTranslatable(MesError):
    """This part runs in Python only: it cannot be a filter on large lists."""

    code = "formula.not_translatable"

    def __init__(self, what: str) -> None:
        super().__init__(
            Text(
                "“%(what)s” cannot be used as a filter on large lists.",
                "“%(what)s”不能用作大列表的筛选条件。",
                what=what,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class Fragment:
    """A piece of SQL with its parameters in order and its type."""

    sql: str
    params: tuple[Any, ...]
    type: str


def _has_field(ast: list[Any]) -> bool:
    return ast[0] == "field" or any(isinstance(part, list) and _has_field(part) for part in ast[1:])


class Translator:
    """Operators and constants; `sql.py` adds the functions."""

    def __init__(self, resolve: Resolver, env: Env) -> None:
        self.resolve = resolve
        self.env = env
        self.zone = str(getattr(env.zone, "key", None) or "UTC")

    def where(self, ast: list[Any]) -> Fragment:
        """Translate where NULL and FALSE mean the same, so that plain `=`, which indexes know, will do."""
        if ast[0] == "call" and ast[1] in ("AND", "OR"):
            parts = [self.where(side) for side in ast[2:]]
            self.all_of(parts, "boolean", ast[1])
            return self.joined(f" {ast[1]} ", parts, "boolean")
        if ast[0] == "op" and ast[1] == "=":
            left, right = self.translate(ast[2]), self.translate(ast[3])
            literal = [side for side in (left, right) if side.sql.startswith("%s::")]
            if left.type == right.type and len(literal) == 1 and literal[0].params[0] not in (None, ""):
                return self.joined(" = ", [left, right], "boolean")
        return self.translate(ast)

    def translate(self, ast: list[Any]) -> Fragment:
        if not _has_field(ast):
            return self.constant(ast)
        kind = ast[0]
        if kind == "field":
            sql, type_ = self.resolve(ast[1])
            if type_ not in CASTS:
                raise NotTranslatable(ast[1])
            return Fragment(sql, (), type_)
        if kind == "neg":
            inner = self.one(ast[1], "number", "-")
            return Fragment(f"(- {inner.sql})", inner.params, "number")
        if kind == "op":
            return self.operator(ast[1], [self.translate(side) for side in ast[2:]])
        translate = getattr(self, f"call_{ast[1].lower()}", None)
        if translate is None:
            raise NotTranslatable(ast[1])
        fragment: Fragment = translate(ast[2:])
        return fragment

    def constant(self, ast: list[Any]) -> Fragment:
        value = evaluate(compiled(ast), self.env)
        if isinstance(value, FxError):
            raise NotTranslatable(value.code)
        if value is None:
            return Fragment("NULL", (), "null")
        for type_, classes in (
            ("boolean", bool), ("number", Decimal), ("text", str), ("datetime", dt.datetime),
            ("date", dt.date),
        ):  # fmt: skip
            if isinstance(value, classes):
                if type_ == "text" and "\0" in str(value):
                    raise NotTranslatable("NUL")
                return Fragment(f"%s::{CASTS[type_]}", (value,), type_)
        raise NotTranslatable("list")

    def joined(self, sign: str, parts: list[Fragment], type_: str) -> Fragment:
        sql = "(" + sign.join(part.sql for part in parts) + ")"
        return Fragment(sql, tuple(p for part in parts for p in part.params), type_)

    def all_of(self, parts: list[Fragment], type_: str, what: str) -> None:
        for part in parts:
            if part.type not in (type_, "null"):
                raise NotTranslatable(what)

    def one(self, ast: list[Any], type_: str, what: str) -> Fragment:
        fragment = self.translate(ast)
        self.all_of([fragment], type_, what)
        return fragment

    def cast(self, fragment: Fragment, type_: str) -> Fragment:
        """Give a bare NULL a type, so that PostgreSQL finds the operator."""
        if fragment.type == "null":
            return Fragment(f"NULL::{CASTS[type_]}", (), type_)
        return fragment

    def operator(self, sign: str, sides: list[Fragment]) -> Fragment:
        if sign in ("=", "<>"):
            return self.equality(sign, sides)
        if sign in ("<", "<=", ">", ">="):
            return self.order(sign, sides)
        if sign == "&":
            return self.joined(" || ", [self.as_text(side) for side in sides], "text")
        if sign in ("+", "*", "-") and all(side.type in ("number", "null") for side in sides):
            return self.joined(f" {sign} ", [self.cast(side, "number") for side in sides], "number")
        if sign == "-" and [side.type for side in sides] == ["date", "date"]:
            difference = self.joined(" - ", sides, "number")
            return Fragment(f"{difference.sql}::numeric", difference.params, "number")
        raise NotTranslatable(sign)

    def equality(self, sign: str, sides: list[Fragment]) -> Fragment:
        left, right = self.same_kind(sides)
        if left.type != right.type and "null" not in (left.type, right.type):
            raise NotTranslatable(sign)
        parts = []
        for side in (left, right):
            type_ = side.type if side.type != "null" else (right.type if side is left else left.type)
            if type_ == "null":
                parts.append(side)
            elif type_ == "text":
                filled = self.cast(side, "text")
                parts.append(Fragment(f"NULLIF({filled.sql}, '')", filled.params, "text"))
            else:
                parts.append(self.cast(side, type_))
        word = "IS NOT DISTINCT FROM" if sign == "=" else "IS DISTINCT FROM"
        return self.joined(f" {word} ", parts, "boolean")

    def order(self, sign: str, sides: list[Fragment]) -> Fragment:
        left, right = self.same_kind(sides)
        types = {left.type, right.type} - {"null"}
        if len(types) != 1 or types <= {"boolean"}:
            raise NotTranslatable(sign)
        type_ = types.pop()
        parts = [self.cast(left, type_), self.cast(right, type_)]
        if type_ == "text":
            parts[0] = Fragment(f'{parts[0].sql} COLLATE "C"', parts[0].params, "text")
        return self.joined(f" {sign} ", parts, "boolean")

    def same_kind(self, sides: list[Fragment]) -> tuple[Fragment, Fragment]:
        """A moment compared with a day is compared by its day in the plant's zone."""
        types = {side.type for side in sides}
        if types == {"date", "datetime"}:
            sides = [self.as_day(side) for side in sides]
        return sides[0], sides[1]

    def as_day(self, side: Fragment) -> Fragment:
        if side.type != "datetime":
            return side
        return Fragment(f"({side.sql} AT TIME ZONE %s::text)::date", (*side.params, self.zone), "date")

    def as_text(self, side: Fragment) -> Fragment:
        """Write a value as the language does; empty becomes ''."""
        if side.type == "null":
            return Fragment("''", (), "text")
        sql = {
            "text": side.sql,
            "number": f"trim_scale({side.sql})::text",
            "date": f"to_char({side.sql}, 'YYYY-MM-DD')",
            "boolean": f"CASE {side.sql} WHEN TRUE THEN 'TRUE' WHEN FALSE THEN 'FALSE' END",
        }.get(side.type)
        if sql is None:
            raise NotTranslatable("&")
        return Fragment(f"COALESCE({sql}, '')", side.params, "text")

    def literal_whole(self, ast: list[Any], what: str) -> int:
        """Return a literal whole number ≥ 0; other positions and lengths are left to Python."""
        fragment = self.translate(ast)
        value = fragment.params[0] if fragment.sql.startswith("%s::") else None
        if not isinstance(value, Decimal) or not 0 <= value <= 1_000_000:
            raise NotTranslatable(what)
        return int(value)
