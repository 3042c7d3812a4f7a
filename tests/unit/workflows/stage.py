"""A stage to play cases on: all node types, two parallel ones made here, and a short way to draw a flow."""

import datetime as dt
import importlib
import pkgutil

from forms_engine.kernel.registry import Registry
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows import node_types
from forms_engine.workflows.engine import effects as fx
from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.engine.node_type import NODE_TYPES, Gate, NodeType
from forms_engine.workflows.engine.state import State
from forms_engine.workflows.engine.step import advance

for module in pkgutil.iter_modules(node_types.__path__):
    importlib.import_module(f"{node_types.__name__}.{module.name}")

MORNING = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)


class Split(NodeType):
    """Parallel split, as a later file might add it: written against the contract alone."""

    key = "split"
    label = Text("Split", "并行")
    options = Schema((FieldSpec(name="ways", type="json"),))

    def ports(self, options):
        return tuple(options["ways"])

    def outcomes(self, options):
        return (frozenset(options["ways"]),)

    def enter(self, ctx):
        return tuple(fx.Leave(port=port) for port in ctx.option("ways"))


class Join(NodeType):
    """Parallel join of n out of m ways; late ones are absorbed, then it is set again."""

    key = "join"
    label = Text("Join", "汇合")
    options = Schema((FieldSpec(name="need", type="integer"),))

    def gate(self, options, incoming):
        return Gate(options.get("need") or incoming, incoming)

    def enter(self, ctx):
        gate = self.gate(ctx.options, len(ctx.incoming))
        late = ctx.memory.get("late", 0)
        if late:
            return (fx.Keep(data={"late": late - 1}), fx.Absorb(visits=(ctx.visit.id,)))
        here = {visit.via: visit.id for visit in ctx.parked} | {ctx.visit.via: ctx.visit.id}
        if len(here) < gate.need:
            return (fx.Park(),)
        others = tuple(number for number in here.values() if number != ctx.visit.id)
        return (fx.Absorb(visits=others), fx.Keep(data={"late": gate.of - gate.need}), fx.Leave(port="out"))


TYPES: Registry[NodeType] = Registry("node type")
for kind in (*NODE_TYPES, Split(), Join()):
    TYPES.register(kind)


def role(key: str) -> list[dict]:
    return [{"kind": "role", "value": key}]


def node(node_id: str, type_: str, /, **ways_and_options) -> dict:
    """Draw a node: keyword arguments that are node ids in text are ways out, `options` the settings."""
    options = ways_and_options.pop("options", {})
    return {"id": node_id, "type": type_, "options": options, "next": ways_and_options}


def flow(*nodes: dict, **settings) -> Graph:
    return Graph.load({"slug": "sample", "settings": settings, "nodes": list(nodes)}, types=TYPES)


def plan_approval(mode: str = "any", **options) -> Graph:
    """Start → approval → (approved) run an action → end; (rejected) end."""
    return flow(
        node("start", "start", out="approve", options={"trigger": "button"}),
        node(
            "approve",
            "approval",
            approved="release",
            rejected="no",
            options={"who": role("approver"), "mode": mode, "return_to": ["start"], **options},
        ),
        node("release", "run_action", done="yes", options={"action": "planning.plan.release"}),
        node("yes", "end", options={"result": "approved"}),
        node("no", "end", options={"result": "rejected"}),
    )


class Play:
    """A case being played: every call is one signal a minute later; `signals` can be folded again."""

    def __init__(self, graph: Graph, *, initiator: str | None = "wang", facts: dict | None = None) -> None:
        self.graph, self.facts = graph, facts or {}
        self.state, self.at = State(), MORNING
        self.signals: list[sg.Signal] = []
        self.orders: list[fx.Order] = []
        self.send(sg.Started, initiator=initiator)

    def send(self, kind: type[sg.Signal], **values) -> tuple[fx.Order, ...]:
        signal = kind(at=self.at, facts=self.facts, **values)
        step = advance(self.graph, self.state, signal)
        self.signals.append(signal)
        self.orders += step.orders
        self.state, self.at = step.state, self.at + dt.timedelta(minutes=1)
        return step.orders

    def open(self, kind: str, person: str | None = None):
        """Return the newest open ticket of a kind, optionally of one person."""
        found = [t for t in self.state.tickets if t.kind == kind and person in (None, t.person)]
        assert found, f"no open {kind} for {person}: {self.state.tickets}"
        return found[-1]

    def find(self, *people: str, at: str = ""):
        """Answer the newest look-up of people, or the one of a named node."""
        found = [t for t in self.state.tickets if t.kind == "people" and at in ("", self.node_of(t))]
        return self.send(sg.PeopleFound, ticket=found[-1].id, people=people)

    def node_of(self, ticket) -> str:
        return self.state.visit(ticket.visit).node

    def decide(self, person: str, verdict: str, *, comment: str = "ok", target: str = ""):
        task = self.open("task", person)
        return self.send(
            sg.TaskDecided,
            ticket=task.id,
            version=task.version,
            person=person,
            verdict=verdict,
            comment=comment,
            target=target,
        )

    def succeed(self):
        return self.send(sg.ActionDone, ticket=self.open("action").id)

    def verbs(self) -> list[str]:
        return [line.verb for line in self.state.history]


def kinds(orders) -> list[str]:
    return [order.kind for order in orders]
