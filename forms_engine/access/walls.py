"""The walls around one piece of work: its login, its supplier, and whom the journal names.

A supplier or a link works as the portal login: PostgreSQL itself then shows only rows of
`app.supplier_id`, and without that setting none. Everybody else works as `default`. The settings are
LOCAL, so they end with the transaction; walls are therefore the outermost block of a request or task.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import transaction

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.base.sql import execute

GUCS = ("app.supplier_id", "takt.actor", "takt.actor_name", "takt.request", "takt.action")
GUC_SQL = ", ".join(f"set_config('{name}', %s, true)" for name in GUCS)


_WRITE = f"SELECT {GUC_SQL}"


class WallBreach(RuntimeError):
    """Work of one side was started inside the walls of the other; send an event instead."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the surrounding walls were built for."""

    actor: Actor
    alias: str
    settings: tuple[str, ...]


_inside: ContextVar[Inside | None] = ContextVar("takt_walls", default=None)


def walls_now() -> Inside | None:
    """Return the walls around the code of the moment, or None."""
    return _inside.get()


def alias_of(actor: Actor) -> str:
    """Return the login an actor works through."""
    return db.PORTAL if actor.is_outside else db.DEFAULT


def settings_of(actor: Actor, *, request_id: str = "", action: str = "") -> tuple[str, ...]:
    """Return the values of `GUCS` for an actor; an outsider's supplier is the only one RLS looks at."""
    supplier = str(actor.supplier_id) if actor.is_outside else ""
    return (supplier, actor.id, actor.name[:200], request_id[:100], action[:160])


@contextlib.contextmanager
def walls(actor: Actor, *, request_id: str = "", action: str = "", settings: bool = True) -> Iterator[None]:
    """Open the transaction of an actor; inside other walls of the same side it is a savepoint.

    Args:
        settings: False leaves writing the settings to the caller's own first statement (the door's head).

    Raises:
        WallBreach: the surrounding walls belong to the other side or to another supplier.
    """
    outer = _inside.get()
    alias = alias_of(actor)
    values = settings_of(actor, request_id=request_id, action=action)
    if outer is not None:
        if outer.alias != alias or (alias == db.PORTAL and outer.settings[0] != values[0]):
            raise WallBreach(f"{actor.name}: walls inside walls of {outer.actor.name}")
        values = (*values[:3], values[3] or outer.settings[3], values[4] or outer.settings[4])
    with db.use_alias(alias), transaction.atomic(using=alias, durable=outer is None):
        token = _inside.set(Inside(actor, alias, values))
        try:
            if settings or outer is not None:
                settings_write(values)
            yield
            if outer is not None:
                settings_write(outer.settings)
        finally:
            _inside.reset(token)


def settings_write(values: tuple[str, ...]) -> None:
    """Write the LOCAL settings on the current connection; after an error the savepoint has undone them."""
    execute(_WRITE, values)
