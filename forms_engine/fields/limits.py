"""Checks several field types share: sound text, masks, smallest and largest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from forms_engine.fields.base import refuse
from forms_engine.kernel.text import Text

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def text_of(raw: Any) -> str:
    """Return raw input as text, unchanged. Numbers (Excel cells) become their plain text.

    Raises: FieldError text.forbidden_character for NUL and lone surrogates, text.format for other objects.
    """
    if type(raw) is str:
        # Characters below U+0800 other than NUL cannot hide a surrogate, and most text is ASCII.
        if raw.isascii():
            if "\0" not in raw:
                return raw
        elif not _UNSTORABLE.search(raw):
            return raw
        raise refuse(
            "text.forbidden_character",
            "The text holds a character that cannot be stored.",
            "文本含有无法保存的字符。",
        )
    if isinstance(raw, str):
        return text_of(str(raw))
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        if isinstance(raw, int) and raw.bit_length() > 4096:
            raise refuse("text.too_long", "The number is too long.", "数字过长。")
        return format(raw, "f") if isinstance(raw, Decimal) else str(raw)
    if isinstance(raw, float) and raw == raw and abs(raw) < 1e15:
        return str(int(raw)) if raw.is_integer() else repr(raw)
    raise refuse("text.format", "Please enter text.", "请输入文本。")


def mask_matches(mask: str, value: str) -> bool:
    """Say whether text fits a mask: `#` digit, `@` letter, `*` either, `?` anything, `\\` the next as it is.

    Linear in the text; there are no regular expressions from users.
    """
    kinds = list(_mask_parts(mask))
    if len(kinds) != len(value):
        return False
    return all(_fits(kind, literal, char) for (kind, literal), char in zip(kinds, value, strict=True))


def mask_problem(mask: str) -> Text | None:
    """Return what is wrong with a mask, None if nothing."""
    if mask.endswith("\\") and not mask.endswith("\\\\"):
        return Text("The pattern ends in the middle.", "格式不完整。")
    return None


def _mask_parts(mask: str) -> Any:
    chars = iter(mask)
    for char in chars:
        if char == "\\":
            yield "=", next(chars, "\\")
        elif char in "#@*?":
            yield char, ""
        else:
            yield "=", char


def _fits(kind: str, literal: str, char: str) -> bool:
    if kind == "#":
        return char in "0123456789"
    if kind == "@":
        return char.isalpha()
    if kind == "*":
        return char.isalpha() or char in "0123456789"
    return kind == "?" or char == literal


def between(spec_min: Any, spec_max: Any, show: Callable[[Any], str]) -> Callable[[Any], None]:
    """Return a check that a value is not below `spec_min` or above `spec_max` (None = open)."""

    def check(value: Any) -> None:
        if spec_min is not None and value < spec_min:
            raise refuse("value.too_small", "At least %(min)s.", "不得小于 %(min)s。", min=show(spec_min))
        if spec_max is not None and value > spec_max:
            raise refuse("value.too_large", "At most %(max)s.", "不得大于 %(max)s。", max=show(spec_max))

    return check


def simple_lower(text: str) -> str:
    """Lower-case one character at a time, as PostgreSQL's C.UTF-8 does (no final sigma, no growing)."""
    return text.lower() if text.isascii() else "".join(char.lower()[0] for char in text)


def narrow(text: str) -> str:
    """Turn full-width digits, letters and signs into their ordinary forms, and drop blanks around."""
    return unicodedata.normalize("NFKC", text).strip()
