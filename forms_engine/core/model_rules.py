"""Read the check constraints of a model: as limits of its fields, and as checks that cleaning makes first.

What is read is not the Q as written but what Django makes of it for the database, so that the two agree also
where columns are empty. What cannot be read exactly (functions, JSON, paths) is left to the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup
from django.db.models.sql.query import Query
from django.db.models.sql.where import AND, OR, WhereNode

from forms_engine.core.rules_in_words import names_of, plain_leaves, words_of
from forms_engine.kernel.conditions import (
    SIGNS,
    All,
    Check,
    Compared,
    Condition,
    Empty,
    Named,
    Not,
    OneOf,
    Some,
)
from forms_engine.kernel.text import Text

# In the order asked: a datetime is a kind of date to Python and to Django.
_KINDS: tuple[tuple[type[models.Field[Any, Any]], tuple[type, ...]], ...] = (
    (models.BooleanField, (bool,)),
    (models.DecimalField, (int, Decimal)),
    (models.IntegerField, (int, Decimal)),
    (models.DateTimeField, (dt.datetime,)),
    (models.DateField, (dt.date,)),
    (models.TimeField, (dt.time,)),
    (models.CharField, (str,)),
    (models.TextField, (str,)),
)


def smallest_of(model: type[models.Model]) -> dict[str, int | Decimal]:
    """Return {field: smallest value} of what the model's constraints say by `field__gte`."""
    found: dict[str, int | Decimal] = {}
    for constraint in constraints_of(model):
        for path, bound in plain_leaves(constraint.condition) or ():
            name, _, lookup = path.partition("__")
            if lookup == "gte" and isinstance(bound, int | Decimal):
                found[name] = bound
    return found


def constraints_of(model: type[models.Model]) -> list[models.CheckConstraint]:
    """Return the check constraints of a model."""
    return [one for one in model._meta.constraints if isinstance(one, models.CheckConstraint)]


def checks_of(model: type[models.Model], labels: Mapping[str, Text]) -> tuple[Check, ...]:
    """Return what can be asked of a row before it is written; each part of an AND is a check of its own.

    Args:
        labels: what the entity calls its fields; a rule about none of them is left to the database.
    """
    found = []
    for constraint in constraints_of(model):
        for part in parts_of(constraint.condition):
            names = names_of(model, part)
            condition = condition_of(model, part) if labels.keys() & names else None
            if condition is not None:
                found.append(Check(condition, names, words_of(model, part, labels), constraint.name))
    return tuple(found)


def parts_of(condition: Any) -> Iterator[Any]:
    """Yield what a condition joins by AND: it is broken exactly if one of them is."""
    if not isinstance(condition, Q) or condition.negated or condition.connector != Q.AND:
        yield condition
        return
    for child in condition.children:
        if isinstance(child, Q):
            yield from parts_of(child)
        else:
            yield Q(child)


def condition_of(model: type[models.Model], condition: Any) -> Condition | None:
    """Return a condition as the database will judge it; None for one that cannot be read exactly."""
    if not isinstance(condition, Q):
        return None
    return _read(Query(model, alias_cols=False).build_where(condition))


def _read(node: Any) -> Condition | None:
    if not isinstance(node, WhereNode):
        return _single(node) if isinstance(node, Lookup) else None
    parts = tuple(_read(child) for child in node.children)
    read = tuple(part for part in parts if part is not None)
    if len(read) < len(parts) or node.connector not in (AND, OR):
        return None
    whole = read[0] if len(read) == 1 else All(read) if node.connector == AND else Some(read)
    return Not(whole) if node.negated else whole


def _single(lookup: Lookup[Any]) -> Condition | None:
    if not isinstance(lookup.lhs, Col):
        return None
    name, sign, other = lookup.lhs.target.name, lookup.lookup_name, lookup.rhs
    if sign == "isnull":
        return Empty(name) if other else Not(Empty(name))
    kinds = _kinds(lookup.lhs.target)
    if sign == "in":
        known = isinstance(other, list | tuple | set) and all(_is_of(kinds, one) for one in other)
        return OneOf(name, tuple(other)) if known else None
    if sign == "range":
        low, high = (
            _compared(name, bound, end, kinds) for bound, end in zip(("gte", "lte"), other, strict=True)
        )
        return All((low, high)) if low is not None and high is not None else None
    return _compared(name, sign, other, kinds)


def _compared(name: str, sign: str, other: Any, kinds: tuple[type, ...]) -> Condition | None:
    # How texts are ordered is the database's own business.
    if sign not in SIGNS or (sign != "exact" and str in kinds):
        return None
    if isinstance(other, Col):
        return Compared(name, sign, Named(other.target.name)) if _kinds(other.target) == kinds else None
    return Compared(name, sign, other) if _is_of(kinds, other) else None


def _kinds(field: Any) -> tuple[type, ...]:
    """Return the Python types of a column's values; () for columns nothing is compared with here."""
    return next((types for kind, types in _KINDS if isinstance(field, kind)), ())


def _is_of(kinds: tuple[type, ...], value: Any) -> bool:
    return isinstance(value, kinds) and (bool in kinds) == isinstance(value, bool)
