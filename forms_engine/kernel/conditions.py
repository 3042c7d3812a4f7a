"""Conditions over one row, judged as a database judges them: true, false, or unknown.

A row is a mapping: None is empty (NULL), an absent name is not known here (a service or a column's default
may still fill it). Neither can break a condition by itself, just as a CHECK passes what is not false.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from forms_engine.kernel.text import Text

Truth = bool | None
Row = Mapping[str, Any]

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class Condition(Protocol):
    """What a row may be asked."""

    def holds(self, row: Row) -> Truth:
        """Return whether it is so, None if that cannot be known."""


@dataclass(frozen=True, slots=True)
class Named:
    """Another field of the same row."""

    name: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A field against a constant or another field; `sign` is a key of `SIGNS`."""

    name: str
    sign: str
    other: Any

    def holds(self, row: Row) -> Truth:
        left = row.get(self.name)
        right = row.get(self.other.name) if type(self.other) is Named else self.other
        if left is None or right is None:
            return None
        return SIGNS[self.sign](left, right)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field that holds one of some constants."""

    name: str
    options: tuple[Any, ...]

    def holds(self, row: Row) -> Truth:
        value = row.get(self.name)
        return None if value is None else value in self.options


@dataclass(frozen=True, slots=True)
class Empty:
    """A field that holds nothing."""

    name: str

    def holds(self, row: Row) -> Truth:
        return row[self.name] is None if self.name in row else None


@dataclass(frozen=True, slots=True)
class All:
    """Each of them."""

    parts: tuple[Condition, ...]

    def holds(self, row: Row) -> Truth:
        found = [part.holds(row) for part in self.parts]
        return False if False in found else None if None in found else True


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them."""

    parts: tuple[Condition, ...]

    def holds(self, row: Row) -> Truth:
        found = [part.holds(row) for part in self.parts]
        return True if True in found else None if None in found else False


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; of what is unknown it is unknown as well."""

    part: Condition

    def holds(self, row: Row) -> Truth:
        found = self.part.holds(row)
        return None if found is None else not found


@dataclass(frozen=True, slots=True)
class Check:
    """A condition the table itself keeps, told before the table has to refuse.

    Args:
        names: the fields it speaks of, in the order of the sentence.
        message: what it asks for, by the fields' labels.
        constraint: its name in the database.
    """

    condition: Condition
    names: tuple[str, ...]
    message: Text
    constraint: str = ""
