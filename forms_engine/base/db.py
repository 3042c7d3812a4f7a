"""Which login the code of the moment speaks through, and transactions on it.

Three aliases lead to one database: `default` (app_rw: web and workers), `portal` (app_portal: suppliers and
links, behind row-level security) and `owner` (app_owner: migrations and published schemas). Services never
name an alias: they use `atomic` from here, and the router sends every query to `current_alias()`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar, overload

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

DEFAULT = "default"
PORTAL = "portal"
OWNER = "owner"

_alias: ContextVar[str] = ContextVar("takt_alias", default=DEFAULT)

F = TypeVar("F", bound=Callable[..., Any])


def current_alias() -> str:
    """Return the alias queries go to: "default" unless inside `use_alias` (the walls)."""
    return _alias.get()


@contextlib.contextmanager
def use_alias(alias: str) -> Iterator[None]:
    """Send every query inside the block through another login."""
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)


def connection() -> BaseDatabaseWrapper:
    """Return Django's connection of the current alias."""
    return connections[_alias.get()]


def on_commit(function: Callable[[], Any]) -> None:
    """Call once the current transaction has committed (now if there is none). For pokes, never effects."""
    transaction.on_commit(function, using=_alias.get())


class _Atomic(contextlib.ContextDecorator):
    """`transaction.atomic` that looks up the alias when the block is entered, not on import."""

    def __init__(self, durable: bool) -> None:
        self._durable = durable
        self._inner: transaction.Atomic | None = None

    def _recreate_cm(self) -> _Atomic:
        return _Atomic(self._durable)

    def __enter__(self) -> None:
        self._inner = transaction.Atomic(_alias.get(), savepoint=True, durable=self._durable)
        self._inner.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        inner, self._inner = self._inner, None
        if inner is not None:
            inner.__exit__(kind, error, trace)


@overload
def atomic(function: F) -> F: ...
@overload
def atomic(*, durable: bool = ...) -> _Atomic: ...
def atomic(function: F | None = None, *, durable: bool = False) -> F | _Atomic:
    """Run in one transaction, or a savepoint of it: `@atomic`, `@atomic(durable=True)`, `with atomic():`.

    Raises: RuntimeError if `durable` and a transaction is open already.
    """
    block = _Atomic(durable)
    return block if function is None else block(function)


class AliasRouter:
    """DATABASE_ROUTERS entry: reads and writes follow `current_alias()` and not the instance."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return _alias.get()

    def db_for_write(self, model: type, **hints: Any) -> str:
        return _alias.get()

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Only the owner's login makes tables."""
        return db == OWNER

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True
