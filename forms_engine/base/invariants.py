"""Promises about the data, each a question whose right answer is: nothing.

Rooms register theirs in `<app>/invariants.py`. They are asked after writing tests, every five minutes in
a running plant (the job `base.invariants` keeps the answers), and by `manage.py invariants` after a
restore.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forms_engine.base.scheduler import periodic
from forms_engine.kernel.text import Text

log = logging.getLogger(__name__)

Question = Callable[[], list[str]]


@dataclass(frozen=True)
class Invariant:
    """One promise. `deep`: reads whole tables, so only a command or a test asks it."""

    key: str
    label: Text
    ask: Question
    deep: bool = False


_invariants: dict[str, Invariant] = {}


def invariant(key: str, label: Text, *, deep: bool = False) -> Callable[[Question], Question]:
    """Register `f() -> list of complaints` under a key like "I16 outbox"."""

    def decorate(ask: Question) -> Question:
        _invariants[key] = Invariant(key, label, ask, deep)
        return ask

    return decorate


def invariants() -> list[Invariant]:
    """Return every registered promise, by key."""
    return [_invariants[key] for key in sorted(_invariants)]


def invariants_broken(*, deep: bool = False) -> dict[str, list[str]]:
    """Ask them all: {key: complaints} of those that do not hold, {} when all is well."""
    answers = {one.key: one.ask() for one in invariants() if deep or not one.deep}
    return {key: complaints for key, complaints in answers.items() if complaints}


@periodic("base.invariants", seconds=300)
def invariants_watch() -> dict[str, Any]:
    """Ask every five minutes; a broken promise is an error in the log and in the job's result."""
    broken = invariants_broken()
    for key, complaints in broken.items():
        log.error("invariant %s is broken: %s", key, "; ".join(complaints[:5]))
    return {"broken": {key: complaints[:20] for key, complaints in broken.items()}}
