"""Functions over lists: a column of a sub-table, or several values. Empty entries are skipped."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from forms_engine.kernel.expressions.values import (
    CONTEXT,
    MAX_ITEMS,
    Env,
    div_error,
    equal,
    less,
    number_checked,
    text,
    text_joined,
    value_error,
)

_CRITERION = re.compile(r"(<>|<=|>=|=|<|>)(.*)\Z", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})\Z", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)


def _filled(values: tuple[Any, ...]) -> Iterator[Any]:
    """Give the entries that are not empty."""
    for value in values:
        if isinstance(value, list):
            for item in value:
                if item is not None and item != "":
                    yield item
        elif value is not None and value != "":
            yield value


def _numbers(values: tuple[Any, ...]) -> list[Decimal]:
    found = list(_filled(values))
    if any(type(value) is not Decimal for value in found):
        raise value_error()
    return found


def is_blank(env: Env, value: Any) -> bool:
    return value is None or value == "" or value == []


def sum_(env: Env, *values: Any) -> Decimal:
    total = Decimal(0)
    for value in _numbers(values):
        total = number_checked(CONTEXT.add(total, value))
    return total


def average(env: Env, *values: Any) -> Decimal:
    found = _numbers(values)
    if not found:
        raise div_error()
    return number_checked(CONTEXT.divide(sum_(env, found), Decimal(len(found))))


def count(env: Env, *values: Any) -> Decimal:
    """Count entries that are filled in, of any kind."""
    return Decimal(sum(1 for _ in _filled(values)))


def _extreme(env: Env, values: tuple[Any, ...], largest: bool) -> Any:
    best: Any = None
    for value in _filled(values):
        if type(value) is not Decimal and not isinstance(value, dt.date):
            raise value_error()
        if best is None:
            best = value
            continue
        if type(value) is not type(best):
            raise value_error()
        below = less(best, value, env) if largest else less(value, best, env)
        if below:
            best = value
    return best


def min_(env: Env, *values: Any) -> Any:
    """Smallest number or earliest day; empty if there is none."""
    return _extreme(env, values, largest=False)


def max_(env: Env, *values: Any) -> Any:
    """Largest number or latest day; empty if there is none."""
    return _extreme(env, values, largest=True)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _meets(value: Any, sign: str, wanted: Any, env: Env) -> bool:
    if sign in ("=", "<>"):
        return equal(value, wanted, env) is (sign == "=")
    if value is None or wanted is None or type(value) is not type(wanted) or isinstance(value, bool):
        return False
    if sign == "<":
        return bool(less(value, wanted, env))
    if sign == ">":
        return bool(less(wanted, value, env))
    if sign == "<=":
        return not less(wanted, value, env)
    return not less(value, wanted, env)


def _criterion(wanted: Any) -> tuple[str, Any]:
    """Read a criterion as Excel writes it: a value, or text such as `>5`, `<>open`, `>=2026-11-01`."""
    if not isinstance(wanted, str):
        return "=", wanted
    match = _CRITERION.match(wanted)
    sign, rest = (match[1], match[2]) if match else ("=", wanted)
    stripped = rest.strip(" \t\r\n")
    if match or _NUMBER.match(stripped):
        if _NUMBER.match(stripped):
            return sign, Decimal(stripped)
        day = _DAY.match(stripped)
        if day:
            try:
                return sign, dt.date(int(day[1]), int(day[2]), int(day[3]))
            except ValueError:
                return sign, rest
    return sign, rest


def count_if(env: Env, values: Any, wanted: Any) -> Decimal:
    if isinstance(wanted, list):
        raise value_error()
    sign, right = _criterion(wanted)
    return Decimal(sum(1 for value in _as_list(values) if _meets(value, sign, right, env)))


def sum_if(env: Env, values: Any, wanted: Any, amounts: Any = None) -> Decimal:
    """Add up the amounts (default: the values themselves) of the entries that meet the criterion."""
    if isinstance(wanted, list):
        raise value_error()
    tested = _as_list(values)
    added = tested if amounts is None else _as_list(amounts)
    if len(added) != len(tested):
        raise value_error()
    sign, right = _criterion(wanted)
    return sum_(env, [b for a, b in zip(tested, added, strict=True) if _meets(a, sign, right, env)])


def sum_product(env: Env, *columns: Any) -> Decimal:
    """Multiply lists row by row and add up; a row with an empty entry counts nothing."""
    rows = [_as_list(column) for column in columns]
    if len({len(row) for row in rows}) != 1:
        raise value_error()
    total = Decimal(0)
    for entries in zip(*rows, strict=True):
        if any(entry is not None and type(entry) is not Decimal for entry in entries):
            raise value_error()
        if None in entries:
            continue
        product = Decimal(1)
        for entry in entries:
            product = number_checked(CONTEXT.multiply(product, entry))
        total = number_checked(CONTEXT.add(total, product))
    return total


def join(env: Env, values: Any, separator: str | None) -> str:
    """Put a list together with a separator; empty entries are left out."""
    return text_joined(separator or "", [text(value) for value in _filled((values,))])


def split(env: Env, words: str, separator: str) -> list[str]:
    if not separator:
        raise value_error()
    parts = words.split(separator)
    if len(parts) > MAX_ITEMS:
        raise value_error()
    return parts
