"""Everything that can happen to a running flow. What a step has to know from outside comes in here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms_engine.workflows.engine.coded import Coded


@dataclass(frozen=True, kw_only=True)
class Signal(Coded):
    """Something happened.

    `at` is an aware instant; `facts` are the values of the record the flow's expressions speak of, as they
    were at that moment (see `Graph.names`). Both are stored with the event, so a replay needs nothing else.
    """

    at: dt.datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Started(Signal):
    """A case begins. `initiator` is a person's id, or None when a device or the system began it."""

    initiator: str | None


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Signal):
    """The initiator takes the request back."""

    person: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Terminated(Signal):
    """An admin ends the case, or its record is gone."""

    person: str | None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Retried(Signal):
    """An admin lets a stuck step try again."""

    visit: int
    person: str | None


@dataclass(frozen=True, kw_only=True)
class TicketSignal(Signal):
    """The answer to something the flow asked for: a task, a timer, an action, a look-up of people."""

    ticket: int


@dataclass(frozen=True, kw_only=True)
class TaskDecided(TicketSignal):
    """A person answers a task. `verdict`: approve, reject, return, submit; `target`: where to return to."""

    version: int
    person: str
    verdict: str
    comment: str = ""
    target: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskTransferred(TicketSignal):
    """A person hands a task to somebody else."""

    version: int
    person: str
    to: str
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class PeopleFound(TicketSignal):
    """The people a step asked for: ids of persons who may work today, in the order they were named."""

    people: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ActionDone(TicketSignal):
    """The action a step ran has succeeded; `result` is what it gave back, small."""

    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ActionFailed(TicketSignal):
    """The action was refused: `code` is stable, `message` the sentence {"en", "zh"}."""

    code: str
    message: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TimerFired(TicketSignal):
    """The moment a step waited for has come."""
