"""May I? `can` guards every act, `visible` every read. There is no third question."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from forms_engine.access.actor import Actor
from forms_engine.access.conditions import Condition, condition_of
from forms_engine.access.predicate import (
    EVERYTHING,
    NOTHING,
    Holds,
    Is,
    Predicate,
    all_of,
    any_of,
)
from forms_engine.access.selectors import grants_all, policy_version
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text

READ = "read"
NO_FIELDS: frozenset[str] = frozenset()


class Scoped(Protocol):
    """What the policy needs to know of an entity."""

    key: str
    scope: str | None

    def column_of(self, name: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A grant, ready to use."""

    entity: str
    actions: frozenset[str]
    condition: Condition | None
    hidden: frozenset[str]
    read_only: frozenset[str]

    def covers(self, entity: str, verb: str, key: str) -> bool:
        """Tell whether the grant speaks about this entity and verb."""
        if not _matches(self.entity, entity):
            return False
        return "*" in self.actions or verb in self.actions or key in self.actions


@dataclass(frozen=True, slots=True)
class FieldRights:
    """Fields an actor may not see, and fields he may see but not write, of one entity."""

    hidden: frozenset[str] = NO_FIELDS
    read_only: frozenset[str] = NO_FIELDS


FREE = FieldRights()


@dataclass(slots=True)
class _Cache:
    version: int = -1
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict)


_cache = _Cache()
_lock = threading.Lock()


def _matches(pattern: str, key: str) -> bool:
    if pattern in ("*", key):
        return True
    return pattern.endswith(".*") and key.startswith(pattern[:-1])


def _cached(actor: Actor) -> _Cache:
    """Return the rules at least as new as the actor; hand-made actors (version 0) ask the database."""
    global _cache
    wanted = actor.policy_version or policy_version()
    if _cache.version < wanted:
        with _lock:
            if _cache.version < wanted:
                version, rows = grants_all()
                fresh = _Cache(version=version)
                for row in rows:
                    fresh.rules.setdefault(row["role__key"], []).append(
                        Rule(
                            entity=row["entity"],
                            actions=frozenset(row["actions"]),
                            condition=condition_of(row["condition"]) if row["condition"].strip() else None,
                            hidden=frozenset(row["hidden_fields"]),
                            read_only=frozenset(row["read_only_fields"]),
                        )
                    )
                _cache = fresh
    return _cache


def version_known(actor: Actor) -> int:
    """Return the version of the grants that answer for this actor (0 = he needs none).

    What is derived from rights is kept under it.
    """
    return 0 if _is_free(actor) else _cached(actor).version


def version_seen(actor: Actor) -> int:
    """Return the newest version of roles and grants known here and now, without asking the database."""
    return max(actor.policy_version, _cache.version)


def cache_forget() -> None:
    """Drop the cached grants (tests that truncate the tables)."""
    global _cache
    _cache = _Cache()


def _rules(actor: Actor, entity_key: str, verb: str, action_key: str) -> tuple[Rule, ...]:
    cache = _cached(actor)
    memo_key = (actor.roles, entity_key, action_key)
    found = cache.memo.get(memo_key)
    if found is None:
        found = tuple(
            rule
            for role in sorted(actor.roles)
            for rule in cache.rules.get(role, ())
            if rule.covers(entity_key, verb, action_key)
        )
        cache.memo[memo_key] = found
    return found


def _in_scopes(actor: Actor, entity_key: str, verb: str, action_key: str) -> bool:
    if actor.scopes is None:
        return True
    return any(
        scope == verb or _matches(scope, action_key) or _matches(scope, f"{entity_key}.{verb}")
        for scope in actor.scopes
    )


def _is_free(actor: Actor) -> bool:
    return actor.is_admin or actor.kind == "system"


def split_key(action_key: str, entity_key: str | None) -> tuple[str, str]:
    """Return (entity key, verb): `supply.calloff.confirm` → (`supply.calloff`, `confirm`)."""
    if entity_key and action_key.startswith(entity_key + "."):
        return entity_key, action_key[len(entity_key) + 1 :]
    head, _, verb = action_key.rpartition(".")
    return entity_key or head, verb or action_key


def can(actor: Actor, action_key: str, entity: Scoped | str | None, record: Any = None) -> bool:
    """Tell whether the actor may do this, here and to this record; `action_key` "read" asks for reading.

    Args:
        entity: an entity, its key, or None for an action without one.
        record: model instance or mapping of values; None = may he do it to some record at all.
    """
    entity_key = entity if isinstance(entity, str) else entity.key if entity is not None else None
    entity_key, verb = split_key(action_key, entity_key)
    if not _in_scopes(actor, entity_key, verb, action_key):
        return False
    if not _bound_to(actor, entity_key, record):
        return False
    if _is_free(actor):
        return True
    rules = _rules(actor, entity_key, verb, action_key)
    if not rules:
        return False
    if record is None:
        return True
    values = RecordValues(record)
    if actor.is_outside and not _is_own(actor, entity, values):
        return False
    return any(rule.condition is None or rule.condition.holds(values, actor) for rule in rules)


def _is_own(actor: Actor, entity: Scoped | str | None, values: RecordValues) -> bool:
    """Tell whether a record is the outsider's; known by key only, what is not surely his is not."""
    if not isinstance(entity, str) and (entity is None or not entity.scope):
        return True
    own = values["supplier_id" if isinstance(entity, str) else scope_field(entity)]
    return own is not None and str(own) == str(actor.supplier_id)


def require(actor: Actor, action_key: str, entity: Scoped | str | None, record: Any = None) -> None:
    """Refuse what the actor may not do.

    Raises:
        Denied: not granted.
    """
    if not can(actor, action_key, entity, record):
        raise Denied(Text("You may not do this.", "您没有执行此操作的权限。"))


def visible(actor: Actor, entity: Scoped) -> Predicate:
    """Return which rows the actor may see: for the ORM by `.q()`, for our SQL by `.sql(alias)`."""
    if not _in_scopes(actor, entity.key, READ, f"{entity.key}.{READ}"):
        return NOTHING
    bound = EVERYTHING
    if actor.record is not None and actor.record[0] == entity.key:
        bound = Is("id", actor.record[1])
    if _is_free(actor):
        return bound
    rules = _rules(actor, entity.key, READ, READ)
    if not rules:
        return NOTHING
    rows: Predicate = EVERYTHING
    if all(rule.condition is not None for rule in rules):
        rows = any_of(*(Holds(rule.condition, entity, actor) for rule in rules))
    wall: Predicate = EVERYTHING
    if actor.is_outside and entity.scope:
        wall = Is(scope_field(entity), actor.supplier_id)
    return all_of(wall, bound, rows)


def scope_field(entity: Scoped) -> str:
    """Return the column that says whose row it is: `supplier_id`, or `id` for the suppliers themselves."""
    return "id" if entity.scope == "self" else "supplier_id"


def field_rights(actor: Actor, entity: Scoped) -> FieldRights:
    """Return the closed fields of an entity.

    A field is open if one unconditional grant leaves it open; conditional grants open nothing beyond, because
    whether they hold differs by row. With conditional grants only, a field any of them hides is hidden.
    """
    if _is_free(actor):
        return FREE
    cache = _cached(actor)
    memo_key = ("fields", actor.roles, entity.key)
    found = cache.memo.get(memo_key)
    if found is None:
        reads = _rules(actor, entity.key, READ, READ)
        writes = _rules(actor, entity.key, "update", f"{entity.key}.update")
        hidden = _closed(reads, "hidden")
        found = FieldRights(hidden, _closed(writes or reads, "read_only") | hidden)
        cache.memo[memo_key] = found
    return found


def _closed(rules: tuple[Rule, ...], what: str) -> frozenset[str]:
    firm = [getattr(rule, what) for rule in rules if rule.condition is None]
    if firm:
        return frozenset.intersection(*firm)
    return frozenset().union(*(getattr(rule, what) for rule in rules))


def _bound_to(actor: Actor, entity_key: str, record: Any) -> bool:
    """A link for one record acts on that record only (on others of another entity its scopes decide)."""
    if actor.record is None or record is None or actor.record[0] != entity_key:
        return True
    return str(RecordValues(record)["id"]) == str(actor.record[1])


class RecordValues(Mapping[str, Any]):
    """Values of a record by field name, whether it is a row of ours (mapping) or a model instance."""

    __slots__ = ("_record",)

    def __init__(self, record: Any) -> None:
        self._record = record

    def __getitem__(self, name: str) -> Any:
        record = self._record
        if isinstance(record, Mapping):
            if name in record:
                return record[name]
            return record.get(f"{name}_id")
        by_id = getattr(record, f"{name}_id", None)
        return by_id if by_id is not None else getattr(record, name, None)

    def __iter__(self) -> Iterator[str]:
        record = self._record
        if isinstance(record, Mapping):
            return iter(record)
        return iter([f.name for f in record._meta.concrete_fields])

    def __len__(self) -> int:
        return sum(1 for _ in self)
