"""Algorithms by key: `@algorithm("kanban.card_count", "Kanban cards per loop")` on a pure function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from forms_engine.kernel.registry import Registry

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Algorithm:
    """A pure function, arrays in and arrays out, with the name people know it by."""

    key: str
    label: str
    run: Callable[..., Any]


algorithms: Registry[Algorithm] = Registry("algorithm", folder="algorithms")


def algorithm(key: str, label: str) -> Callable[[F], F]:
    """Register a pure function under `key`; the function itself stays as it is."""

    def register(function: F) -> F:
        algorithms.register(Algorithm(key, label, function))
        return function

    return register
