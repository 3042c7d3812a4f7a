"""THE query compiler: JSON clauses → looked-up fields → our own SQL.

Nothing a user types becomes text of a statement. Every field of every clause is looked up here, under the
actor's rights: hidden and unknown are one answer. Names in the emitted text come from models and published
schemas; values are bound.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.base.sql import quote
from forms_engine.core.entity import Entity, EntityField, entities
from forms_engine.core.portal import joins_allowed
from forms_engine.core.query.cursor import SortKey
from forms_engine.core.query.spec import (
    MAX_AGGREGATES,
    MAX_CLAUSES,
    MAX_DEPTH,
    MAX_GROUPS,
    MAX_SORTS,
    BadQuery,
    FieldUnknown,
    QuerySpec,
)
from forms_engine.fields.base import CleanContext
from forms_engine.fields.filters import condition
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text

UNITS = ("day", "week", "month", "quarter", "year")
COMPARISONS = {"eq": "=", "ne": "IS DISTINCT FROM", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
MAX_WORDS = 6


@dataclass(frozen=True)
class Column:
    """A looked-up field: where its value is read from."""

    name: str
    field: EntityField
    alias: str

    @property
    def sql(self) -> str:
        return f"{self.alias}.{quote(self.field.column or '')}"

    @property
    def pg_type(self) -> str:
        return self.field.type.column(self.field.spec).pg_type


@dataclass
class Compiler:
    """One question being compiled. Parameters are gathered in the order of the statement's parts."""

    actor: Actor
    noun: Entity
    spec: QuerySpec
    joins: dict[str, tuple[str, str, list[Any]]] = field(default_factory=dict)
    clauses: int = 0

    def __post_init__(self) -> None:
        if not policy.can(self.actor, policy.READ, self.noun):
            raise Denied(Text("You may not see this list.", "您没有查看此列表的权限。"))
        self.hidden = policy.field_rights(self.actor, self.noun).hidden
        self.context = CleanContext(actor=self.actor, user=self.actor.id)

    # --- fields -----------------------------------------------------------------------------------------

    def column(self, name: Any) -> Column:
        """Look up a field by name, or `reference.field`. Raises: FieldUnknown."""
        if not isinstance(name, str):
            raise FieldUnknown(name)
        head, dot, rest = name.partition(".")
        found = self.noun.fields.get(head)
        if found is None or found.column is None or head in self.hidden:
            raise FieldUnknown(name)
        if not dot:
            return Column(name, found, "t")
        if found.target is None or found.system:
            raise FieldUnknown(name)
        target = self._target(found)
        inner = target.fields.get(rest) if target is not None else None
        closed = policy.field_rights(self.actor, target).hidden if target is not None else frozenset()
        if target is None or inner is None or inner.column is None or rest in closed:
            raise FieldUnknown(name)
        return Column(name, inner, self._join(found, target))

    def _target(self, found: EntityField) -> Entity | None:
        """Return the entity a reference leads to, None if the actor may read nothing of it."""
        target = entities().by_key.get(found.target or "")
        if target is None or not policy.can(self.actor, policy.READ, target):
            return None
        return target if joins_allowed(self.actor.is_outside, target) else None

    def _join(self, found: EntityField, target: Entity) -> str:
        """Join a referenced entity once; rows the actor may not see come out empty."""
        known = self.joins.get(found.name)
        if known is not None:
            return known[0]
        alias = f"r{len(self.joins) + 1}"
        seen = policy.visible(self.actor, target)
        text = f"LEFT JOIN {quote(target.table)} {alias} ON {alias}.id = t.{quote(found.column or '')}"
        params: list[Any] = []
        if not seen.is_everything:
            rule, params = seen.sql(alias)
            text += f" AND {rule}"
        self.joins[found.name] = (alias, text, params)
        return alias

    def label(self, found: EntityField) -> str | None:
        """Return the SQL of a referenced record's label, None if the actor may not read that entity."""
        target = self._target(found)
        if target is None:
            return None
        alias = self._join(found, target)
        parts = [f"{alias}.{quote(column)}::text" for column in target.title_columns]
        return parts[0] if len(parts) == 1 else f"concat_ws(' ', {', '.join(parts)})"

    def names(self) -> list[str]:
        """Return the fields to give back, each looked up."""
        if self.spec.fields is not None:
            return [self.column(name).name for name in dict.fromkeys(self.spec.fields)]
        shown = [f.name for f in self.noun.stored if f.name not in self.hidden and f.name != "id"]
        return ["id", *shown]

    # --- which rows -------------------------------------------------------------------------------------

    def where(self) -> tuple[list[str], list[Any]]:
        """Return the conditions of filter, search, rights and archive, with their parameters."""
        parts: list[str] = []
        params: list[Any] = []
        seen = policy.visible(self.actor, self.noun)
        if not seen.is_everything:
            text, more = seen.sql("t")
            parts.append(text)
            params += more
        if (
            self.noun.may_be_archived
            and self.spec.archived is not False
            and not self._names_archived(self.spec.filter)
        ):
            parts.append(f"t.archived_at IS {'NOT ' if self.spec.archived else ''}NULL")
        if self.spec.filter:
            text, more = self.clause(self.spec.filter, 0)
            parts.append(text)
            params += more
        if self.spec.search:
            text, more = self.search(self.spec.search)
            parts.append(text)
            params += more
        return parts, params

    def _names_archived(self, clause: Any, depth: int = 0) -> bool:
        if not isinstance(clause, list | tuple) or depth > MAX_DEPTH:
            return False
        if len(clause) > 1 and clause[1] == "archived_at":
            return True
        return any(self._names_archived(part, depth + 1) for part in clause[1:])

    def clause(self, clause: Any, depth: int) -> tuple[str, list[Any]]:
        """Compile one clause. Raises: BadQuery, FieldUnknown, and what `fields.filters` refuses."""
        self.clauses += 1
        if self.clauses > MAX_CLAUSES or depth > MAX_DEPTH:
            raise BadQuery("The filter is too large.", "筛选条件过多。")
        if not isinstance(clause, list | tuple) or not clause or not isinstance(clause[0], str):
            raise BadQuery("A filter is a list.", "筛选条件格式不正确。")
        word, *rest = clause
        if word in ("and", "or"):
            if not rest:
                return ("TRUE" if word == "and" else "FALSE"), []
            texts, params = [], []
            for part in rest:
                text, more = self.clause(part, depth + 1)
                texts.append(text)
                params += more
            return "(" + f" {word.upper()} ".join(texts) + ")", params
        if word == "not":
            if len(rest) != 1:
                raise BadQuery("“not” takes one filter.", "“not”只接受一个条件。")
            text, params = self.clause(rest[0], depth + 1)
            return f"NOT coalesce({text}, FALSE)", params
        if not 1 <= len(rest) <= 2:
            raise BadQuery("A filter is [operator, field, value].", "筛选条件应为 [方式, 字段, 值]。")
        column = self.column(rest[0])
        value = rest[1] if len(rest) == 2 else None
        if isinstance(value, dict) and set(value) == {"field"}:
            return self.comparison(word, column, self.column(value["field"])), []
        found = condition(column.field.spec, word, value, column=column.sql, ctx=self.context)
        return f"({found.sql})", list(found.params)

    def comparison(self, word: str, left: Column, right: Column) -> str:
        """Compile field against field."""
        if word not in COMPARISONS or left.field.type.fx_type != right.field.type.fx_type:
            raise BadQuery("These fields cannot be compared.", "这两个字段不能比较。")
        return f"({left.sql} {COMPARISONS[word]} {right.sql})"

    def search(self, words: Any) -> tuple[str, list[Any]]:
        """Compile the search box: every word in at least one search field the actor may see."""
        if not isinstance(words, str) or "\0" in words:
            raise BadQuery("The search holds a sign that is no text.", "搜索内容含有非文本字符。")
        if len(words) > 200:
            raise BadQuery("The search is too long.", "搜索内容过长。")
        columns = [self.column(name) for name in self.noun.search if name not in self.hidden]
        parts, params = [], []
        for word in words.split()[:MAX_WORDS]:
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            parts.append("(" + (" OR ".join(f"{c.sql} ILIKE %s" for c in columns) or "FALSE") + ")")
            params += [f"%{escaped}%"] * len(columns)
        return "(" + (" AND ".join(parts) or "TRUE") + ")", params

    # --- order and groups -------------------------------------------------------------------------------

    def keys(self) -> list[SortKey]:
        """Return the order, ended by the id so that no two rows are equal."""
        wanted = list(self.spec.sort) or [
            name
            for name in self.noun.sort
            if name.lstrip("-") not in self.hidden and name.lstrip("-") in self.noun.fields
        ]
        if len(wanted) > MAX_SORTS:
            raise BadQuery("At most %(n)s sort keys.", "最多 %(n)s 个排序字段。", n=MAX_SORTS)
        keys: dict[str, SortKey] = {}
        for item in wanted:
            text = item if isinstance(item, str) else ""
            name = text[1:] if text.startswith("-") else text
            column = self.column(name)
            if not column.field.type.sortable:
                raise BadQuery("This field cannot be sorted by.", "该字段不能排序。")
            nullable = column.alias != "t" or (column.field.null and not column.field.system)
            nullable = nullable or column.field.name == "archived_at"
            keys.setdefault(name, SortKey(name, column.sql, column.pg_type, text.startswith("-"), nullable))
        last_down = list(keys.values())[-1].descending if keys else True
        keys.setdefault("id", SortKey("id", "t.id", self.column("id").pg_type, last_down, False))
        return list(keys.values())

    def groups(self) -> list[tuple[str, str]]:
        """Return (name, SQL) of what rows are grouped by."""
        if len(self.spec.group) > MAX_GROUPS:
            raise BadQuery("At most %(n)s groups.", "最多 %(n)s 个分组。", n=MAX_GROUPS)
        found = []
        for item in dict.fromkeys(self.spec.group):
            name, _, unit = str(item).partition(":")
            column = self.column(name)
            if unit:
                if unit not in UNITS or column.field.type.fx_type not in ("date", "datetime"):
                    raise BadQuery("This field has no %(unit)s.", "该字段不能按此单位分组。", unit=unit[:20])
                zone = str(self.context.zone)
                moment = column.sql
                if column.field.type.fx_type == "datetime":
                    moment = f"({column.sql} AT TIME ZONE '{zone}')"
                found.append((str(item), f"date_trunc('{unit}', {moment})::date"))
                continue
            if not column.field.type.groupable:
                raise BadQuery("This field cannot be grouped by.", "该字段不能分组。")
            found.append((name, column.sql))
        return found

    def aggregates(self) -> list[tuple[str, str]]:
        """Return (name, SQL) of the figures of a group."""
        if len(self.spec.aggregates) > MAX_AGGREGATES:
            raise BadQuery("At most %(n)s figures.", "最多 %(n)s 个汇总。", n=MAX_AGGREGATES)
        found = []
        for item in dict.fromkeys(self.spec.aggregates):
            word, _, name = str(item).partition(":")
            if word == "count" and not name:
                found.append(("count", "count(*)"))
                continue
            column = self.column(name)
            if word not in column.field.type.aggregates:
                raise BadQuery("This field has no such figure.", "该字段不支持此汇总。")
            text = {"count_distinct": f"count(DISTINCT {column.sql})"}.get(word, f"{word}({column.sql})")
            found.append((str(item), text))
        return found or [("count", "count(*)")]

    # --- the statement ----------------------------------------------------------------------------------

    def source(self) -> tuple[str, list[Any]]:
        """Return FROM with its joins; call it after everything that may join."""
        text = f"FROM {quote(self.noun.table)} t"
        params: list[Any] = []
        for _, join, more in self.joins.values():
            text += f" {join}"
            params += more
        return text, params


def is_uuid(raw: Any) -> bool:
    """Tell whether raw input is the id of a record."""
    try:
        uuid.UUID(str(raw))
    except ValueError:
        return False
    return True


def joined(parts: Sequence[str]) -> str:
    """Return a WHERE clause of conditions, "" for none."""
    return f" WHERE {' AND '.join(parts)}" if parts else ""
