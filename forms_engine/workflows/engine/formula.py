"""Formulas and texts of a flow over the facts of its record: the kernel's language, and {field} in texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.expressions import Env, FormulaProblem, FxError, formula_loose
from forms_engine.kernel.expressions.values import fx_value, text
from forms_engine.kernel.text import Text

_PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")


class FormulaFailed(ValueError):
    """A formula gave an error of its own (#DIV/0!, #VALUE!); `code` is that error."""

    def __init__(self, source: str, code: str) -> None:
        super().__init__(f"{source}: {code}")
        self.source, self.code = source, code


def formula_names(source: str | None) -> frozenset[str]:
    """Return the fields a formula reads; none for an empty or broken one."""
    if not source:
        return frozenset()
    try:
        return frozenset(formula_loose(source).deps)
    except FormulaProblem:
        return frozenset()


def formula_problems(source: Any, path: str) -> Iterator[FieldError]:
    """Yield why a formula cannot be read; an empty one is no problem."""
    if not source:
        return
    try:
        formula_loose(str(source))
    except FormulaProblem as problem:
        yield problem.at(path)


def formula_value(source: str, facts: Mapping[str, Any], *, at: dt.datetime, user: str | None = None) -> Any:
    """Return what a formula gives for these facts; `at` is NOW() and its zone decides TODAY().

    Raises: FormulaFailed when it gives an error value.
    """
    env = Env(values=facts, now=at, user=user or "", zone=at.tzinfo or dt.UTC)
    value = formula_loose(source).evaluate(env)
    if isinstance(value, FxError):
        raise FormulaFailed(source, value.code)
    return value


def formula_holds(source: str, facts: Mapping[str, Any], *, at: dt.datetime, user: str | None = None) -> bool:
    """Say whether a condition holds; empty and error values do not."""
    try:
        return formula_value(source, facts, at=at, user=user) is True
    except FormulaFailed:
        return False


def text_names(template: Any) -> frozenset[str]:
    """Return the fields a text puts in."""
    words = Text.of(template or "")
    return frozenset(_PLACE.findall(words.en) + _PLACE.findall(words.zh))


def text_filled(template: Any, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return {"en", "zh"} with every {field} replaced by its value; {} for an empty text."""
    if not template:
        return {}
    words = Text.of(template)
    return {
        language: _PLACE.sub(lambda place: _word(facts.get(place[1])), words.in_language(language))
        for language in ("en", "zh")
    }


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("label") or value.get("id") or "")
    if isinstance(value, list | tuple):
        return ", ".join(_word(item) for item in value)
    try:
        return text(fx_value(value))
    except FxError as error:
        return error.code
