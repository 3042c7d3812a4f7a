"""What a node wants done. Moves are carried out by the engine itself, orders leave it for the caller.

A node type returns effects and changes nothing. `Move`s steer the token; `Order`s are tasks, timers,
actions and notices, which the service performs in the caller's transaction. An order that will be answered
is an `Ask`: the engine stamps it with a ticket, and the answer comes back as a `TicketSignal`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forms_engine.workflows.engine.coded import Coded


@dataclass(frozen=True, kw_only=True)
class Effect(Coded):
    """Base of all effects."""


BY_ITS_WAY = ""
"""Among the targets of a task: a return may also leave by the node's own way out, not to a named node."""

# ---------------------------------------------------------------- moves: carried out inside the engine


@dataclass(frozen=True, kw_only=True)
class Move(Effect):
    """Base of the effects that steer the flow itself."""


@dataclass(frozen=True, kw_only=True)
class Leave(Move):
    """The visit is over; a token goes out by `port`. Several `Leave`s in one answer are a split."""

    port: str


@dataclass(frozen=True, kw_only=True)
class Jump(Move):
    """The visit is over; the flow goes back to `target`, and what was begun behind the target is withdrawn.

    With `comes_back` the target, once done, hands straight back to this node; else the way is walked again.
    """

    target: str
    comes_back: bool = False


@dataclass(frozen=True, kw_only=True)
class Park(Move):
    """The visit waits here for other tokens (a join)."""


@dataclass(frozen=True, kw_only=True)
class Absorb(Move):
    """These visits of the same node end without going on; their tokens are merged into this one."""

    visits: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Remember(Move):
    """Replace the memory of this visit; it dies with the visit, so old votes never count."""

    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Keep(Move):
    """Replace the memory of the node, shared by all its visits (what a join has already let through)."""

    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Finish(Move):
    """The token has arrived; the case ends when no other is left, or at once with `kills_rest`."""

    result: str
    kills_rest: bool = False


@dataclass(frozen=True, kw_only=True)
class CloseTicket(Move):
    """Take back something this visit asked for."""

    ticket: int
    outcome: str = "skipped"


@dataclass(frozen=True, kw_only=True)
class Note(Move):
    """Write a line into the history of the case."""

    verb: str
    person: str | None = None
    comment: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------- orders: performed by the service


@dataclass(frozen=True, kw_only=True)
class Order(Effect):
    """Base of what leaves the engine; the engine stamps where it came from."""

    node: str = ""
    visit: int = 0


@dataclass(frozen=True, kw_only=True)
class Ask(Order):
    """An order that will be answered. `waits_as` is the kind of its ticket."""

    waits_as: ClassVar[str] = ""
    ticket: int = 0

    def holder(self) -> str | None:
        """Return the person who has to answer, if it is one."""
        return None

    def kept(self) -> dict[str, Any]:
        """Return what the ticket keeps of the question, to check the answer by."""
        return {}


@dataclass(frozen=True, kw_only=True)
class FindPeople(Ask):
    """Find out who these are today (see `who`); `purpose` comes back in the ticket's detail."""

    waits_as: ClassVar[str] = "people"
    who: tuple[Mapping[str, Any], ...]
    purpose: str = ""

    def kept(self) -> dict[str, Any]:
        return {"purpose": self.purpose}


@dataclass(frozen=True, kw_only=True)
class OpenTask(Ask):
    """Put a task into a person's inbox.

    `verdicts` are the answers offered; `comment_for` those that need a comment; `fields` the right per field
    (edit, read, hidden) while the task is open; `form` a form's slug, or "" for the record's own page.
    """

    waits_as: ClassVar[str] = "task"
    person: str
    task: str
    verdicts: tuple[str, ...]
    comment_for: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    form: str = ""
    round: int = 1

    def holder(self) -> str | None:
        return self.person

    def kept(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "verdicts": self.verdicts,
            "comment_for": self.comment_for,
            "targets": self.targets,
        }


@dataclass(frozen=True, kw_only=True)
class RunAction(Ask):
    """Run an action through the door. `on_record` says whether it acts on the flow's own record."""

    waits_as: ClassVar[str] = "action"
    action: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    on_record: bool = True

    def kept(self) -> dict[str, Any]:
        return {"action": self.action}


@dataclass(frozen=True, kw_only=True)
class SetTimer(Ask):
    """Wake this visit at an instant."""

    waits_as: ClassVar[str] = "timer"
    due: dt.datetime

    def kept(self) -> dict[str, Any]:
        return {"due": self.due}


@dataclass(frozen=True, kw_only=True)
class CloseTask(Order):
    """The task is over. `outcome` is the verdict, or skipped, returned, withdrawn, terminated, ended."""

    ticket: int
    outcome: str
    person: str | None = None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class MoveTask(Order):
    """The task now lies with somebody else, under a new version."""

    ticket: int
    person: str
    version: int


@dataclass(frozen=True, kw_only=True)
class CancelTimer(Order):
    """The timer must not fire any more."""

    ticket: int


@dataclass(frozen=True, kw_only=True)
class CancelAction(Order):
    """Nobody waits for this action any more; what it has already done stays done."""

    ticket: int


@dataclass(frozen=True, kw_only=True)
class Notify(Order):
    """Tell people something. `title` and `body` are {"en", "zh"}."""

    who: tuple[Mapping[str, Any], ...]
    title: Mapping[str, str]
    body: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stuck(Order):
    """The visit cannot go on by itself; an admin is needed. Also a move: the visit stays, marked stuck."""

    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class End(Order):
    """The case is over."""

    result: str
