"""Who holds an action back: what a room above will do to a record itself, nobody else does meanwhile.

A room above registers what it holds (`workflows`: the actions its open cases will run); the door asks before
it does something, a page before it offers it. The plant's own hand is not held: the room works with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from forms_engine.access.actor import Actor
from forms_engine.kernel.errors import MesError

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hold:
    """What is held back of one action on one record.

    `fields`: of an edit, the fields nobody else may change meanwhile; empty = the action as a whole.
    `refusal` makes the words, for this actor; they may cost statements, so only who refuses asks for them.
    """

    refusal: Callable[[], MesError]
    fields: frozenset[str] = NOTHING

    def joined(self, other: Hold) -> Hold:
        """Return what two of them hold back together."""
        if not self.fields or not other.fields:
            return self if not self.fields else other
        return Hold(self.refusal, self.fields | other.fields)


Holds = Mapping[tuple[str, uuid.UUID], Hold]
_asks: list[Callable[[Actor, frozenset[str], Collection[uuid.UUID]], Holds]] = []


def actions_held_by(ask: Callable[[Actor, frozenset[str], Collection[uuid.UUID]], Holds]) -> None:
    """Register who holds back actions: `f(actor, action keys, record ids) -> {(key, id): Hold}`.

    It is asked at every call of the door that names a record: what it never holds it must know from memory.
    """
    _asks.append(ask)


def holds_on(
    actor: Actor, keys: Iterable[str], ids: Collection[uuid.UUID]
) -> dict[tuple[str, uuid.UUID], Hold]:
    """Return what is held back from an actor, of these actions on these records."""
    if actor.kind == "system" or not ids:
        return {}
    wanted, found = frozenset(keys), {}
    for ask in _asks:
        for place, hold in ask(actor, wanted, ids).items():
            found[place] = found[place].joined(hold) if place in found else hold
    return found


def unheld_require(
    actor: Actor, key: str, pk: uuid.UUID | None, changed: Callable[[], frozenset[str]] = frozenset
) -> None:
    """Refuse an action somebody holds back from a record.

    Args:
        changed: the fields an edit would change; asked only where some of them are held.
    Raises: what the holder answers.
    """
    hold = holds_on(actor, (key,), (pk,)).get((key, pk)) if pk is not None else None
    if hold is not None and (not hold.fields or hold.fields & changed()):
        raise hold.refusal()
