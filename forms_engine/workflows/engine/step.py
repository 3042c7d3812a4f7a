"""One step of a flow: `advance(graph, state, signal) → state, orders`. Nothing else changes a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms_engine.kernel.text import Text
from forms_engine.workflows.engine import effects as fx
from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.answers import check_decision, check_holder, check_withdrawal
from forms_engine.workflows.engine.errors import (
    AlreadyHandled,
    RoundsExhausted,
    RunawayFlow,
    TransferRefused,
)
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.engine.node_type import Context
from forms_engine.workflows.engine.state import (
    DONE,
    LIVE,
    NEW,
    PARKED,
    RUNNING,
    STUCK,
    Line,
    State,
    Ticket,
    Visit,
)

MAX_MOVES = 1000


@dataclass(frozen=True)
class Advance:
    """What a step gives back: the new state, and the orders to perform, in order."""

    state: State
    orders: tuple[fx.Order, ...]


def advance(graph: Graph, state: State, signal: sg.Signal) -> Advance:
    """Return the state after the signal, and what has to be done outside.

    Raises:
        AlreadyHandled: the signal answers something that is closed, or the case is over. The state stands.
        TaskChanged, NotYourTask, VerdictNotOffered, CommentRequired, TransferRefused, WithdrawRefused,
        RoundsExhausted: a person asked for something this case does not allow.
        RunawayFlow: the flow would not come to rest (a proved flow always does).
    """
    return _Step(graph, state, signal).run()


def fold(graph: Graph, signals: Iterable[sg.Signal]) -> State:
    """Return the state all these signals lead to, from the very beginning."""
    state = State()
    for signal in signals:
        state = advance(graph, state, signal).state
    return state


class _Step:
    """The workbench of one step: copies of the state's parts, changed here and frozen again at the end."""

    def __init__(self, graph: Graph, state: State, signal: sg.Signal) -> None:
        self.graph = graph
        self.signal = signal
        self.seq = state.seq + 1
        self.status, self.result, self.initiator = state.status, state.result, state.initiator
        self.next_id, self.born, self.ended = state.next_id, state.born, state.ended
        self.visits = {visit.id: visit for visit in state.visits}
        self.tickets = {ticket.id: ticket for ticket in state.tickets}
        self.rounds = dict(state.rounds)
        self.memory = dict(state.memory)
        self.history = list(state.history)
        self.orders: list[fx.Order] = []
        self.arrivals: list[tuple[str, str, str]] = []  # node, via, back_to

    def run(self) -> Advance:
        self._receive()
        for _ in range(MAX_MOVES):
            if not self.arrivals:
                break
            self._arrive(*self.arrivals.pop(0))
        else:
            raise RunawayFlow(Text("The flow does not come to rest.", "流程无法停下来。"))
        if self.status == RUNNING and not self.visits:
            self._end(self.result or "completed")
        state = State(
            status=self.status,
            result=self.result,
            initiator=self.initiator,
            seq=self.seq,
            next_id=self.next_id,
            visits=tuple(self.visits.values()),
            tickets=tuple(self.tickets.values()),
            rounds=self.rounds,
            memory=self.memory,
            history=tuple(self.history),
            born=self.born,
            ended=self.ended,
        )
        return Advance(state, tuple(self.orders))

    # ------------------------------------------------ what came in

    def _receive(self) -> None:
        signal = self.signal
        if isinstance(signal, sg.Started):
            if self.status != NEW:
                raise AlreadyHandled(Text("This case has begun already.", "该流程已经发起。"))
            self.status, self.initiator = RUNNING, signal.initiator
            self._note("started", person=signal.initiator)
            self.arrivals.append((self.graph.start.id, "", ""))
            return
        if self.status != RUNNING:
            raise AlreadyHandled(Text("This case is already closed.", "该流程已经结束。"))
        match signal:
            case sg.TaskTransferred():
                self._transfer(signal)
            case sg.TicketSignal():
                self._answer(signal)
            case sg.Withdrawn():
                self._withdraw(signal)
            case sg.Terminated():
                self._stop("terminated", signal.person, signal.comment)
            case sg.Retried():
                self._retry(signal)
            case _:
                self._spread_news(signal)

    def _answer(self, signal: sg.TicketSignal) -> None:
        ticket = self._ticket(signal.ticket)
        visit = self.visits[ticket.visit]
        if isinstance(signal, sg.TaskDecided):
            check_decision(signal, ticket, self.rounds)
        elif ticket.kind != _ANSWERED_BY.get(type(signal), ticket.kind):
            raise AlreadyHandled(Text("Nobody waits for this.", "没有步骤在等待此结果。"))
        del self.tickets[ticket.id]
        if isinstance(signal, sg.TaskDecided):
            self._order(
                fx.CloseTask(
                    ticket=ticket.id, outcome=signal.verdict, person=signal.person, comment=signal.comment
                ),
                visit,
            )
            self._note(
                signal.verdict,
                visit,
                person=signal.person,
                comment=signal.comment,
                detail={"target": signal.target} if signal.target else {},
            )
        kind = self.graph.type_of(visit.node)
        self._carry_out(visit.id, kind.on_signal(self._context(visit, ticket), signal))

    def _transfer(self, signal: sg.TaskTransferred) -> None:
        ticket = self._ticket(signal.ticket)
        check_holder(signal, ticket)
        visit = self.visits[ticket.visit]
        chain = (*ticket.detail.get("chain", ()), signal.person)
        others = {other.person for other in self.tickets.values() if other.visit == visit.id}
        kind = self.graph.type_of(visit.node)
        if signal.to in chain or signal.to in others or not kind.may_hold(self._context(visit), signal.to):
            raise TransferRefused(
                Text("The task cannot go to this person.", "任务不能转交给此人。"), field="to"
            )
        moved = replace(
            ticket, person=signal.to, version=ticket.version + 1, detail={**ticket.detail, "chain": chain}
        )
        self.tickets[ticket.id] = moved
        self._order(fx.MoveTask(ticket=ticket.id, person=signal.to, version=moved.version), visit)
        self._note(
            "transferred", visit, person=signal.person, comment=signal.comment, detail={"to": signal.to}
        )

    def _withdraw(self, signal: sg.Withdrawn) -> None:
        check_withdrawal(signal, self.graph.settings.withdraw, self.initiator, self.history)
        self._stop("withdrawn", signal.person, signal.comment)

    def _retry(self, signal: sg.Retried) -> None:
        visit = self.visits.get(signal.visit)
        if visit is None or visit.status != STUCK:
            raise AlreadyHandled(Text("This step is not stuck.", "该步骤并未卡住。"))
        self.visits[visit.id] = visit = replace(visit, status=LIVE)
        self._note("retried", visit, person=signal.person)
        self._carry_out(visit.id, self.graph.type_of(visit.node).enter(self._context(visit)))

    def _spread_news(self, signal: sg.Signal) -> None:
        for visit in tuple(self.visits.values()):
            if visit.id in self.visits:
                kind = self.graph.type_of(visit.node)
                self._carry_out(visit.id, kind.on_news(self._context(self.visits[visit.id]), signal))

    # ------------------------------------------------ moving tokens

    def _arrive(self, node_id: str, via: str, back_to: str) -> None:
        entered = self.rounds.get(node_id, 0) + 1
        if entered > self.graph.settings.max_rounds:
            raise RoundsExhausted(
                Text(
                    "“%(node)s” was entered %(n)s times; the flow allows no more.",
                    "“%(node)s”已进入 %(n)s 次，流程不再允许。",
                    node=self.graph.node(node_id).title,
                    n=entered - 1,
                )
            )
        self.rounds[node_id] = entered
        visit = Visit(id=self._number(), node=node_id, round=entered, via=via, back_to=back_to)
        self.visits[visit.id] = visit
        self.born += 1
        self._note("entered", visit)
        self._carry_out(visit.id, self.graph.type_of(node_id).enter(self._context(visit)))

    def _carry_out(self, visit_id: int, effects: tuple[fx.Effect, ...]) -> None:
        leaving = tuple(effect for effect in effects if isinstance(effect, fx.Leave))
        for effect in effects:
            visit = self.visits[visit_id]
            match effect:
                case fx.Leave():
                    continue  # all ways out at once, below
                case fx.Jump():
                    self._jump(visit, effect)
                    return
                case fx.Finish():
                    self._finish(visit, effect)
                    return
                case fx.Park():
                    self.visits[visit_id] = replace(visit, status=PARKED)
                case fx.Absorb():
                    for other in effect.visits:
                        if other != visit_id and self.visits[other].node == visit.node:
                            self._leave_behind(self.visits[other], "absorbed")
                    if visit_id in effect.visits:
                        self._leave_behind(visit, "absorbed")
                        return
                case fx.Remember():
                    self.visits[visit_id] = replace(visit, data=dict(effect.data))
                case fx.Keep():
                    self.memory[visit.node] = dict(effect.data)
                case fx.CloseTicket():
                    self._close(self.tickets[effect.ticket], effect.outcome)
                case fx.Note():
                    self._note(
                        effect.verb, visit, person=effect.person, comment=effect.comment, detail=effect.detail
                    )
                case fx.Stuck():
                    self.visits[visit_id] = replace(visit, status=STUCK)
                    self._note("stuck", visit, comment=effect.reason, detail=effect.detail)
                    self._order(effect, visit)
                case fx.Ask():
                    self._ask(effect, visit)
                case fx.Order():
                    self._order(effect, visit)
                case _:
                    raise TypeError(f"{visit.node}: unknown effect {effect.kind}")
        if leaving:
            self._leave(self.visits[visit_id], leaving)

    def _leave(self, visit: Visit, ways: tuple[fx.Leave, ...]) -> None:
        node = self.graph.node(visit.node)
        self._note("left", visit, detail={"ports": tuple(way.port for way in ways)})
        self._leave_behind(visit, "skipped")
        if visit.back_to and len(ways) == 1 and ways[0].port == self.graph.ports(node)[0]:
            self.arrivals.append((visit.back_to, f"^{node.id}", ""))
            return
        for way in ways:
            self.arrivals.append((node.next[way.port], f"{node.id}.{way.port}", ""))

    def _jump(self, visit: Visit, jump: fx.Jump) -> None:
        self._note("returned", visit, detail={"target": jump.target})
        self._leave_behind(visit, "returned")
        for other in tuple(self.visits.values()):
            if self.graph.withdrawn_by_return(jump.target, other.node, other.via):
                self._leave_behind(other, "returned")
        for node_id in tuple(self.memory):
            if node_id == jump.target or node_id in self.graph.reach(jump.target):
                del self.memory[node_id]
        self.arrivals = [
            (node_id, via, back)
            for node_id, via, back in self.arrivals
            if not self.graph.withdrawn_by_return(jump.target, node_id, via)
        ]
        back_to = visit.node if jump.comes_back else ""
        self.arrivals.append((jump.target, f"^{visit.node}", back_to))

    def _finish(self, visit: Visit, finish: fx.Finish) -> None:
        self._leave_behind(visit, "ended")
        self.result = self.result or finish.result
        if finish.kills_rest:
            self._clear("ended")

    def _stop(self, result: str, person: str | None, comment: str) -> None:
        self._note(result, person=person, comment=comment)
        self._clear(result)
        self._end(result)

    def _clear(self, outcome: str) -> None:
        for visit in tuple(self.visits.values()):
            self._leave_behind(visit, outcome)
        self.arrivals.clear()

    def _end(self, result: str) -> None:
        self.status, self.result = DONE, result
        self._note("ended", detail={"result": result})
        self.orders.append(fx.End(result=result))

    def _leave_behind(self, visit: Visit, outcome: str) -> None:
        """End a visit: what it still waits for is taken back, in the order it was asked for."""
        for ticket in tuple(self.tickets.values()):
            if ticket.visit == visit.id:
                self._close(ticket, outcome)
        del self.visits[visit.id]
        self.ended += 1

    # ------------------------------------------------ tickets, orders, history

    def _ask(self, ask: fx.Ask, visit: Visit) -> None:
        number = self._number()
        ask = replace(ask, ticket=number)
        if isinstance(ask, fx.OpenTask):
            ask = replace(ask, round=visit.round)
        self.tickets[number] = Ticket(
            id=number, visit=visit.id, kind=ask.waits_as, person=ask.holder(), detail=ask.kept()
        )
        self._order(ask, visit)

    def _close(self, ticket: Ticket, outcome: str) -> None:
        del self.tickets[ticket.id]
        visit = self.visits[ticket.visit]
        match ticket.kind:
            case "task":
                self._order(fx.CloseTask(ticket=ticket.id, outcome=outcome), visit)
            case "timer":
                self._order(fx.CancelTimer(ticket=ticket.id), visit)
            case "action":
                self._order(fx.CancelAction(ticket=ticket.id), visit)

    def _order(self, order: fx.Order, visit: Visit) -> None:
        self.orders.append(replace(order, node=visit.node, visit=visit.id))

    def _note(
        self,
        verb: str,
        visit: Visit | None = None,
        *,
        person: str | None = None,
        comment: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self.history.append(
            Line(
                seq=self.seq,
                at=self.signal.at,
                verb=verb,
                node=visit.node if visit else "",
                visit=visit.id if visit else 0,
                round=visit.round if visit else 0,
                person=person,
                comment=comment,
                detail=dict(detail or {}),
            )
        )

    def _ticket(self, number: int) -> Ticket:
        ticket = self.tickets.get(number)
        if ticket is None:
            raise AlreadyHandled(Text("This was already handled.", "该任务已被处理。"))
        return ticket

    def _number(self) -> int:
        number, self.next_id = self.next_id, self.next_id + 1
        return number

    def _context(self, visit: Visit, ticket: Ticket | None = None) -> Context:
        return Context(
            node=self.graph.node(visit.node),
            visit=visit,
            at=self.signal.at,
            facts=self.signal.facts,
            initiator=self.initiator,
            tickets=tuple(other for other in self.tickets.values() if other.visit == visit.id),
            ticket=ticket,
            incoming=self.graph.incoming[visit.node],
            parked=tuple(
                other for other in self.visits.values() if other.node == visit.node and other.status == PARKED
            ),
            memory=self.memory.get(visit.node, {}),
        )


_ANSWERED_BY: dict[type[sg.Signal], str] = {
    sg.PeopleFound: "people",
    sg.ActionDone: "action",
    sg.ActionFailed: "action",
    sg.TimerFired: "timer",
}
