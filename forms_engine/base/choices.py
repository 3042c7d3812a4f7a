"""Choices whose labels are bilingual: `class State(Choices): OPEN = "OPEN", T("Open", "未结")`."""

from __future__ import annotations

from typing import Any

from django.db import models

from forms_engine.kernel.text import Text

_TextChoicesType: Any = type(models.TextChoices)


class _Type(_TextChoicesType):
    """Django takes only (lazy) strings for labels: take our `Text` off first and put it back after."""

    def __new__(mcs, name: str, bases: tuple[type, ...], members: Any, **more: Any) -> Any:
        labels: dict[str, Text] = {}
        for key in members._member_names:
            value = members[key]
            if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], Text):
                labels[key] = value[1]
                dict.__setitem__(members, key, value[0])
        made = super().__new__(mcs, name, bases, members, **more)
        for key, label in labels.items():
            made[key]._label_ = label
        return made


class Choices(models.TextChoices, metaclass=_Type):
    """A `TextChoices` with `Text` labels; `.choices` goes into a field as usual."""
