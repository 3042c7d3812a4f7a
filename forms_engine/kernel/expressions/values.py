"""Values of the formula language and what operators do with them.

Numbers are Decimals of 34 figures; text, TRUE/FALSE, days (`date`), moments (UTC, whole milliseconds),
lists of these from sub-tables, and empty (None). `static/js/lib/fx.js` does exactly the same with decimal.js.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MAX_TEXT = 1_000_000
MAX_ITEMS = 10_000
MAX_WORK = 100_000
"""Entries of sub-tables one formula may go through, however often it names them."""
MAX_POWER = 64
BIGGEST = 28
"""Numbers of 10^28 and more are #NUM!, as are those below 10^-40."""
SMALLEST = -40

CONTEXT = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, traps=[])
WIDE = decimal.Context(prec=100, rounding=decimal.ROUND_HALF_EVEN, traps=[])
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DAY_MS = 86_400_000


class FxError(Exception):
    """A formula's own error: #DIV/0!, #VALUE!, #NUM!. IFERROR catches it; callers get it as result."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FxError) and other.code == self.code

    def __hash__(self) -> int:
        return hash(self.code)


def value_error() -> FxError:
    return FxError("#VALUE!")


def num_error() -> FxError:
    return FxError("#NUM!")


def div_error() -> FxError:
    return FxError("#DIV/0!")


@dataclass
class Env:
    """What a formula sees: field values by name, and the moment, user and zone of this transaction."""

    values: Mapping[str, Any]
    now: dt.datetime = EPOCH
    user: str = ""
    zone: dt.tzinfo = dt.UTC
    items: int = 0
    """List entries this evaluation has looked at; bounded by MAX_WORK."""


def fx_value(value: Any) -> Any:
    """Turn a field's value into one of the language; what it does not know becomes text."""
    kind = type(value)
    if value is None or kind is Decimal or kind is str or kind is bool:
        return value
    if kind is int:
        return Decimal(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise value_error()
        utc = value.astimezone(dt.UTC)
        return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
    if isinstance(value, dt.date):
        return value
    if isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS:
            raise num_error()
        return [fx_value(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping) and "id" in value:
        return str(value["id"])
    return str(value)


def number_checked(value: Decimal) -> Decimal:
    """Refuse numbers outside the language's range. Raises FxError #NUM!."""
    if not value:
        return Decimal(0)
    if not value.is_finite() or not SMALLEST <= value.adjusted() < BIGGEST:
        raise num_error()
    return value


def number(value: Any) -> Decimal:
    """Require a number. Raises FxError #VALUE!."""
    if type(value) is Decimal:
        return value
    raise value_error()


def whole(value: Any) -> int:
    """Require a number and cut its decimals, as Excel does for positions and lengths."""
    figure = number(value)
    if abs(figure) >= 10**9:
        raise num_error()
    return int(figure)


def text(value: Any) -> str:
    """Turn a single value into text: numbers plain, days ISO, moments ISO in UTC, TRUE and FALSE."""
    kind = type(value)
    if kind is str:
        return str(value)
    if value is None:
        return ""
    if kind is Decimal:
        words = format(value, "f")
        if "." in words:
            words = words.rstrip("0").rstrip(".")
        return "0" if words in ("-0", "") else words
    if kind is bool:
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if isinstance(value, dt.date):
        return value.isoformat()
    raise value_error()


def text_checked(value: str) -> str:
    """Refuse text longer than a million characters."""
    if len(value) > MAX_TEXT:
        raise value_error()
    return value


def boolean(value: Any) -> bool | None:
    """Require TRUE, FALSE or empty."""
    if value is None or value is True or value is False:
        return value
    raise value_error()


def day_of(value: Any, env: Env) -> dt.date:
    """Return the calendar day of a day or a moment (in the plant's zone)."""
    if isinstance(value, dt.datetime):
        return value.astimezone(env.zone).date()
    if isinstance(value, dt.date):
        return value
    raise value_error()


def milliseconds(moment: dt.datetime) -> int:
    """Return milliseconds since 1970."""
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def day_made(ordinal_of_1970: int) -> dt.date:
    """Return the day so many days after 1970-01-01. Raises FxError #NUM! outside 1900 to 2999."""
    if not -25567 <= ordinal_of_1970 <= 376199:
        raise num_error()
    return dt.date(1970, 1, 1) + dt.timedelta(days=ordinal_of_1970)


def moment_made(ms: int) -> dt.datetime:
    """Return the moment so many milliseconds after 1970. Raises FxError #NUM! outside 1900 to 2999."""
    if not -25567 * DAY_MS <= ms < 376200 * DAY_MS:
        raise num_error()
    return EPOCH + dt.timedelta(milliseconds=ms)


def days_since_1970(day: dt.date) -> int:
    return day.toordinal() - 719_163


def add(a: Any, b: Any) -> Any:
    """a + b: numbers, or days added to a day or a moment."""
    if a is None or b is None:
        _arithmetic_kind(a)
        _arithmetic_kind(b)
        return None
    if type(a) is Decimal and type(b) is Decimal:
        return number_checked(CONTEXT.add(a, b))
    if isinstance(a, dt.date) and type(b) is Decimal:
        return _shift(a, b)
    if type(a) is Decimal and isinstance(b, dt.date):
        return _shift(b, a)
    raise value_error()


def subtract(a: Any, b: Any) -> Any:
    """a − b: numbers, days off a day or a moment, or the days between two of them."""
    if a is None or b is None:
        _arithmetic_kind(a)
        _arithmetic_kind(b)
        return None
    if type(a) is Decimal and type(b) is Decimal:
        return number_checked(CONTEXT.subtract(a, b))
    if isinstance(a, dt.date):
        if type(b) is Decimal:
            return _shift(a, CONTEXT.minus(b))
        if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):
            return number_checked(CONTEXT.divide(Decimal(milliseconds(a) - milliseconds(b)), Decimal(DAY_MS)))
        if type(a) is dt.date and type(b) is dt.date:
            return Decimal((a - b).days)
    raise value_error()


def multiply(a: Any, b: Any) -> Any:
    """a × b of numbers."""
    if type(a) is Decimal and type(b) is Decimal:
        return number_checked(CONTEXT.multiply(a, b))
    return _empty_or_wrong(a, b)


def divide(a: Any, b: Any) -> Any:
    """a ÷ b of numbers; by zero #DIV/0!."""
    if type(a) is Decimal and type(b) is Decimal:
        if not b:
            raise div_error()
        return number_checked(CONTEXT.divide(a, b))
    return _empty_or_wrong(a, b)


def power(a: Any, b: Any) -> Any:
    """a to a whole power of at most 64, by squaring, each product rounded to 34 figures on every platform."""
    if type(a) is not Decimal or type(b) is not Decimal:
        return _empty_or_wrong(a, b)
    if b != b.to_integral_value() or abs(b) > MAX_POWER:
        raise num_error()
    exponent = int(b)
    if not a:
        if exponent < 0:
            raise div_error()
        if exponent == 0:
            raise num_error()
    result, base, left = Decimal(1), a, abs(exponent)
    while left:
        if left & 1:
            result = number_checked(CONTEXT.multiply(result, base))
        left >>= 1
        if left:
            base = number_checked(CONTEXT.multiply(base, base))
    return number_checked(CONTEXT.divide(Decimal(1), result)) if exponent < 0 else result


def negate(a: Any) -> Any:
    """−a of a number."""
    if a is None:
        return None
    return number_checked(CONTEXT.minus(number(a)))


def equal(a: Any, b: Any, env: Env) -> bool:
    """a = b; empty equals empty and empty text, values of different kinds differ."""
    if a == "":
        a = None
    if b == "":
        b = None
    if a is None or b is None:
        return a is b
    if isinstance(a, list) or isinstance(b, list):
        raise value_error()
    if isinstance(a, dt.date) and isinstance(b, dt.date) and type(a) is not type(b):
        return day_of(a, env) == day_of(b, env)
    if type(a) is not type(b):
        return False
    return bool(a == b)


def less(a: Any, b: Any, env: Env) -> bool | None:
    """a < b of two numbers, two texts (by code point), or days and moments; empty if either is."""
    if a is None or b is None:
        for side in (a, b):
            if isinstance(side, bool | list):
                raise value_error()
        return None
    if isinstance(a, dt.date) and isinstance(b, dt.date):
        return bool(a < b) if type(a) is type(b) else day_of(a, env) < day_of(b, env)
    if type(a) is not type(b) or not isinstance(a, Decimal | str):
        raise value_error()
    return bool(a < b)


def join_texts(parts: list[Any]) -> str:
    """Put values together as text; empty is nothing."""
    return text_joined("", [text(part) for part in parts])


def text_joined(separator: str, parts: list[str]) -> str:
    """Join texts, refusing before the memory is taken if the result were too long."""
    if sum(map(len, parts)) + len(separator) * max(len(parts) - 1, 0) > MAX_TEXT:
        raise value_error()
    return separator.join(parts)


def _shift(day: dt.date, days: Decimal) -> dt.date:
    if isinstance(day, dt.datetime):
        ms = WIDE.multiply(days, Decimal(DAY_MS)).to_integral_value(decimal.ROUND_HALF_EVEN)
        return moment_made(milliseconds(day) + _bounded(ms))
    if days != days.to_integral_value():
        raise value_error()
    return day_made(days_since_1970(day) + _bounded(days))


def _bounded(value: Decimal) -> int:
    if abs(value) >= 10**15:
        raise num_error()
    return int(value)


def _arithmetic_kind(value: Any) -> None:
    if isinstance(value, str | bool | list):
        raise value_error()


def _empty_or_wrong(a: Any, b: Any) -> None:
    if (a is None or type(a) is Decimal) and (b is None or type(b) is Decimal):
        return None
    raise value_error()
