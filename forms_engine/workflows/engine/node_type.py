"""The contract of a node type, and the table of all of them.

A node type is a stateless object. It is asked two kinds of question: *what may happen here* (`ports`,
`outcomes`, `gate`, `jumps`, `waits`; answered from the options alone, so a flow can be proved before it
ever runs) and *what happens now* (`enter`, `on_signal`; answered with effects). It keeps nothing, reads no
clock and draws no lots.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.registry import Registry
from forms_engine.kernel.schema import Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect
from forms_engine.workflows.engine.signals import Signal, TicketSignal
from forms_engine.workflows.engine.state import Ticket, Visit

if TYPE_CHECKING:
    from forms_engine.workflows.engine.graph import Node


@dataclass(frozen=True)
class Gate:
    """How many arrivals a node needs before it acts, out of how many; `Gate(1, 1)` acts on every arrival.

    With need < of the late ones are absorbed, then the gate is set again (discriminator, n-of-m).
    """

    need: int = 1
    of: int = 1


@dataclass(frozen=True)
class Context:
    """All a node may know at a step."""

    node: Node
    visit: Visit
    at: dt.datetime
    facts: Mapping[str, Any]
    initiator: str | None
    tickets: tuple[Ticket, ...] = ()
    ticket: Ticket | None = None
    incoming: tuple[str, ...] = ()
    parked: tuple[Visit, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> Mapping[str, Any]:
        """The settings of the node, with the defaults of its type filled in."""
        return self.node.options

    def option(self, name: str) -> Any:
        """Return one setting, or None."""
        return self.node.options.get(name)

    def open_tasks(self) -> tuple[Ticket, ...]:
        """Return the tasks of this visit nobody has answered yet."""
        return tuple(ticket for ticket in self.tickets if ticket.kind == "task")


class NodeType:
    """Base of all node types.

    key: stable name in definitions. label, help: what the designer shows. options: settings as a schema.
    svg: one path or shape in a 24 × 24 box for the flow picture. has_tasks: people work here, so a
    case may be returned to it. examples: sets of options the contract test tries.
    """

    key: ClassVar[str] = ""
    label: ClassVar[Text] = Text("")
    options: ClassVar[Schema] = Schema(())
    svg: ClassVar[str] = ""
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    is_start: ClassVar[bool] = False
    has_tasks: ClassVar[bool] = False
    is_end: ClassVar[bool] = False

    # ------------------------------------------------ what may happen here

    def ports(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of the ways out; each has to lead somewhere. The first one is "forward"."""
        return ("out",)

    def port_label(self, options: Mapping[str, Any], port: str) -> Text | None:
        """Return the words on a way out, or None where one way needs no words."""
        return None

    def outcomes(self, options: Mapping[str, Any]) -> tuple[frozenset[str], ...]:
        """Return the sets of ports that may get a token together; by default any one of them."""
        return tuple(frozenset((port,)) for port in self.ports(options))

    def gate(self, options: Mapping[str, Any], incoming: int) -> Gate:
        """Return how many arrivals it needs when `incoming` ways lead in."""
        return Gate()

    def jumps(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the ids of the nodes it may send the flow back to."""
        return ()

    def comes_back(self, options: Mapping[str, Any]) -> bool:
        """Say whether a node it sent back to hands straight back to it."""
        return False

    def waits(self, options: Mapping[str, Any]) -> bool:
        """Say whether every visit waits for somebody or for time; a circle needs such a node."""
        return False

    def kills_rest(self, options: Mapping[str, Any]) -> bool:
        """Say, for an end, whether it ends the other branches too."""
        return False

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        """Return the fields of the record its formulas, texts and people speak of."""
        return frozenset()

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        """Yield what is wrong with the options; `field` is the path inside them."""
        return iter(())

    # ------------------------------------------------ what happens now

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        """A token has come in (or a stuck visit tries again)."""
        raise NotImplementedError

    def on_signal(self, ctx: Context, signal: TicketSignal) -> tuple[Effect, ...]:
        """Something the visit asked for was answered; `ctx.ticket` is the question, already closed."""
        return ()

    def on_news(self, ctx: Context, signal: Signal) -> tuple[Effect, ...]:
        """A signal of another kind was addressed to the whole case; most nodes do not care."""
        return ()

    def may_hold(self, ctx: Context, person: str) -> bool:
        """Say whether a task of this visit may be handed to that person."""
        return True


NODE_TYPES: Registry[NodeType] = Registry("node type", folder="node_types")
register = NODE_TYPES.register
