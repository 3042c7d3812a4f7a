"""Conditions of grants in the formula language, read for a record at hand and for a WHERE clause.

Beside the record's fields a condition may name the actor: `me.id`, `me.department`, `me.supplier`.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from forms_engine.kernel import clock
from forms_engine.kernel.errors import BadRequest
from forms_engine.kernel.expressions import Env, Formula, condition_sql, formula_loose
from forms_engine.kernel.expressions.evaluate import compiled, evaluate
from forms_engine.kernel.text import Text

if TYPE_CHECKING:
    from forms_engine.access.actor import Actor

ME = ("me.id", "me.department", "me.supplier", "me.name")


class ConditionField(BadRequest):
    """A condition reads a field that lives in no column."""

    code = "query.field_unknown"


def _env(values: Mapping[str, Any], actor: Actor) -> Env:
    return Env(values, now=clock.now(), user=actor.id, zone=clock.plant_zone())


class Condition:
    """A parsed condition; the same answer from Python and from PostgreSQL, unknown counts as no."""

    __slots__ = ("formula",)

    def __init__(self, formula: Formula) -> None:
        self.formula = formula

    def holds(self, values: Mapping[str, Any], actor: Actor) -> bool:
        """Tell whether it is TRUE for a record's values by field name."""
        env = _env(_Seen(values, actor), actor)
        return evaluate(compiled_of(self.formula.src), env) is True

    def sql(self, entity: Any, alias: str, actor: Actor) -> tuple[str, list[Any]]:
        """Return the condition over the columns of a table alias, with its parameters."""
        ast = _with_actor(self.formula.ast, actor)

        def resolve(name: str) -> tuple[str, str]:
            return resolve_field(entity, alias, name)

        text, params = condition_sql(ast, resolve, env=_env({}, actor))
        return text, list(params)


def resolve_field(entity: Any, alias: str, name: str) -> tuple[str, str]:
    """Return (SQL expression, kind of the formula language) of a field of an entity.

    Raises:
        ConditionField: no such field, or none with a column.
    """
    found = entity.fields.get(name)
    if found is None or found.column is None:
        raise ConditionField(
            Text("There is no field “%(name)s”.", "没有字段“%(name)s”。", name=name), field=name
        )
    column = f'{alias}."{found.column}"'
    kind = found.type.fx_type
    if found.type.key == "reference":
        return f"{column}::text", "text"
    return column, kind


@functools.lru_cache(maxsize=1024)
def condition_of(source: str) -> Condition:
    """Parse a condition. Raises FormulaProblem."""
    return Condition(formula_loose(source))


@functools.lru_cache(maxsize=1024)
def compiled_of(source: str) -> Any:
    """Return the Python function of a condition."""
    return compiled(formula_loose(source).ast)


def actor_values(actor: Actor) -> dict[str, str | None]:
    """Return what a condition may know of the actor."""
    return {
        "me.id": str(actor.user_id) if actor.user_id else None,
        "me.department": actor.department or None,
        "me.supplier": str(actor.supplier_id) if actor.supplier_id else None,
        "me.name": actor.name,
    }


def _with_actor(ast: list[Any], actor: Actor) -> list[Any]:
    """Put the actor's values into the tree as literals, so that they become parameters."""
    if ast[0] == "field" and ast[1] in ME:
        value = actor_values(actor)[ast[1]]
        return ["null"] if value is None else ["str", value]
    return [_with_actor(part, actor) if isinstance(part, list) else part for part in ast]


class _Seen(Mapping[str, Any]):
    """Values of the record and of the actor; ids become text, as in SQL."""

    __slots__ = ("_me", "_values")

    def __init__(self, values: Mapping[str, Any], actor: Actor) -> None:
        self._values = values
        self._me = actor_values(actor)

    def __getitem__(self, name: str) -> Any:
        if name in self._me:
            return self._me[name]
        value = self._values[name] if not hasattr(self._values, "get") else self._values.get(name)
        return str(value) if isinstance(value, uuid.UUID) else value

    def __iter__(self) -> Iterator[str]:
        return iter([*self._values, *self._me])

    def __len__(self) -> int:
        return len(self._values) + len(self._me)
