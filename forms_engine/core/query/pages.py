"""Ask and answer: pages, JSON, one record, groups, everything in turn."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import DataError, OperationalError
from django.db.utils import ProgrammingError

from forms_engine.access.actor import Actor
from forms_engine.access.walls import walls, walls_now
from forms_engine.base import db
from forms_engine.base.sql import execute, json_value, quote
from forms_engine.core import children
from forms_engine.core.entity import Entity, EntityField, UnknownEntity, entities, entity
from forms_engine.core.published import stamp_now
from forms_engine.core.query.compiler import Compiler, joined
from forms_engine.core.query.cursor import SortKey, after_condition, cursor_read, cursor_write
from forms_engine.core.query.shape import shape_of
from forms_engine.core.query.spec import EXACT_COUNT, MAX_SIZE, BadQuery, FieldUnknown, Page, QuerySpec
from forms_engine.kernel.errors import Denied, NotFound, Unavailable
from forms_engine.kernel.text import Text

T = TypeVar("T")


class RecordNotFound(NotFound):
    """No such record, or one the actor may not see."""

    code = "record.not_found"


class _Moved(Exception):
    """The statement ran on a newer schema than it was compiled for."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


@contextlib.contextmanager
def reading(actor: Actor) -> Iterator[None]:
    """Read through the actor's own login: suppliers behind the wall, others without a transaction."""
    if actor.is_outside:
        with walls(actor):
            yield
        return
    inside = walls_now()
    if inside is not None and inside.alias != db.DEFAULT:
        with walls(actor):  # refuses: a plant's actor has no business inside a supplier's walls
            yield
        return
    with db.use_alias(db.DEFAULT):
        yield


def _asked(actor: Actor, ask: Callable[[], T]) -> T:
    """Run a question; when a schema was published meanwhile, read it and ask once more."""
    for last in (False, True):
        try:
            with reading(actor):
                return ask()
        except _Moved as moved:
            entities(at_least=moved.version)
            if last:
                raise Unavailable(
                    Text("A form was published just now.", "表单刚刚发布，请重试。"), code="schema.moved"
                ) from None
        except (FieldUnknown, UnknownEntity):
            known = entities().version
            if last or entities(at_least=stamp_now()).version == known:
                raise
        except DataError as error:
            raise BadQuery("A value of the query cannot be read.", "查询中的值无法识别。") from error
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == "57014":
                raise Unavailable(
                    Text("The question takes too long; narrow it.", "查询耗时过长，请缩小范围。"),
                    code="query.timeout",
                ) from error
            raise
        except ProgrammingError as error:
            if getattr(error.__cause__, "sqlstate", "") == "42501":
                raise Denied(Text("You may not see this list.", "您没有查看此列表的权限。")) from error
            raise
    raise AssertionError("unreachable")


class _Statement:
    """The compiled parts of one list; `run` fetches one stretch of it."""

    def __init__(self, actor: Actor, noun: Entity, spec: QuerySpec, *, as_json: bool) -> None:
        if not isinstance(spec.size, int) or not 1 <= spec.size <= MAX_SIZE:
            raise BadQuery("A page has 1 to %(n)s rows.", "每页 1 至 %(n)s 行。", n=MAX_SIZE)
        self.compiler = compiler = Compiler(actor, noun, spec)
        self.keys = compiler.keys()
        self.parts, self.params = compiler.where()
        # What filter and order need is joined before the limit, labels only for the rows that are left.
        self.joins_before = len(compiler.joins)
        shape = shape_of(compiler, as_json)
        self.names, self.widths, self.items, self.lateral = shape
        self.source, self.source_params = compiler.source()

    def fetch(self, keys: list[SortKey], parts: list[str], params: list[Any], limit: int) -> list[Any]:
        """Return rows in the order of `keys`: items, schema version, then the sort keys as text."""
        order = ", ".join(key.order for key in keys)
        marks = ", ".join(f"{key.sql}::text" for key in keys)
        where = f"{joined(parts)} ORDER BY {order} LIMIT {limit}"
        if self.joins_before or len(self.compiler.joins) == 0:
            text = f"SELECT {self.items}, {marks} {self.source}{self.lateral}{where}"
            rows = execute(text, [*self.source_params, *params]).fetchall()
        else:
            labels = self.source.partition(" t LEFT JOIN ")[2]
            inner = f"(SELECT * FROM {quote(self.compiler.noun.table)} t{where})"  # noqa: S608 - own names
            text = (
                f"SELECT {self.items}, {marks} FROM {inner} t LEFT JOIN {labels}{self.lateral}"  # noqa: S608
                f" ORDER BY {order}"
            )
            rows = execute(text, [*params, *self.source_params]).fetchall()
        if rows:
            version = rows[0][-len(keys) - 1]
            if version != entities().version:
                raise _Moved(version)
        return rows

    def page(self, spec: QuerySpec) -> tuple[list[Any], str | None, str | None]:
        """Return the rows of the page asked for, and the cursors beside it."""
        back = spec.before is not None
        keys = [key.reversed() for key in self.keys] if back else self.keys
        cursor = spec.before if back else spec.after
        if cursor is None:
            rows = self.fetch(keys, self.parts, self.params, spec.size + 1)
        else:
            values = cursor_read(self.keys, cursor)
            rows = self._beyond(keys, values, spec.size + 1)
        more = len(rows) > spec.size
        rows = rows[: spec.size]
        if back:
            rows.reverse()
        ahead = (more if not back else True) and rows
        behind = (cursor is not None if not back else more) and rows
        width = len(self.keys)
        following = cursor_write(self.keys, rows[-1][-width:]) if ahead else None
        preceding = cursor_write(self.keys, rows[0][-width:]) if behind else None
        return rows, following, preceding

    def _beyond(self, keys: list[SortKey], values: list[str | None], limit: int) -> list[Any]:
        """Fetch what follows a row. Rows whose first key is empty are a stretch of their own at the end of an
        ascending order: asked for apart, both stretches are ranges of the index.
        """
        first = keys[0]
        split = not first.descending and first.nullable and len(keys) == 2
        if split and values[0] is not None:
            firm = [SortKey(first.name, first.sql, first.pg_type, False, False), *keys[1:]]
            text, more = after_condition(firm, values)
            rows = self.fetch(keys, [*self.parts, text], [*self.params, *more], limit)
            if len(rows) < limit:
                empty = [*self.parts, f"{first.sql} IS NULL"]
                rows += self.fetch(keys, empty, self.params, limit - len(rows))
            return rows
        text, more = after_condition(keys, values)
        return self.fetch(keys, [*self.parts, text], [*self.params, *more], limit)

    def count(self) -> tuple[int, bool]:
        """Return how many rows there are, and whether that is an estimate.

        Exact to 1,000. Above that the planner's estimate; for suppliers it stays "1,000 and more", because
        the estimate is made from everybody's rows.
        """
        where = joined(self.parts)
        params = [*self.source_params, *self.params]
        inner = f"SELECT 1 {self.source}{where}"
        text = f"SELECT count(*) FROM ({inner} LIMIT {EXACT_COUNT + 1}) c"  # noqa: S608
        found = execute(text, params).fetchone()[0]
        if found <= EXACT_COUNT:
            return found, False
        if self.compiler.actor.is_outside:
            return EXACT_COUNT, True
        plan = execute(f"EXPLAIN (FORMAT JSON) {inner}", params, prepare=False).fetchone()[0]
        rows = json_value(plan)[0]["Plan"]["Plan Rows"]
        return max(int(rows), EXACT_COUNT), True


# --- what others call -------------------------------------------------------------------------------------


def query_page(actor: Actor, entity_key: str, spec: QuerySpec | None = None) -> Page:
    """Return one page of what the actor may see, as Python values; a reference is {"id", "label"}.

    Raises:
        Denied, UnknownEntity, FieldUnknown, BadQuery (400), Unavailable after the statement timeout.
    """
    asked = spec or QuerySpec()

    def ask() -> Page:
        noun = entity(entity_key)
        if asked.group or asked.aggregates:
            return Page(rows=_groups(actor, noun, asked))
        statement = _Statement(actor, noun, asked, as_json=False)
        rows, following, preceding = statement.page(asked)
        count, estimated = statement.count() if asked.count else (None, False)
        return Page(
            rows=[_values(statement, row) for row in rows],
            next=following,
            prev=preceding,
            count=count,
            estimated=estimated,
        )

    return _asked(actor, ask)


def _values(statement: _Statement, row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    position = 0
    for name, width in zip(statement.names, statement.widths, strict=True):
        f = statement.compiler.column(name).field
        values[name] = _value(f, row[position : position + width])
        position += width
    return values


def _value(f: EntityField, parts: Any) -> Any:
    if f.target is not None and not f.system:
        return None if parts[0] is None else {"id": parts[0], "label": parts[1] or str(parts[0])[:8]}
    columns = f.type.columns(f.spec)
    return f.type.from_columns(f.spec, {c.name: part for c, part in zip(columns, parts, strict=False)})


def query_json(actor: Actor, entity_key: str, spec: QuerySpec | None = None) -> bytes:
    """Return one page as JSON {"results", "next", "prev", …}; PostgreSQL itself writes the rows."""
    asked = spec or QuerySpec()

    def ask() -> bytes:
        noun = entity(entity_key)
        if asked.group or asked.aggregates:
            rows = _groups(actor, noun, asked)
            return json.dumps({"results": rows}, default=str, ensure_ascii=False).encode()
        statement = _Statement(actor, noun, asked, as_json=True)
        rows, following, preceding = statement.page(asked)
        tail: dict[str, Any] = {"next": following, "prev": preceding}
        if asked.count:
            tail["count"], tail["estimated"] = statement.count()
        body = ",".join([row[0] for row in rows])
        return f'{{"results":[{body}],{json.dumps(tail)[1:]}'.encode()

    return _asked(actor, ask)


def query_iter(actor: Actor, entity_key: str, spec: QuerySpec | None = None) -> Iterator[dict[str, Any]]:
    """Yield every row of a list in turn, by keyset pages, for exports; each page is its own statement."""
    asked = spec or QuerySpec()
    after = asked.after
    while True:
        page = query_page(
            actor,
            entity_key,
            QuerySpec(
                filter=asked.filter,
                search=asked.search,
                sort=asked.sort,
                fields=asked.fields,
                archived=asked.archived,
                size=MAX_SIZE,
                after=after,
            ),
        )
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def record_get(actor: Actor, entity_key: str, pk: uuid.UUID | str) -> dict[str, Any]:
    """Return one record with its lines, archived or not.

    Raises:
        RecordNotFound: missing or not visible.
    """
    page = query_page(actor, entity_key, _one(pk))
    if not page.rows:
        raise RecordNotFound(Text("There is no such record.", "找不到该记录。"))
    record = page.rows[0]
    noun = entity(entity_key)
    with reading(actor):
        for name in noun.tables:
            record[name] = children.rows_shown(actor, noun, name, record["id"])
    return record


def record_json(actor: Actor, entity_key: str, pk: uuid.UUID | str) -> bytes:
    """Return one record as JSON bytes, with its lines."""
    noun = entity(entity_key)
    if noun.tables:
        record = record_get(actor, entity_key, pk)
        return json.dumps(dumped(noun, record), ensure_ascii=False).encode()

    def ask() -> bytes:
        statement = _Statement(actor, entity(entity_key), _one(pk), as_json=True)
        rows, _, _ = statement.page(statement.compiler.spec)
        if not rows:
            raise RecordNotFound(Text("There is no such record.", "找不到该记录。"))
        body: str = rows[0][0]
        return body.encode()

    return _asked(actor, ask)


def _one(pk: uuid.UUID | str) -> QuerySpec:
    try:
        wanted = pk if isinstance(pk, uuid.UUID) else uuid.UUID(str(pk))
    except ValueError:
        raise RecordNotFound(Text("There is no such record.", "找不到该记录。")) from None
    return QuerySpec(filter=["eq", "id", wanted], sort=("id",), archived=False, size=1)


def dumped(noun: Entity, record: dict[str, Any]) -> dict[str, Any]:
    """Turn the values of a record into JSON data."""
    data: dict[str, Any] = {}
    for name, value in record.items():
        f = noun.fields.get(name)
        if name in noun.tables:
            child = entity(noun.tables[name].entity)
            data[name] = [dumped(child, row) for row in value]
        elif value is None or f is None:
            data[name] = value
        elif isinstance(value, dict):
            data[name] = {key: str(item) for key, item in value.items()}
        else:
            data[name] = f.type.dump(value)
    return data


def _groups(actor: Actor, noun: Entity, spec: QuerySpec) -> list[dict[str, Any]]:
    compiler = Compiler(actor, noun, spec)
    groups, figures = compiler.groups(), compiler.aggregates()
    parts, params = compiler.where()
    source, source_params = compiler.source()
    items = ", ".join(sql for _, sql in [*groups, *figures])
    by = ", ".join(str(index + 1) for index in range(len(groups)))
    tail = f" GROUP BY {by} ORDER BY {by}" if groups else ""
    text = f"SELECT {items} {source}{joined(parts)}{tail} LIMIT {MAX_SIZE}"
    names = [name for name, _ in [*groups, *figures]]
    rows = execute(text, [*source_params, *params]).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
