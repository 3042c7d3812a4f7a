"""Say what a check constraint of a model asks for, in words with the fields' own names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from forms_engine.kernel.text import Text

_NUMBERS = {
    "gt": Text("%(a)s must be more than %(b)s.", "%(a)s须大于 %(b)s。"),
    "gte": Text("%(a)s must be at least %(b)s.", "%(a)s不得小于 %(b)s。"),
    "lt": Text("%(a)s must be less than %(b)s.", "%(a)s须小于 %(b)s。"),
    "lte": Text("%(a)s must be at most %(b)s.", "%(a)s不得大于 %(b)s。"),
}
_TIMES = {
    "gt": Text("%(a)s must be after %(b)s.", "%(a)s须晚于%(b)s。"),
    "gte": Text("%(a)s must not be before %(b)s.", "%(a)s不得早于%(b)s。"),
    "lt": Text("%(a)s must be before %(b)s.", "%(a)s须早于%(b)s。"),
    "lte": Text("%(a)s must not be after %(b)s.", "%(a)s不得晚于%(b)s。"),
}


def broken_rule(table: str | None, name: str | None) -> tuple[str, Text] | None:
    """Return (field, sentence) of a broken check constraint; None for one that has no simple words.

    Several conditions joined by AND are told together: which of them was broken the database does not say.
    """
    model = next((m for m in apps.get_models() if m._meta.db_table == table), None)
    if model is None:
        return None
    for constraint in model._meta.constraints:
        if constraint.name == name and isinstance(constraint, models.CheckConstraint):
            return _in_words(model, constraint.condition)
    return None


def smallest_of(model: type[models.Model]) -> dict[str, int | Decimal]:
    """Return {field: smallest value} of what the model's constraints say by `field__gte`."""
    found: dict[str, int | Decimal] = {}
    for constraint in model._meta.constraints:
        condition = getattr(constraint, "condition", None)
        if isinstance(constraint, models.CheckConstraint) and _is_plain(condition):
            for path, bound in condition.children:
                name, _, lookup = path.partition("__")
                if lookup == "gte" and isinstance(bound, int | Decimal):
                    found[name] = bound
    return found


def _is_plain(condition: Any) -> bool:
    """Tell whether a condition is nothing but single conditions joined by AND."""
    if not isinstance(condition, Q) or condition.connector != Q.AND or condition.negated:
        return False
    return all(isinstance(leaf, tuple) for leaf in condition.children)


def _in_words(model: type[models.Model], condition: Any) -> tuple[str, Text] | None:
    if not _is_plain(condition):
        return None
    smallest = smallest_of(model)
    # What is too small was refused while cleaning; the database speaks of the rest.
    leaves = [leaf for leaf in condition.children if leaf[0].removesuffix("__gte") not in smallest]
    told = [_told(model, *leaf) for leaf in leaves or condition.children]
    if not told or None in told:
        return None
    known = [one for one in told if one is not None]
    names = {name for name, _ in known}
    return names.pop() if len(names) == 1 else "", Text(
        " ".join(words.in_language("en") for _, words in known),
        "".join(words.in_language("zh") for _, words in known),
    )


def _told(model: type[models.Model], path: str, bound: Any) -> tuple[str, Text] | None:
    """Return what one condition asks: `quantity__gt` 0, `start_at__lt` F("end_at"); told at the second."""
    name, _, lookup = path.partition("__")
    field = model._meta.get_field(name)
    words = _TIMES if isinstance(field, models.DateField | models.TimeField) else _NUMBERS
    if lookup not in words:
        return None
    label = Text.of(field.verbose_name)
    if isinstance(bound, F):
        other = model._meta.get_field(bound.name)
        return bound.name, words[lookup].with_params(a=label, b=Text.of(other.verbose_name))
    if isinstance(bound, int | Decimal):
        return name, words[lookup].with_params(a=label, b=bound)
    return None
