"""Find and check referenced records under the rights of whoever writes."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.conditions import condition_of
from forms_engine.access.policy import visible
from forms_engine.access.predicate import EVERYTHING, NOTHING, Holds, Predicate, all_of
from forms_engine.base.sql import execute, quote
from forms_engine.core.entity import Entity, entities, entity
from forms_engine.core.portal import joins_allowed
from forms_engine.kernel.schema import Schema


def references_find(target: str, numbers: Sequence[str], ctx: Any) -> dict[str, uuid.UUID | None]:
    """Return {business number: id or None} for an entity; what was found stays in `ctx.scratch`.

    Only entities with a business key of one column can be found by number; two of one number find none.
    """
    known: dict[str, uuid.UUID | None] = ctx.scratch.setdefault(("reference", target), {})
    missing = [number for number in dict.fromkeys(numbers) if number not in known]
    if not missing:
        return known
    noun = entity(target)
    column = _number_column(noun)
    if column is None:
        known.update(dict.fromkeys(missing))
        return known
    rows = _seen(noun, ctx)
    if rows.is_nothing:
        known.update(dict.fromkeys(missing))
        return known
    seen, params = rows.sql("t")
    name = quote(column)
    text = (
        f"SELECT t.{name}::text, t.id FROM {quote(noun.table)} t "  # noqa: S608 - names of the schema
        f"WHERE t.{name} = ANY(%s::text[]) {_living(noun)} AND {seen} LIMIT 20000"
    )
    found: dict[str, uuid.UUID | None] = {}
    for number, pk in execute(text, [missing, *params]).fetchall():
        found[number] = None if number in found else pk
    known.update({number: found.get(number) for number in missing})
    return known


def references_check(target: str, ids: Sequence[uuid.UUID], ctx: Any, *, condition: str = "") -> bool:
    """Tell whether all ids are records the actor may see and choose; answers stay in `ctx.scratch`."""
    known: dict[uuid.UUID, bool] = ctx.scratch.setdefault(("chosen", target, condition), {})
    missing = [pk for pk in dict.fromkeys(ids) if pk not in known]
    if missing:
        noun = entity(target)
        rule = EVERYTHING if not condition else Holds(condition_of(condition), noun, ctx.actor)
        rows = all_of(_seen(noun, ctx), rule)
        if rows.is_nothing:
            known.update(dict.fromkeys(missing, False))
            return all(known[pk] for pk in ids)
        seen, params = rows.sql("t")
        text = (
            f"SELECT t.id FROM {quote(noun.table)} t "  # noqa: S608 - names of the schema
            f"WHERE t.id = ANY(%s::uuid[]) {_living(noun)} AND {seen}"
        )
        found = {row[0] for row in execute(text, [missing, *params]).fetchall()}
        known.update({pk: pk in found for pk in missing})
    return all(known[pk] for pk in ids)


def references_look(schema: Schema, raw: Mapping[str, Any], ctx: Any) -> None:
    """Check the ids of several reference fields in one statement; answers stay in `ctx.scratch`."""
    wanted: dict[tuple[str, str], list[uuid.UUID]] = {}
    for spec in schema:
        if spec.type == "reference" and spec.name in raw:
            pk = raw_id(raw[spec.name])
            if pk is not None and ctx.record.get(spec.name) != pk:
                key = (spec.option("target", ""), spec.option("condition", "") or "")
                wanted.setdefault(key, []).append(pk)
    if len(wanted) < 2:
        return
    parts: list[str] = []
    params: list[Any] = []
    for number, ((target, condition), ids) in enumerate(wanted.items()):
        ctx.scratch.setdefault(("chosen", target, condition), {}).update(dict.fromkeys(ids, False))
        noun = entity(target)
        rule = EVERYTHING if not condition else Holds(condition_of(condition), noun, ctx.actor)
        rows = all_of(_seen(noun, ctx), rule)
        if not rows.is_nothing:
            seen, more = rows.sql("t")
            parts.append(
                f"SELECT {number}, t.id FROM {quote(noun.table)} t "  # noqa: S608 - names of the schema
                f"WHERE t.id = ANY(%s::uuid[]) {_living(noun)} AND {seen}"
            )
            params += [ids, *more]
    keys = list(wanted)
    if parts:
        for number, pk in execute(" UNION ALL ".join(parts), params).fetchall():
            ctx.scratch[("chosen", *keys[number])][pk] = True


def raw_id(raw: Any) -> uuid.UUID | None:
    """Return the id in a raw input, None if it holds none."""
    if isinstance(raw, uuid.UUID):
        return raw
    if isinstance(raw, dict):
        raw = raw.get("id")
        if isinstance(raw, uuid.UUID):
            return raw
    text = raw.strip() if isinstance(raw, str) else ""
    if len(text) in (32, 36):
        try:
            return uuid.UUID(text)
        except ValueError:
            return None
    return None


def _seen(noun: Entity, ctx: Any) -> Predicate:
    """Return which rows may be chosen: those the actor sees; without an actor (pure checks) all."""
    if ctx.actor is None:
        return EVERYTHING
    return visible(ctx.actor, noun) if joins_allowed(ctx.actor.is_outside, noun) else NOTHING


def _living(noun: Entity) -> str:
    return "AND t.archived_at IS NULL" if noun.may_be_archived else ""


def _number_column(noun: Entity) -> str | None:
    names = noun.business_key if len(noun.business_key) == 1 else (noun.title,)
    found = noun.fields.get(names[0])
    return found.column if found is not None and found.type.fx_type == "text" else None


def labels_of(actor: Actor, target: str, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the labels of records of one entity, of those the actor may see."""
    noun = entities().by_key.get(target)
    if noun is None or not ids:
        return {}
    seen = visible(actor, noun)
    if seen.is_nothing or not joins_allowed(actor.is_outside, noun):
        return {}
    rule, params = seen.sql("t")
    label = f"t.{quote(noun.title_columns[0])}::text"
    text = (
        f"SELECT t.id, {label} FROM {quote(noun.table)} t "  # noqa: S608 - names of the schema
        f"WHERE t.id = ANY(%s::uuid[]) AND {rule}"
    )
    return dict(execute(text, [list(ids), *params]).fetchall())
