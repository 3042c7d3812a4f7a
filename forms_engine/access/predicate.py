"""Which rows: one small tree with three readings – Q objects, SQL, and yes or no for a record at hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Expression, Q

if TYPE_CHECKING:
    from forms_engine.access.actor import Actor
    from forms_engine.access.conditions import Condition

Sql = tuple[str, list[Any]]


class Predicate:
    """Base of the tree. `sql` takes the alias of the entity's table, returns text with %s and parameters."""

    def sql(self, alias: str) -> Sql:
        raise NotImplementedError

    def q(self) -> Q:
        raise NotImplementedError

    def holds(self, values: Mapping[str, Any]) -> bool:
        raise NotImplementedError

    @property
    def is_everything(self) -> bool:
        return False

    @property
    def is_nothing(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Everything(Predicate):
    """Every row."""

    def sql(self, alias: str) -> Sql:
        return "TRUE", []

    def q(self) -> Q:
        return Q()

    def holds(self, values: Mapping[str, Any]) -> bool:
        return True

    @property
    def is_everything(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Nothing(Predicate):
    """No row."""

    def sql(self, alias: str) -> Sql:
        return "FALSE", []

    def q(self) -> Q:
        return Q(pk__in=[])

    def holds(self, values: Mapping[str, Any]) -> bool:
        return False

    @property
    def is_nothing(self) -> bool:
        return True


EVERYTHING = Everything()
NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Is(Predicate):
    """A UUID column (`supplier_id`, `id`) has this value; the name comes from code, never from outside."""

    column: str
    value: uuid.UUID | None

    def sql(self, alias: str) -> Sql:
        return f'{alias}."{self.column}" = %s', [self.value]

    def q(self) -> Q:
        return Q((self.column, self.value))

    def holds(self, values: Mapping[str, Any]) -> bool:
        return self.value is not None and str(values.get(self.column)) == str(self.value)


@dataclass(frozen=True, slots=True)
class Holds(Predicate):
    """The condition of a grant holds for the row; unknown (NULL) counts as no."""

    condition: Condition
    entity: Any
    actor: Actor

    def sql(self, alias: str) -> Sql:
        text, params = self.condition.sql(self.entity, alias, self.actor)
        return f"coalesce(({text}), FALSE)", params

    def q(self) -> Q:
        return Q(RowCondition(self))

    def holds(self, values: Mapping[str, Any]) -> bool:
        return self.condition.holds(values, self.actor)


@dataclass(frozen=True, slots=True)
class AllOf(Predicate):
    """Every part holds."""

    parts: tuple[Predicate, ...]

    def sql(self, alias: str) -> Sql:
        return _join(" AND ", self.parts, alias)

    def q(self) -> Q:
        result = Q()
        for part in self.parts:
            result &= part.q()
        return result

    def holds(self, values: Mapping[str, Any]) -> bool:
        return all(part.holds(values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Predicate):
    """At least one part holds."""

    parts: tuple[Predicate, ...]

    def sql(self, alias: str) -> Sql:
        return _join(" OR ", self.parts, alias)

    def q(self) -> Q:
        result = Q(pk__in=[])
        for part in self.parts:
            result |= part.q()
        return result

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(part.holds(values) for part in self.parts)


def all_of(*parts: Predicate) -> Predicate:
    """Join with AND, dropping what says nothing."""
    if any(part.is_nothing for part in parts):
        return NOTHING
    kept = tuple(part for part in parts if not part.is_everything)
    if not kept:
        return EVERYTHING
    return kept[0] if len(kept) == 1 else AllOf(kept)


def any_of(*parts: Predicate) -> Predicate:
    """Join with OR, dropping what says nothing."""
    if any(part.is_everything for part in parts):
        return EVERYTHING
    kept = tuple(part for part in parts if not part.is_nothing)
    if not kept:
        return NOTHING
    return kept[0] if len(kept) == 1 else AnyOf(kept)


def _join(word: str, parts: tuple[Predicate, ...], alias: str) -> Sql:
    texts: list[str] = []
    params: list[Any] = []
    for part in parts:
        text, more = part.sql(alias)
        texts.append(text)
        params.extend(more)
    return "(" + word.join(texts) + ")", params


class RowCondition(Expression):
    """A predicate inside an ORM query over the entity's own model: its SQL on the query's base table."""

    conditional = True

    def __init__(self, predicate: Predicate) -> None:
        super().__init__(output_field=BooleanField())
        self.predicate = predicate

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        alias = compiler.quote_name_unless_alias(compiler.query.get_initial_alias())
        return self.predicate.sql(alias)

    def get_source_expressions(self) -> list[Any]:
        return []

    def get_group_by_cols(self) -> list[Any]:
        return []
