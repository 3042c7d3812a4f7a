"""Play a flow by lot, with invented people: the trial run of a draft, and the engine's own property tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.effects import BY_ITS_WAY, Order
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.engine.state import RUNNING, STUCK, State, Ticket
from forms_engine.workflows.engine.step import advance

PEOPLE = ("ann", "bo", "chen", "du")


@dataclass(frozen=True)
class Walk:
    """One played case: the signals in order, the state after each, the orders each gave."""

    signals: tuple[sg.Signal, ...]
    states: tuple[State, ...]
    orders: tuple[tuple[Order, ...], ...]

    @property
    def state(self) -> State:
        return self.states[-1]

    @property
    def path(self) -> tuple[str, ...]:
        """The nodes entered, in order."""
        return tuple(line.node for line in self.state.history if line.verb == "entered")


def walk(
    graph: Graph,
    rng: Random,
    *,
    at: dt.datetime,
    facts: Sequence[Mapping[str, Any]] = ({},),
    people: Sequence[str] = PEOPLE,
    patience: int = 200,
) -> Walk:
    """Play a case to its end, answering whatever is open in random order.

    Args:
        at: aware instant of the start; a minute passes with every signal.
        facts: samples of the record; every signal carries a random one.
        people: who may be found; a look-up finds none of them now and then.
        patience: after so many signals nobody sends back any more and every action succeeds.
    Raises: ValueError if the case still runs after ten times that.
    """
    initiator = rng.choice([*people, None])
    state = State()
    signal: sg.Signal = sg.Started(at=at, facts=rng.choice(facts), initiator=initiator)
    signals: list[sg.Signal] = []
    states: list[State] = []
    orders: list[tuple[Order, ...]] = []
    while True:
        step = advance(graph, state, signal)
        state = step.state
        signals.append(signal)
        states.append(state)
        orders.append(step.orders)
        if state.status != RUNNING:
            return Walk(tuple(signals), tuple(states), tuple(orders))
        if len(signals) > 10 * patience:
            raise ValueError(f"{graph.slug} still runs after {len(signals)} signals")
        at += dt.timedelta(minutes=1)
        signal = _next(state, rng, at, rng.choice(facts), people, is_hurried=len(signals) > patience)


def _next(
    state: State,
    rng: Random,
    at: dt.datetime,
    facts: Mapping[str, Any],
    people: Sequence[str],
    *,
    is_hurried: bool,
) -> sg.Signal:
    stuck = [visit for visit in state.visits if visit.status == STUCK]
    if stuck and (not state.tickets or rng.random() < 0.2):
        if is_hurried:
            return sg.Terminated(at=at, facts=facts, person="admin", comment="stuck")
        return sg.Retried(at=at, facts=facts, visit=rng.choice(stuck).id, person="admin")
    if not state.tickets:
        raise ValueError(f"nothing is open at {', '.join(state.lit())}")
    ticket = rng.choice(state.tickets)
    match ticket.kind:
        case "people":
            count = rng.randint(1 if is_hurried else 0, len(people))
            return sg.PeopleFound(
                at=at, facts=facts, ticket=ticket.id, people=tuple(rng.sample(list(people), count))
            )
        case "action" if is_hurried or rng.random() < 0.8:
            return sg.ActionDone(at=at, facts=facts, ticket=ticket.id)
        case "action":
            return sg.ActionFailed(at=at, facts=facts, ticket=ticket.id, code="sample.refused")
        case "timer":
            return sg.TimerFired(at=at, facts=facts, ticket=ticket.id)
        case _:
            return _decision(state, rng, at, facts, ticket, is_hurried=is_hurried)


def _decision(
    state: State,
    rng: Random,
    at: dt.datetime,
    facts: Mapping[str, Any],
    ticket: Ticket,
    *,
    is_hurried: bool,
) -> sg.Signal:
    known = state.rounds
    targets = [to for to in ticket.detail.get("targets", ()) if to == BY_ITS_WAY or known.get(to)]
    offered = [v for v in ticket.detail["verdicts"] if v != "return" or (targets and not is_hurried)]
    verdict = offered[0] if is_hurried else rng.choice(offered)
    return sg.TaskDecided(
        at=at,
        facts=facts,
        ticket=ticket.id,
        version=ticket.version,
        person=str(ticket.person),
        verdict=verdict,
        comment="because" if verdict in ticket.detail.get("comment_for", ()) else "",
        target=rng.choice(targets) if verdict == "return" else "",
    )
