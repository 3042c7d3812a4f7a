"""Say what a check constraint of a model asks for, in words with the fields' own names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from forms_engine.kernel.text import Text

_NUMBERS = {
    "gt": Text("%(a)s must be more than %(b)s", "%(a)s须大于 %(b)s"),
    "gte": Text("%(a)s must be at least %(b)s", "%(a)s不得小于 %(b)s"),
    "lt": Text("%(a)s must be less than %(b)s", "%(a)s须小于 %(b)s"),
    "lte": Text("%(a)s must be at most %(b)s", "%(a)s不得大于 %(b)s"),
}
_TIMES = {
    "gt": Text("%(a)s must be after %(b)s", "%(a)s须晚于%(b)s"),
    "gte": Text("%(a)s must not be before %(b)s", "%(a)s不得早于%(b)s"),
    "lt": Text("%(a)s must be before %(b)s", "%(a)s须早于%(b)s"),
    "lte": Text("%(a)s must not be after %(b)s", "%(a)s不得晚于%(b)s"),
}
_SAME = Text("%(a)s and %(b)s must be the same", "%(a)s与%(b)s须相同")
_DIFFERENT = Text("%(a)s and %(b)s must differ", "%(a)s与%(b)s不得相同")
_VALUE = {
    ("exact", False): Text("%(a)s must be “%(b)s”", "%(a)s须为“%(b)s”"),
    ("exact", True): Text("%(a)s must not be “%(b)s”", "%(a)s不得为“%(b)s”"),
    ("in", False): Text("%(a)s must be one of %(b)s", "%(a)s须为%(b)s之一"),
    ("in", True): Text("%(a)s must be none of %(b)s", "%(a)s不得为%(b)s中的任何一项"),
}
_EMPTY = Text("%(a)s must be empty", "%(a)s须留空")
_FILLED = Text("%(a)s must be filled in", "%(a)s须填写")
_OPPOSITE = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}
_YES, _NO = Text("yes", "是"), Text("no", "否")
_TOGETHER = Text("These do not go together: %(b)s.", "以下内容不相符：%(b)s。")
Labels = Mapping[str, Text]


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


def plain_leaves(condition: Any) -> list[tuple[str, Any]] | None:
    """Return the single conditions of one that is nothing but those joined by AND, else None."""
    if not isinstance(condition, Q) or condition.connector != Q.AND or condition.negated:
        return None
    leaves = [leaf for leaf in condition.children if isinstance(leaf, tuple)]
    return leaves if len(leaves) == len(condition.children) else None


def words_of(model: type[models.Model], condition: Any, labels: Labels) -> Text:
    """Return one sentence of what a condition asks, by the labels given, else by the model's own names."""
    phrase = _phrase(model, condition, labels)
    if phrase is not None:
        return Text(f"{phrase.in_language('en')}.", f"{phrase.in_language('zh')}。")
    named = [_label(model, name, labels) for name in names_of(model, condition)]
    return _TOGETHER.with_params(b=_joined(named, ", ", "、"))


def _in_words(model: type[models.Model], condition: Any) -> tuple[str, Text] | None:
    leaves = plain_leaves(condition)
    if not leaves:
        return None
    # What is too small was refused while cleaning; the database speaks of the rest.
    rest = [leaf for leaf in leaves if not (leaf[0].endswith("__gte") and isinstance(leaf[1], int | Decimal))]
    told = [(_stands_at(leaf), _leaf(model, *leaf, False, {})) for leaf in rest or leaves]
    known = [(name, phrase) for name, phrase in told if phrase is not None]
    if len(known) < len(told):
        return None
    names = {name for name, _ in known}
    return names.pop() if len(names) == 1 else "", Text(
        " ".join(f"{words.in_language('en')}." for _, words in known),
        "".join(f"{words.in_language('zh')}。" for _, words in known),
    )


def _stands_at(leaf: tuple[str, Any]) -> str:
    """Return the field a condition is told at: of two the one named last."""
    path, bound = leaf
    return bound.name if isinstance(bound, F) else path.partition("__")[0]


def names_of(model: type[models.Model], condition: Any) -> tuple[str, ...]:
    """Return the fields a condition speaks of, in the order of its sentence."""
    found: list[str] = []
    for child in _in_order(model, condition) if isinstance(condition, Q) else ():
        if isinstance(child, tuple):
            found += [child[0].partition("__")[0], *([child[1].name] if isinstance(child[1], F) else [])]
        else:
            found += names_of(model, child)
    return tuple(dict.fromkeys(found))


def _in_order(model: type[models.Model], condition: Q) -> list[Any]:
    """Return the parts of a condition as the form has the fields; Q itself sorts them by name."""
    places = {field.name: place for place, field in enumerate(model._meta.concrete_fields)}
    if not all(isinstance(child, tuple) for child in condition.children):
        return list(condition.children)
    return sorted(condition.children, key=lambda leaf: places.get(leaf[0].partition("__")[0], 0))


def _phrase(model: type[models.Model], condition: Any, labels: Labels, not_: bool = False) -> Text | None:
    """Return what a condition asks without its full stop; `not_` turns it round."""
    if isinstance(condition, tuple):
        return _leaf(model, *condition, not_, labels)
    if not isinstance(condition, Q) or condition.connector not in (Q.AND, Q.OR):
        return None
    turned = not_ != condition.negated
    found = [_phrase(model, child, labels, turned) for child in _in_order(model, condition)]
    phrases = [one for one in found if one is not None]
    if len(phrases) < len(found):
        return None
    if len(phrases) == 1:
        return phrases[0]
    is_all = (condition.connector == Q.AND) != turned
    return _joined(phrases, " and ", "且") if is_all else _joined(phrases, ", or ", "，或")


def _joined(words: list[Text], en: str, zh: str) -> Text:
    return Text(
        en.join(one.in_language("en") for one in words), zh.join(one.in_language("zh") for one in words)
    )


def _leaf(model: type[models.Model], path: str, bound: Any, not_: bool, labels: Labels) -> Text | None:
    """Return what one condition asks: `quantity__gt` 0, `start_at__lt` F("end_at"), `kind__in` [...]."""
    name, _, lookup = path.partition("__")
    lookup = lookup or "exact"
    a = _label(model, name, labels)
    if lookup == "isnull":
        return (_EMPTY if bool(bound) != not_ else _FILLED).with_params(a=a)
    if lookup == "range" and not not_:
        low = _leaf(model, f"{name}__gte", bound[0], False, labels)
        high = _leaf(model, f"{name}__lte", bound[1], False, labels)
        return _joined([low, high], " and ", "且") if low is not None and high is not None else None
    field = model._meta.get_field(name)
    if isinstance(bound, F):
        b: Any = _label(model, bound.name, labels)
        if lookup == "exact":
            return (_DIFFERENT if not_ else _SAME).with_params(a=a, b=b)
    elif lookup == "in":
        b = _joined([_value(field, one) for one in bound], ", ", "、")
    else:
        b = bound if lookup in _OPPOSITE and isinstance(bound, int | Decimal) else _value(field, bound)
    if (lookup, not_) in _VALUE:
        return _VALUE[lookup, not_].with_params(a=a, b=b)
    words = _TIMES if isinstance(field, models.DateField | models.TimeField) else _NUMBERS
    found = words.get(_OPPOSITE.get(lookup, "") if not_ else lookup)
    if found is not None and isinstance(bound, F):
        found = Text(found.en, found.zh.replace(" ", ""))  # the blank is for figures
    return None if found is None else found.with_params(a=a, b=b)


def _label(model: type[models.Model], name: str, labels: Labels) -> Text:
    return labels.get(name) or Text.of(model._meta.get_field(name).verbose_name)


def _value(field: Any, value: Any) -> Text:
    """Return a constant as people read it: the label of a choice, yes and no, a date."""
    if isinstance(value, bool):
        return _YES if value else _NO
    for choice, label in field.flatchoices or ():
        if choice == value:
            return Text.of(label)
    return Text(value.isoformat() if isinstance(value, dt.date | dt.time) else str(value))
