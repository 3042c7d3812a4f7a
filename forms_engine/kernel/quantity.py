"""Exact amounts: numbers as people type them, quantities with a unit, no silent rounding."""

from __future__ import annotations

import decimal
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text

DECIMALS = 6
"""Places after the point that the database keeps (`numeric(18,6)`)."""
DIGITS = 18
STEP = Decimal(1).scaleb(-DECIMALS)
EXACT = decimal.Context(prec=60, traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow])
"""Wide enough that sums and products of stored numbers are never rounded."""

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋，", "0123456789.-+,")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_INFINITE = re.compile(r"[+-]?(inf|infinity)\Z", re.IGNORECASE)


class BadNumber(MesError):
    """The text is not a number."""

    code = "number.format"


class NumberOutOfRange(MesError):
    """Infinite, or with more digits than are stored."""

    code = "number.range"


class TooManyDecimals(MesError):
    """More places after the point than are kept; it is refused rather than rounded."""

    code = "number.scale"


class UnitMismatch(MesError):
    """Two quantities of different units cannot be added or compared."""

    code = "quantity.unit_mismatch"


class InexactConversion(MesError):
    """The converted amount does not fit the kept decimals exactly."""

    code = "quantity.inexact"


def number_parse(raw: object, *, digits: int = DIGITS, decimals: int = DECIMALS) -> Decimal:
    """Read a number as typed, imported or sent, exactly.

    Full-width digits and blanks around are accepted. A comma is refused, never guessed at: `1.234,56` and
    `1,234.56` mean different numbers in different countries. A float is read by its shortest text, as Excel
    shows it.

    Args:
        raw: text, int, Decimal or float (not bool).
        digits: significant digits kept in all; `digits - decimals` of them before the point.
        decimals: places after the point.

    Returns: a plain Decimal without exponent, minus zero as zero, trailing zeros of the input dropped.
    Raises:
        BadNumber: no number, NaN among them.
        NumberOutOfRange: infinite, or too big.
        TooManyDecimals: would have to be rounded.
    """
    if type(raw) is Decimal:
        value = raw
    elif type(raw) is int:
        if raw.bit_length() > 256:
            raise _out_of_range(digits, decimals)
        value = Decimal(raw)
    elif type(raw) is float:
        value = Decimal(repr(raw))
    elif isinstance(raw, str):
        value = _from_text(raw, digits, decimals)
    else:
        raise BadNumber(Text("Please enter a number.", "请输入数字。"))
    if value.is_nan():
        raise _no_number(str(raw))
    if not value.is_finite():
        raise _out_of_range(digits, decimals)
    if not value:
        return Decimal(0)
    return number_fit(value, digits=digits, decimals=decimals)


def number_fit(value: Decimal, *, digits: int = DIGITS, decimals: int = DECIMALS) -> Decimal:
    """Check that a finite number fits the column exactly and return it without exponent and idle zeros.

    Raises: NumberOutOfRange, TooManyDecimals.
    """
    if value.adjusted() >= digits - decimals:
        raise _out_of_range(digits, decimals)
    _, figures, exponent = value.as_tuple()
    places = -int(exponent)
    for figure in reversed(figures):
        if figure or places <= 0:
            break
        places -= 1
    if places > decimals:
        raise TooManyDecimals(
            Text("At most %(n)s decimal places.", "最多 %(n)s 位小数。", n=decimals),
            params={"decimals": decimals},
        )
    return value.quantize(Decimal(1).scaleb(-max(places, 0)), context=EXACT)


def _from_text(raw: str, digits: int, decimals: int) -> Decimal:
    text = raw.strip().translate(_FULL_WIDTH)
    if len(text) > 64:
        raise _out_of_range(digits, decimals)
    if _PLAIN.match(text):
        return Decimal(text)
    if _INFINITE.match(text):
        raise _out_of_range(digits, decimals)
    if "," in text and any(c.isdigit() for c in text):
        raise BadNumber(
            Text(
                "Write the number without thousands separators and with a point: 1234.56.",
                "请不要使用千分位分隔符，小数点用“.”：1234.56。",
            )
        )
    raise _no_number(text)


def _no_number(text: str) -> BadNumber:
    return BadNumber(Text("“%(text)s” is not a number.", "“%(text)s”不是数字。", text=text[:40]))


def _out_of_range(digits: int, decimals: int) -> NumberOutOfRange:
    return NumberOutOfRange(
        Text(
            "The number is too large: at most %(n)s digits before the point.",
            "数字过大：整数部分最多 %(n)s 位。",
            n=digits - decimals,
        ),
        params={"digits": digits - decimals},
    )


def number_text(value: Decimal) -> str:
    """Write a number plainly: no exponent, no idle zeros, no minus zero. `Decimal("1.500")` → `1.5`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount of a unit, e.g. 40 PCE. Adds, subtracts and compares with its own unit only."""

    value: Decimal
    unit: str

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            object.__setattr__(self, "value", number_parse(self.value))
        if not self.value.is_finite():
            raise _out_of_range(DIGITS, DECIMALS)

    def _same(self, other: Quantity) -> Decimal:
        if other.unit != self.unit:
            raise UnitMismatch(
                Text(
                    "%(a)s and %(b)s are different units.",
                    "单位 %(a)s 与 %(b)s 不同。",
                    a=self.unit,
                    b=other.unit,
                )
            )
        return other.value

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(EXACT.add(self.value, self._same(other)), self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(EXACT.subtract(self.value, self._same(other)), self.unit)

    def __mul__(self, factor: Decimal | int) -> Quantity:
        return Quantity(EXACT.multiply(self.value, Decimal(factor)), self.unit)

    def __neg__(self) -> Quantity:
        return Quantity(EXACT.minus(self.value), self.unit)

    def __lt__(self, other: Quantity) -> bool:
        return self.value < self._same(other)

    def __le__(self, other: Quantity) -> bool:
        return self.value <= self._same(other)

    def __gt__(self, other: Quantity) -> bool:
        return self.value > self._same(other)

    def __ge__(self, other: Quantity) -> bool:
        return self.value >= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __str__(self) -> str:
        return f"{number_text(self.value)} {self.unit}".rstrip()

    def converted(self, unit: str, ratio: Fraction | tuple[int, int]) -> Quantity:
        """Return the same amount in another unit: value × numerator / denominator, exactly.

        Args:
            unit: the unit to come out.
            ratio: new units per old unit as an exact fraction > 0, e.g. (1000, 1) from kg to g.

        Raises: InexactConversion if the result needs more than six decimals (100 g of a 3-per-kg part).
        """
        return Quantity(value_convert(self.value, ratio, unit=unit), unit)


def value_convert(value: Decimal, ratio: Fraction | tuple[int, int], *, unit: str = "") -> Decimal:
    """Multiply by an exact fraction; the result fits six decimals exactly or is refused.

    Raises: ValueError for a ratio ≤ 0; InexactConversion; NumberOutOfRange.
    """
    fraction = ratio if isinstance(ratio, Fraction) else Fraction(*ratio)
    if fraction <= 0:
        raise ValueError("a conversion ratio is greater than zero")
    exact = Fraction(value) * fraction
    scaled = exact * 10**DECIMALS
    if scaled.denominator != 1:
        raise InexactConversion(
            Text(
                "%(value)s cannot be converted to %(unit)s exactly; choose another quantity or unit.",
                "%(value)s 无法精确换算为 %(unit)s，请更换数量或单位。",
                value=number_text(value),
                unit=unit,
            )
        )
    return number_fit(Decimal(scaled.numerator).scaleb(-DECIMALS, context=EXACT))


def allocate(total: Decimal, weights: Sequence[Decimal], *, step: Decimal = STEP) -> list[Decimal]:
    """Split a total along weights; the rounded parts sum to it (largest remainder, ties earlier first).

    Args:
        total: a whole number of steps.
        weights: each ≥ 0, at least one > 0.
        step: smallest part, > 0.

    Raises: ValueError for a weight below zero, no weight at all, or a total off the step.
    """
    if not weights or any(w < 0 for w in weights) or not any(weights):
        raise ValueError("weights must be >= 0 and not all zero")
    if step <= 0 or EXACT.remainder(total, step):
        raise ValueError(f"{total} is not a whole number of {step}")
    steps = int(EXACT.divide(total, step))
    whole = sum((Fraction(w) for w in weights), Fraction(0))
    shares = [Fraction(abs(steps)) * Fraction(w) / whole for w in weights]
    parts = [int(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (parts[i] - shares[i], i))
    for i in order[: abs(steps) - sum(parts)]:
        parts[i] += 1
    sign = -1 if steps < 0 else 1
    return [EXACT.multiply(Decimal(sign * part), step) for part in parts]
