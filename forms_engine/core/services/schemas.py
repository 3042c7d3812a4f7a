"""Define an entity, add a field, publish a schema: DDL and version rows in one commit, or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.access.walls import GUC_SQL, settings_of
from forms_engine.core.entity import (
    X_PREFIX,
    Entities,
    Entity,
    entities,
    entities_current,
    entity,
    typed_definitions,
)
from forms_engine.core.published import table_of
from forms_engine.fields.definition import definition_check
from forms_engine.kernel.errors import Conflict, ErrorList, FieldError, MesError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.tables.apply import apply, risks_count, rows_count
from forms_engine.tables.plan import DdlPlan, Step, plan
from forms_engine.tables.protection import Protection
from forms_engine.tables.words import ROWS_COUNTED, PlanWords, plan_words

PUBLISH = "core.schema.publish"
KEY = re.compile(r"x\.[a-z][a-z0-9_]{0,40}\Z")
PORTAL = "select, insert, update"


class BadKey(MesError):
    """The key of an admin-made entity has the wrong form."""

    code = "entity.bad_key"


class KeyTaken(Conflict):
    """An entity of this key exists."""

    code = "entity.key_taken"


@dataclass(frozen=True)
class Published:
    """What a publication does (dry run) or did: DDL steps, and how many rows each risk touches.

    `words` says the steps to people who read no SQL; only a dry run has them.
    """

    entity_key: str
    number: int
    steps: tuple[str, ...] = ()
    risks: tuple[dict[str, Any], ...] = ()
    quarantined: Mapping[str, int] = field(default_factory=dict)
    words: PlanWords = field(default_factory=PlanWords)

    def dump(self) -> dict[str, Any]:
        return {
            "entity": self.entity_key,
            "number": self.number,
            "steps": list(self.steps),
            "risks": list(self.risks),
            "quarantined": dict(self.quarantined),
            "words": self.words.dump(),
        }


def entity_define(
    *,
    actor: Actor,
    key: str,
    label: Text | Mapping[str, str] | str,
    schema: Schema,
    plural: Text | Mapping[str, str] | str | None = None,
    scope: str | None = None,
    title: str = "",
    business_key: Iterable[str] = (),
    search: Iterable[str] = (),
    columns: Iterable[str] = (),
    sort: Iterable[str] = (),
    icon: str = "box",
    dry_run: bool = False,
) -> Published:
    """Make a new entity with its table, walls and journal. Must not run inside a transaction.

    Args:
        key: `x.<slug>`; the table is `x_<slug>`.
        scope: "supplier" = every row belongs to a supplier, who sees only his own.

    Raises: BadKey, KeyTaken, ErrorList for mistakes of the schema, Denied.
    """
    policy.require(actor, PUBLISH, "core.schema")
    if not KEY.match(key):
        raise BadKey(Text("A key looks like x.furnace_log.", "标识形如 x.furnace_log。"), field="key")
    known = entities_current()
    if key in known.by_key:
        raise KeyTaken(Text("This key is taken.", "该标识已被使用。"), field="key")
    _check(schema)
    search = tuple(search) or tuple(s.name for s in schema if s.type in ("text", "serial", "scan"))[:3]
    settings = {
        "label": Text.of(label).dump(),
        "plural": Text.of(plural or label).dump(),
        "icon": icon,
        "scope": scope or "",
        "title": title,
        "business_key": list(business_key),
        "search": list(search),
        "columns": list(columns),
        "sort": list(sort),
    }
    walls = Protection(scope=scope, portal=PORTAL if scope else "")
    steps = plan(None, schema, table_of(key), table_of=_table_of_key, protection=walls)
    steps = _with_search(steps, schema, search)
    return _publish(
        actor,
        key,
        schema,
        steps,
        seen=known.version,
        number=1,
        dry_run=dry_run,
        settings=settings,
        is_typed=False,
    )


def schema_publish(*, actor: Actor, entity_key: str, schema: Schema, dry_run: bool = False) -> Published:
    """Publish another schema of an admin-made entity, or the x_ fields of a typed one.

    Args:
        schema: for a typed entity only the added fields; their names begin with `x_`.
        dry_run: only say what would happen and which rows are at risk.

    Raises: UnknownEntity, ErrorList, Denied, tables.StillBusy, tables.NotUnique.
    """
    return _schema_publish(entities_current(), actor, entity_key, schema, dry_run)


def _schema_publish(
    known: Entities, actor: Actor, entity_key: str, schema: Schema, dry_run: bool
) -> Published:
    policy.require(actor, PUBLISH, "core.schema")
    noun = known.get(entity_key)
    is_typed = noun.model is not None
    _check(schema)
    if is_typed:
        old = Schema(tuple(spec for spec in noun.schema if spec.name in noun.x_names))
        _check_added(schema, noun)
        before: Schema | None = old
    else:
        before = noun.schema
    walls = Protection(scope=noun.scope if noun.scope == "supplier" else None)
    steps = plan(before, schema, noun.table, table_of=_table_of_key, protection=walls)
    return _publish(
        actor,
        entity_key,
        schema,
        steps,
        seen=known.version,
        number=None,
        dry_run=dry_run,
        settings={"label": noun.label.dump(), "plural": noun.plural.dump()},
        is_typed=is_typed,
    )


def field_add(*, actor: Actor, entity_key: str, spec: FieldSpec, dry_run: bool = False) -> Published:
    """Add one field to an entity; on a typed one it gets the prefix `x_`.

    Raises: like `schema_publish`; Conflict when another schema was published in the same moment.
    """
    known = entities_current()
    noun = known.get(entity_key)
    if noun.model is None:
        current = Schema(noun.schema.fields, noun.schema.sections, noun.schema.rules)
    else:
        current = Schema(tuple(s for s in noun.schema if s.name in noun.x_names))
        if not spec.name.startswith(X_PREFIX):
            spec = replace(spec, name=X_PREFIX + spec.name, id=X_PREFIX + spec.id)
    if spec.name in current or spec.name in noun.fields:
        raise FieldError(spec.name, "schema.duplicate_name", Text("The field exists.", "字段已存在。"))
    wider = Schema((*current.fields, spec), current.sections, current.rules)
    return _schema_publish(known, actor, entity_key, wider, dry_run)


def _check(schema: Schema) -> None:
    definition_check(schema)
    unknown = [
        FieldError(spec.name, "field.no_target", Text("There is no such entity.", "没有该实体。"))
        for spec in schema
        if spec.type == "reference" and spec.option("target") not in entities().by_key
    ]
    if unknown:
        raise ErrorList(unknown)


def _check_added(schema: Schema, noun: Entity) -> None:
    wrong = [
        FieldError(
            spec.name,
            "schema.prefix",
            Text("Added fields begin with x_.", "新增字段名须以 x_ 开头。"),
        )
        for spec in schema
        if not spec.name.startswith(X_PREFIX) or not spec.name[len(X_PREFIX) :]
    ]
    if wrong:
        raise ErrorList(wrong)


def _table_of_key(key: str) -> str:
    return entity(key).table


def _with_search(steps: DdlPlan, schema: Schema, search: tuple[str, ...]) -> DdlPlan:
    """Give the search fields trigram indexes, so that `contains` stays fast on large tables."""
    more = []
    for name in search:
        if name in schema and schema[name].type in ("text", "long_text", "serial", "scan"):
            index = f"{steps.table}_{name}"[:58] + "_trgm"
            text = (
                f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{index}" ON "{steps.table}" '
                f'USING gin ("{name}" gin_trgm_ops)'
            )
            undo = f'DROP INDEX CONCURRENTLY IF EXISTS "{index}"'
            more.append(Step("index", "index", text, column=index, undo=undo, field=name))
    return replace(steps, steps=(*steps.steps, *more))


_DEFINE = """
INSERT INTO core_entitydefinition (id, created_at, updated_at, version, key, is_typed, label, plural, icon,
  scope, title, business_key, search, columns, sort, current)
VALUES (%s, now(), now(), 1, %s, %s, %s::jsonb, %s::jsonb, %s, %s, %s, %s, %s, %s, %s, 0)
ON CONFLICT (key) DO NOTHING
"""
_VERSION = """
INSERT INTO core_schemaversion (id, created_at, updated_at, version, definition_id, number, schema, plan,
  published_by)
SELECT %s, now(), now(), 1, d.id, d.current + 1, %s::jsonb, %s::jsonb, %s
FROM core_entitydefinition d WHERE d.key = %s RETURNING number
"""
_CURRENT = "UPDATE core_entitydefinition SET current = %s WHERE key = %s AND current = %s - 1"
_STAMP = "UPDATE core_schemastamp SET version = version + 1 WHERE id = 1 RETURNING version"


def _publish(
    actor: Actor,
    key: str,
    schema: Schema,
    steps: DdlPlan,
    *,
    seen: int,
    number: int | None,
    dry_run: bool,
    settings: dict[str, Any],
    is_typed: bool,
) -> Published:
    texts = tuple(step.sql for step in steps.steps)
    risks = () if steps.creates else tuple(_risks(steps))
    if dry_run:
        words = plan_words(
            steps,
            schema,
            noun=Text.of(settings["label"]),
            rows=0 if steps.creates else rows_count(steps.table, most=ROWS_COUNTED + 1),
            label_of=lambda target: entity(target).label,
        )
        return Published(key, number or 0, texts, risks, words=words)
    noted: dict[str, int] = {}

    def rows(cursor: Any) -> None:
        cursor.execute("SELECT version FROM core_schemastamp WHERE id = 1 FOR UPDATE")
        if cursor.fetchone()[0] != seen:  # this schema was thought out on top of an older one
            raise Conflict(
                Text("Somebody published this meanwhile.", "该定义刚被他人发布。"), code="schema.conflict"
            )
        cursor.execute(f"SELECT {GUC_SQL}", settings_of(actor, action=PUBLISH))
        cursor.execute(
            _DEFINE,
            [
                new_id(),
                key,
                is_typed,
                json.dumps(settings["label"]),
                json.dumps(settings["plural"]),
                settings.get("icon", "box"),
                settings.get("scope", ""),
                settings.get("title", ""),
                settings.get("business_key", []),
                settings.get("search", []),
                settings.get("columns", []),
                settings.get("sort", []),
            ],
        )
        noted["wrote"] = cursor.rowcount
        if number == 1 and not noted["wrote"]:
            raise KeyTaken(Text("This key is taken.", "该标识已被使用。"), field="key")
        cursor.execute(
            _VERSION,
            [
                new_id(),
                json.dumps(schema.dump()),
                json.dumps({"steps": texts, "risks": list(risks)}),
                actor.id,
                key,
            ],
        )
        noted["number"] = cursor.fetchone()[0]
        cursor.execute(_CURRENT, [noted["number"], key, noted["number"]])
        if cursor.rowcount != 1:
            raise Conflict(
                Text("Somebody published this meanwhile.", "该定义刚被他人发布。"), code="schema.conflict"
            )
        cursor.execute(_STAMP)
        noted["stamp"] = cursor.fetchone()[0]

    done = apply(steps, on_publish=rows)
    entities(at_least=noted["stamp"])
    return Published(key, noted["number"], texts, risks, done.quarantined)


def _risks(steps: DdlPlan) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "field": name, "message": message.dump(), "rows": rows}
        for kind, name, message, rows in risks_count(steps)
    ]


def definitions_known(found: Entities | None = None) -> list[str]:
    """Return the keys of admin-made entities."""
    known = found or entities()
    return sorted(key for key in known.by_key if key not in typed_definitions())
