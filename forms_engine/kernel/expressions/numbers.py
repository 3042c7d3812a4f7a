"""Functions over numbers and booleans. Exact remainders first, one rounding to 34 figures at the end."""

from __future__ import annotations

import decimal
import re
from decimal import Decimal

from forms_engine.kernel.expressions.values import (
    CONTEXT,
    WIDE,
    Env,
    div_error,
    num_error,
    number_checked,
    value_error,
    whole,
)

_VALUE = re.compile(
    r"[ \t\r\n]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?[ \t\r\n]*%?[ \t\r\n]*\Z", re.ASCII
)


def not_(env: Env, value: bool) -> bool:
    return not value


def xor(env: Env, *values: bool) -> bool:
    return sum(values) % 2 == 1


def round_(env: Env, value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    """Round half away from zero, as Excel and PostgreSQL do."""
    return _rounded(value, places, decimal.ROUND_HALF_UP)


def round_up(env: Env, value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return _rounded(value, places, decimal.ROUND_UP)


def round_down(env: Env, value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    return _rounded(value, places, decimal.ROUND_DOWN)


def _rounded(value: Decimal, places: Decimal, mode: str) -> Decimal:
    count = whole(places)
    if not -30 <= count <= 30:
        raise num_error()
    return number_checked(CONTEXT.plus(value.quantize(Decimal(1).scaleb(-count), mode, WIDE)))


def int_(env: Env, value: Decimal) -> Decimal:
    return number_checked(value.to_integral_value(decimal.ROUND_FLOOR, WIDE))


def abs_(env: Env, value: Decimal) -> Decimal:
    return value.copy_abs()


def _remainder(value: Decimal, divisor: Decimal) -> Decimal:
    """Return value − divisor × ⌊value ÷ divisor⌋ exactly; the sign is the divisor's."""
    rest = WIDE.remainder(value, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = WIDE.add(rest, divisor)
    return rest


def mod(env: Env, value: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise div_error()
    return number_checked(CONTEXT.plus(_remainder(value, divisor)))


def floor(env: Env, value: Decimal, step: Decimal = Decimal(1)) -> Decimal:
    """Return the largest multiple of a step > 0 that is not above the value."""
    if step <= 0:
        raise num_error()
    return number_checked(CONTEXT.plus(WIDE.subtract(value, _remainder(value, step))))


def ceiling(env: Env, value: Decimal, step: Decimal = Decimal(1)) -> Decimal:
    """Return the smallest multiple of a step > 0 that is not below the value (full containers)."""
    if step <= 0:
        raise num_error()
    rest = _remainder(value, step)
    whole_steps = WIDE.subtract(value, rest)
    return number_checked(CONTEXT.plus(WIDE.add(whole_steps, step) if rest else whole_steps))


def value(env: Env, words: str) -> Decimal:
    """Read text as a number: `12.5`, `5%`; no thousands separators."""
    if len(words) > 100 or not _VALUE.match(words):
        raise value_error()
    figure = words.strip().removesuffix("%").strip()
    number = CONTEXT.create_decimal(figure)
    if number and number.is_finite() and not -1000 < number.adjusted() < 1000:
        raise num_error()
    if words.rstrip().endswith("%"):
        number = CONTEXT.multiply(number, Decimal("0.01"))
    return number_checked(number)
