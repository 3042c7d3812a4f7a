"""Functions over text, counted in characters (code points)."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from decimal import Decimal
from typing import Any

from forms_engine.kernel.expressions.values import (
    WIDE,
    Env,
    join_texts,
    text,
    text_checked,
    value_error,
    whole,
)

_NUMBER_FORMAT = re.compile(r"(#,##)?0(\.0{1,20})?(%)?\Z", re.ASCII)
_DATE_PART = re.compile(r"yyyy|yy|mm|m|dd|d|hh|h|ss", re.IGNORECASE)


def concatenate(env: Env, *values: Any) -> str:
    return join_texts(list(values))


def _count(value: Decimal) -> int:
    count = whole(value)
    if count < 0:
        raise value_error()
    return count


def left(env: Env, words: str, count: Decimal = Decimal(1)) -> str:
    return words[: _count(count)]


def right(env: Env, words: str, count: Decimal = Decimal(1)) -> str:
    taken = _count(count)
    return words[-taken:] if taken else ""


def mid(env: Env, words: str, start: Decimal, count: Decimal) -> str:
    """Return `count` characters from position `start`, counted from 1."""
    first = _count(start)
    if first < 1:
        raise value_error()
    return words[first - 1 : first - 1 + _count(count)]


def len_(env: Env, words: str | None) -> Decimal:
    return Decimal(len(words or ""))


def trim(env: Env, words: str) -> str:
    """Drop blanks around and make runs of blanks inside one, as Excel does; other white space stays."""
    return " ".join(part for part in words.split(" ") if part)


def upper(env: Env, words: str) -> str:
    return text_checked(words.upper())


def lower(env: Env, words: str) -> str:
    return text_checked(words.lower())


def search(env: Env, wanted: str, words: str, start: Decimal = Decimal(1)) -> Decimal:
    """Return the position (from 1) of text inside text, ignoring case. Raises FxError #VALUE! if absent."""
    first = _count(start)
    if first < 1:
        raise value_error()
    found = words.lower().find(wanted.lower(), first - 1)
    if found < 0:
        raise value_error()
    return Decimal(found + 1)


def replace(env: Env, words: str, start: Decimal, count: Decimal, new: str) -> str:
    first = _count(start)
    if first < 1:
        raise value_error()
    return text_checked(words[: first - 1] + new + words[first - 1 + _count(count) :])


def substitute(env: Env, words: str | None, old: str | None, new: str | None) -> str | None:
    """Replace every occurrence of a text."""
    if words is None or not old:
        return words
    count = words.count(old)
    text_size = len(words) + count * (len(new or "") - len(old))
    if text_size > 1_000_000:
        raise value_error()
    return words.replace(old, new or "")


def exact(env: Env, a: str, b: str) -> bool:
    return a == b


def text_format(env: Env, value: Any, pattern: str | None = None) -> str:
    """Write a number as `0`, `0.00`, `#,##0.00`, `0%`, or a day as `yyyy-mm-dd hh:mm`; default plainly."""
    if pattern is None or isinstance(value, str | bool):
        return text(value)
    if isinstance(value, Decimal):
        return _number_text(value, pattern)
    if isinstance(value, dt.date):
        return _date_text(value, pattern, env)
    raise value_error()


def _number_text(value: Decimal, pattern: str) -> str:
    match = _NUMBER_FORMAT.match(pattern)
    if not match:
        raise value_error()
    places = len(match[2]) - 1 if match[2] else 0
    if match[3]:
        value = WIDE.multiply(value, Decimal(100))
    rounded = value.quantize(Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP, WIDE)
    sign = "-" if rounded < 0 else ""
    whole_part, point, rest = format(rounded.copy_abs(), "f").partition(".")
    if match[1]:
        whole_part = re.sub(r"(?<=\d)(?=(\d{3})+\Z)", ",", whole_part)
    return f"{sign}{whole_part}{point}{rest}{match[3] or ''}"


def _date_text(value: dt.date, pattern: str, env: Env) -> str:
    if len(pattern) > 100:
        raise value_error()
    local = value.astimezone(env.zone) if isinstance(value, dt.datetime) else value
    hour, minute, second = (
        (local.hour, local.minute, local.second) if isinstance(local, dt.datetime) else (0, 0, 0)
    )
    parts: list[str] = []
    at, after_hour = 0, False
    for match in _DATE_PART.finditer(pattern):
        parts.append(pattern[at : match.start()])
        at = match.end()
        place = match[0].lower()
        figure = {"y": local.year, "m": local.month, "d": local.day, "h": hour, "s": second}[place[0]]
        # As in Excel, mm after hours or before seconds are minutes.
        if place[0] == "m" and (after_hour or re.match(r"[^a-z]*ss", pattern[at:], re.IGNORECASE)):
            figure = minute
        after_hour = place[0] == "h"
        if place == "yy":
            parts.append(f"{figure % 100:02d}")
        else:
            parts.append(str(figure).zfill(len(place)))
    return "".join(parts) + pattern[at:]
