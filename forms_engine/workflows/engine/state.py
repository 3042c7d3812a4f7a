"""Where a case stands: a value. A step makes a new one, nothing changes an old one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from forms_engine.workflows.engine.codec import pack, unpack

NEW, RUNNING, DONE = "new", "running", "done"
LIVE, PARKED, STUCK = "live", "parked", "stuck"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A token at a node. `round` counts how often it was entered; `data` is the memory of this visit.

    `via` names the way it came ("node.port", "^node" after a return, "" for the first); `back_to` the node
    that returned it and wants it back.
    """

    id: int
    node: str
    round: int
    via: str = ""
    status: str = LIVE
    data: Mapping[str, Any] = field(default_factory=dict)
    back_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """Something a visit waits for: task, timer, action, look-up of people. Answered at most once."""

    id: int
    visit: int
    kind: str
    person: str | None = None
    version: int = 1
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the case's history; `seq` is the number of the signal that caused it."""

    seq: int
    at: dt.datetime
    verb: str
    node: str = ""
    visit: int = 0
    round: int = 0
    person: str | None = None
    comment: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class State:
    """The position of a case. `seq` signals were folded into it; `born` visits began, `ended` ended."""

    status: str = NEW
    result: str = ""
    initiator: str | None = None
    seq: int = 0
    next_id: int = 1
    visits: tuple[Visit, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    rounds: Mapping[str, int] = field(default_factory=dict)
    memory: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    history: tuple[Line, ...] = ()
    born: int = 0
    ended: int = 0

    def visit(self, visit_id: int) -> Visit | None:
        """Return the open visit of that number."""
        return next((visit for visit in self.visits if visit.id == visit_id), None)

    def ticket(self, ticket_id: int) -> Ticket | None:
        """Return the open ticket of that number."""
        return next((ticket for ticket in self.tickets if ticket.id == ticket_id), None)

    def tickets_of(self, visit_id: int) -> tuple[Ticket, ...]:
        """Return what a visit still waits for, oldest first."""
        return tuple(ticket for ticket in self.tickets if ticket.visit == visit_id)

    def lit(self) -> tuple[str, ...]:
        """Return the ids of the nodes a token stands on, each once."""
        return tuple(dict.fromkeys(visit.node for visit in self.visits))

    def dump(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        data = {f.name: pack(getattr(self, f.name)) for f in fields(self) if f.name not in _PARTS}
        return data | {name: [_dump(part) for part in getattr(self, name)] for name in _PARTS}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> State:
        """Return the state `dump` was called on; members a later version added take their defaults."""
        values: dict[str, Any] = {
            f.name: unpack(data[f.name]) for f in fields(cls) if f.name in data and f.name not in _PARTS
        }
        values |= {
            name: tuple(_load(kind, item) for item in data.get(name, ())) for name, kind in _PARTS.items()
        }
        return cls(**values)


_PARTS: dict[str, Any] = {"visits": Visit, "tickets": Ticket, "history": Line}


def _dump(part: Any) -> dict[str, Any]:
    return {f.name: pack(getattr(part, f.name)) for f in fields(part)}


def _load(kind: Any, data: Mapping[str, Any]) -> Any:
    return kind(**{f.name: unpack(data[f.name]) for f in fields(kind) if f.name in data})
