"""Which topics somebody may listen to. Knowing that something changed is knowledge, too."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from forms_engine.access.actor import Actor
from forms_engine.access.policy import can, visible
from forms_engine.access.walls import walls
from forms_engine.base.sql import execute, quote
from forms_engine.core.entity import entity
from forms_engine.kernel.errors import NotFound

BOARD = "board:"
USER = "user:"
MAX_LENGTH = 200

BoardRule = Callable[[Actor, str], bool]
_board_rules: list[BoardRule] = []


def board_rule(rule: BoardRule) -> BoardRule:
    """Register `f(actor, name)`: may he watch this board? All must agree; none = all of the plant."""
    _board_rules.append(rule)
    return rule


def may_watch(actor: Actor, topic: str) -> bool:
    """Tell whether the actor may be told that a topic changed; unknown and forbidden answer alike."""
    if not topic or len(topic) > MAX_LENGTH:
        return False
    if topic.startswith(USER):
        return actor.user_id is not None and topic == f"{USER}{actor.user_id}"
    head, at, supplier = topic.partition("@")
    if at and not _is_of(actor, supplier):
        return False
    if actor.is_outside and not at and ":" not in head:
        return False  # that anything of anybody changed is no business of a supplier
    if head.startswith(BOARD):
        return not actor.is_outside and all(rule(actor, head[len(BOARD) :]) for rule in _board_rules)
    key, colon, record = head.partition(":")
    return _may_see(actor, key, record if colon else None)


def _is_of(actor: Actor, supplier: str) -> bool:
    return not actor.is_outside or supplier == str(actor.supplier_id)


def _may_see(actor: Actor, key: str, record: str | None) -> bool:
    try:
        noun = entity(key)
        pk = uuid.UUID(record) if record is not None else None
    except (NotFound, ValueError):
        return False
    if not can(actor, "read", noun):
        return False
    if pk is None:
        return True
    with walls(actor):
        seen, params = visible(actor, noun).sql("t")
        text = f"SELECT 1 FROM {quote(noun.table)} t WHERE t.id = %s AND {seen}"  # noqa: S608 names of the schema
        return execute(text, [pk, *params]).fetchone() is not None
