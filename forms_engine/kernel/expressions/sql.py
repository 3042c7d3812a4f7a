"""The functions of the formula language in PostgreSQL, and the two entrances: values and conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from forms_engine.kernel.expressions.sql_core import CASTS, Fragment, NotTranslatable, Resolver, Translator
from forms_engine.kernel.expressions.values import Env

__all__ = ["CASTS", "Fragment", "NotTranslatable", "Resolver", "condition_sql", "to_sql"]


def to_sql(ast: list[Any], resolve: Resolver, *, env: Env | None = None) -> Fragment:
    """Translate an expression; NULL and values come out as in Python.

    Args:
        resolve: where fields live.
        env: gives NOW(), TODAY(), USER() and the plant's zone.

    Raises: NotTranslatable.
    """
    return FunctionTranslator(resolve, env or Env({})).translate(ast)


def condition_sql(
    ast: list[Any], resolve: Resolver, *, env: Env | None = None
) -> tuple[str, tuple[Any, ...]]:
    """Translate a condition for a WHERE clause: rows for which it is TRUE; empty counts as no.

    Raises: NotTranslatable, also if the expression is no condition.
    """
    fragment = FunctionTranslator(resolve, env or Env({})).where(ast)
    if fragment.type not in ("boolean", "null"):
        raise NotTranslatable(fragment.type)
    return fragment.sql, fragment.params


class FunctionTranslator(Translator):
    """One method `call_<name>` for each function that gives the same answer in SQL."""

    def call_and(self, arguments: list[Any]) -> Fragment:
        return self.logic(" AND ", arguments)

    def call_or(self, arguments: list[Any]) -> Fragment:
        return self.logic(" OR ", arguments)

    def logic(self, sign: str, arguments: list[Any]) -> Fragment:
        parts = [self.cast(self.one(argument, "boolean", sign.strip()), "boolean") for argument in arguments]
        return self.joined(sign, parts, "boolean")

    def call_not(self, arguments: list[Any]) -> Fragment:
        inner = self.cast(self.one(arguments[0], "boolean", "NOT"), "boolean")
        return Fragment(f"(NOT {inner.sql})", inner.params, "boolean")

    def call_xor(self, arguments: list[Any]) -> Fragment:
        parts = [self.cast(self.one(argument, "boolean", "XOR"), "boolean") for argument in arguments]
        result = parts[0]
        for part in parts[1:]:
            result = self.joined(" <> ", [result, part], "boolean")
        return result

    def call_if(self, arguments: list[Any]) -> Fragment:
        condition = self.cast(self.one(arguments[0], "boolean", "IF"), "boolean")
        results = [self.translate(argument) for argument in arguments[1:]]
        if len(results) == 1:
            results.append(Fragment("NULL", (), "null"))
        return self.case([(condition, results[0])], results[1])

    def call_ifs(self, arguments: list[Any]) -> Fragment:
        pairs = [
            (self.cast(self.one(test, "boolean", "IFS"), "boolean"), self.translate(result))
            for test, result in zip(arguments[::2], arguments[1::2], strict=True)
        ]
        return self.case(pairs, Fragment("NULL", (), "null"))

    def call_switch(self, arguments: list[Any]) -> Fragment:
        subject, rest = arguments[0], list(arguments[1:])
        default = self.translate(rest.pop()) if len(rest) % 2 else Fragment("NULL", (), "null")
        pairs = [
            (self.equality("=", [self.translate(subject), self.translate(wanted)]), self.translate(result))
            for wanted, result in zip(rest[::2], rest[1::2], strict=True)
        ]
        return self.case(pairs, default)

    def case(self, pairs: list[tuple[Fragment, Fragment]], default: Fragment) -> Fragment:
        types = {part.type for part in (*[result for _, result in pairs], default)} - {"null"}
        if len(types) != 1:
            raise NotTranslatable("IF")
        type_ = types.pop()
        sql, params = "CASE", ()  # type: tuple[str, tuple[Any, ...]]
        for condition, result in pairs:
            filled = self.cast(result, type_)
            sql += f" WHEN {condition.sql} THEN {filled.sql}"
            params = (*params, *condition.params, *filled.params)
        last = self.cast(default, type_)
        return Fragment(f"({sql} ELSE {last.sql} END)", (*params, *last.params), type_)

    def call_iferror(self, arguments: list[Any]) -> Fragment:
        """What is translatable cannot fail, so the first argument is the answer."""
        return self.translate(arguments[0])

    def call_isblank(self, arguments: list[Any]) -> Fragment:
        inner = self.translate(arguments[0])
        sql = f"NULLIF({inner.sql}, '')" if inner.type == "text" else inner.sql
        return Fragment(f"({sql} IS NULL)", inner.params, "boolean")

    def numbers(self, arguments: list[Any], what: str) -> list[Fragment]:
        return [self.cast(self.one(argument, "number", what), "number") for argument in arguments]

    def call_sum(self, arguments: list[Any]) -> Fragment:
        parts = [
            Fragment(f"COALESCE({part.sql}, 0)", part.params, "number")
            for part in self.numbers(arguments, "SUM")
        ]
        return self.joined(" + ", parts, "number")

    def call_count(self, arguments: list[Any]) -> Fragment:
        parts = []
        for argument in arguments:
            inner = self.call_isblank([argument])
            parts.append(Fragment(f"(NOT {inner.sql})::int::numeric", inner.params, "number"))
        return self.joined(" + ", parts, "number")

    def call_min(self, arguments: list[Any]) -> Fragment:
        return self.extreme("LEAST", arguments)

    def call_max(self, arguments: list[Any]) -> Fragment:
        return self.extreme("GREATEST", arguments)

    def extreme(self, word: str, arguments: list[Any]) -> Fragment:
        parts = [self.translate(argument) for argument in arguments]
        types = {part.type for part in parts} - {"null"}
        if len(types) != 1 or not types <= {"number", "date", "datetime"}:
            raise NotTranslatable(word)
        type_ = types.pop()
        inner = self.joined(", ", [self.cast(part, type_) for part in parts], type_)
        return Fragment(f"{word}{inner.sql}", inner.params, type_)

    def call_round(self, arguments: list[Any]) -> Fragment:
        value = self.numbers(arguments[:1], "ROUND")[0]
        places = self.literal_whole(arguments[1], "ROUND") if len(arguments) > 1 else 0
        if places > 20:
            raise NotTranslatable("ROUND")
        return Fragment(f"round({value.sql}, {places})", value.params, "number")

    def call_int(self, arguments: list[Any]) -> Fragment:
        value = self.numbers(arguments, "INT")[0]
        return Fragment(f"floor({value.sql})", value.params, "number")

    def call_abs(self, arguments: list[Any]) -> Fragment:
        value = self.numbers(arguments, "ABS")[0]
        return Fragment(f"abs({value.sql})", value.params, "number")

    def literal_step(self, arguments: list[Any], what: str) -> Decimal:
        if len(arguments) < 2:
            return Decimal(1)
        fragment = self.translate(arguments[1])
        value = fragment.params[0] if fragment.sql.startswith("%s::") else None
        if not isinstance(value, Decimal) or value <= 0:
            raise NotTranslatable(what)
        return value

    def remainder(self, value: Fragment, step: Decimal) -> Fragment:
        sql = f"mod(mod({value.sql}, %s::numeric) + %s::numeric, %s::numeric)"
        return Fragment(sql, (*value.params, step, step, step), "number")

    def call_mod(self, arguments: list[Any]) -> Fragment:
        return self.remainder(self.numbers(arguments[:1], "MOD")[0], self.literal_step(arguments, "MOD"))

    def call_floor(self, arguments: list[Any]) -> Fragment:
        value = self.numbers(arguments[:1], "FLOOR")[0]
        rest = self.remainder(value, self.literal_step(arguments, "FLOOR"))
        return self.joined(" - ", [value, rest], "number")

    def call_ceiling(self, arguments: list[Any]) -> Fragment:
        """⌈x⌉ to a step is −⌊−x⌋."""
        value = self.numbers(arguments[:1], "CEILING")[0]
        negative = Fragment(f"(- {value.sql})", value.params, "number")
        rest = self.remainder(negative, self.literal_step(arguments, "CEILING"))
        return self.joined(" + ", [value, rest], "number")

    def texts(self, argument: list[Any], what: str) -> Fragment:
        """Translate a text argument; empty stays empty."""
        fragment = self.translate(argument)
        if fragment.type == "text":
            return fragment
        if fragment.type == "null":
            return self.cast(fragment, "text")
        if fragment.type == "number":
            return Fragment(f"trim_scale({fragment.sql})::text", fragment.params, "text")
        raise NotTranslatable(what)

    def call_concatenate(self, arguments: list[Any]) -> Fragment:
        return self.joined(" || ", [self.as_text(self.translate(a)) for a in arguments], "text")

    def call_left(self, arguments: list[Any]) -> Fragment:
        return self.cut("left", "LEFT", arguments)

    def call_right(self, arguments: list[Any]) -> Fragment:
        return self.cut("right", "RIGHT", arguments)

    def cut(self, word: str, what: str, arguments: list[Any]) -> Fragment:
        value = self.texts(arguments[0], what)
        count = self.literal_whole(arguments[1], what) if len(arguments) > 1 else 1
        return Fragment(f"{word}({value.sql}, {count})", value.params, "text")

    def call_mid(self, arguments: list[Any]) -> Fragment:
        value = self.texts(arguments[0], "MID")
        start, count = (self.literal_whole(argument, "MID") for argument in arguments[1:])
        if start < 1:
            raise NotTranslatable("MID")
        return Fragment(f"substr({value.sql}, {start}, {count})", value.params, "text")

    def call_len(self, arguments: list[Any]) -> Fragment:
        value = self.texts(arguments[0], "LEN")
        return Fragment(f"COALESCE(char_length({value.sql}), 0)::numeric", value.params, "number")

    def call_trim(self, arguments: list[Any]) -> Fragment:
        value = self.texts(arguments[0], "TRIM")
        return Fragment(f"btrim(regexp_replace({value.sql}, ' +', ' ', 'g'), ' ')", value.params, "text")

    def call_exact(self, arguments: list[Any]) -> Fragment:
        left, right = (self.texts(argument, "EXACT") for argument in arguments)
        return self.joined(" = ", [left, right], "boolean")

    def days_argument(self, argument: list[Any], what: str) -> Fragment:
        fragment = self.translate(argument)
        if fragment.type not in ("date", "datetime"):
            raise NotTranslatable(what)
        return self.as_day(fragment)

    def extracted(self, part: str, arguments: list[Any]) -> Fragment:
        day = self.days_argument(arguments[0], part)
        return Fragment(f"EXTRACT({part} FROM {day.sql})::numeric", day.params, "number")

    def call_year(self, arguments: list[Any]) -> Fragment:
        return self.extracted("year", arguments)

    def call_month(self, arguments: list[Any]) -> Fragment:
        return self.extracted("month", arguments)

    def call_day(self, arguments: list[Any]) -> Fragment:
        return self.extracted("day", arguments)

    def call_weekday(self, arguments: list[Any]) -> Fragment:
        return self.extracted("isodow", arguments)

    def call_isoweeknum(self, arguments: list[Any]) -> Fragment:
        return self.extracted("week", arguments)

    def call_days(self, arguments: list[Any]) -> Fragment:
        parts = [self.days_argument(argument, "DAYS") for argument in arguments]
        difference = self.joined(" - ", parts, "number")
        return Fragment(f"{difference.sql}::numeric", difference.params, "number")
