"""Words in both languages at once, for rooms that may not know the web framework.

A `Text` holds the English and the Chinese wording side by side, so neither can be forgotten, and is
turned into a plain string only at the edge, when the reader is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any


def _english() -> str | None:
    return "en"


_current_language: Callable[[], str | None] = _english


def language_source(source: Callable[[], str | None]) -> None:
    """Say where `str(text)` finds the reader's language (settings install Django's `get_language`)."""
    global _current_language
    _current_language = source


def _written(value: Any, code: str | None) -> Any:
    """Return a value as it stands in a sentence: 50, not 50.000000 as the database keeps it."""
    if isinstance(value, Text):
        return value.in_language(code)
    if isinstance(value, Decimal) and value.is_finite():
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return value


class Text:
    """One sentence in English and Chinese, with `%(name)s` places filled from `params`.

    `Text("At most %(max)s", "最多 %(max)s", max=5)`. Without params nothing is replaced, so a label made
    by an admin may contain a percent sign. Values that are `Text` themselves are put in the same language.
    """

    __slots__ = ("en", "params", "zh")

    def __init__(self, en: str, zh: str = "", /, **params: Any) -> None:
        self.en = en
        self.zh = zh or en
        self.params = params

    @classmethod
    def of(cls, value: Text | str | Mapping[str, Any]) -> Text:
        """Read a label as written in a package, JSON or code: a Text, a plain string, or {"en", "zh"}."""
        if isinstance(value, Text):
            return value
        if isinstance(value, Mapping):
            en = value.get("en") or value.get("zh") or ""
            return cls(str(en), str(value.get("zh") or value.get("zh-hans") or ""))
        return cls(str(value))

    def with_params(self, **params: Any) -> Text:
        """Return the same sentence with more places filled."""
        return Text(self.en, self.zh, **{**self.params, **params})

    def in_language(self, code: str | None) -> str:
        """Return the wording for a language code; anything that is not Chinese reads English."""
        chinese = bool(code) and str(code).lower().startswith("zh")
        words = self.zh if chinese else self.en
        if not self.params:
            return words
        return words % {name: _written(value, code) for name, value in self.params.items()}

    load = of

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Say how to write this text into a migration (Django asks every value for it)."""
        return ("forms_engine.kernel.text.Text", [self.en, self.zh], dict(self.params))

    def dump(self) -> dict[str, str]:
        """Return {"en", "zh"} with the places filled."""
        return {"en": self.in_language("en"), "zh": self.in_language("zh")}

    def __str__(self) -> str:
        return self.in_language(_current_language())

    def __repr__(self) -> str:
        return f"Text({self.en!r}, {self.zh!r})"

    def __bool__(self) -> bool:
        return bool(self.en)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.en, self.zh, self.params) == (
            other.en,
            other.zh,
            other.params,
        )

    def __hash__(self) -> int:
        return hash((self.en, self.zh))


Message = Text
