"""Is a flow sound? Search every position its tokens can reach.

The drawing is played as a token game: a token lies on a way into a node, a node takes tokens as its gate says
and puts them out as one of its outcomes says. A flow is sound when
1. from every position an end can still be reached (option to complete),
2. when an end is reached nothing else is left (proper completion),
3. every node takes part in some run (no dead node), and
4. no way ever carries two tokens (safe).
A fault comes with the shortest run that shows it. The search is bounded; what is too big to prove is refused.

Source: van der Aalst, The Application of Petri Nets to Workflow Management (1998); soundness of WF-nets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.graph import Graph, Node
from forms_engine.workflows.engine.problems import Problem, graph_problems

MAX_POSITIONS = 20_000
MAX_FAULTS = 20

Place = tuple[str, str, str]
"""(node the token lies before, the way it came, node that wants it back or "")."""


@dataclass(frozen=True)
class Position:
    """Where all tokens lie, how many late ones each gate still swallows, and whether the case is over."""

    tokens: tuple[Place, ...] = ()
    late: tuple[tuple[str, int], ...] = ()
    is_over: bool = False

    def nodes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(place[0] for place in self.tokens))


@dataclass(frozen=True)
class Proof:
    """What the search found. `positions` counts the positions seen; sound when there is no problem."""

    problems: tuple[Problem, ...]
    positions: int = 0

    @property
    def is_sound(self) -> bool:
        return not self.problems


def prove(graph: Graph, *, max_positions: int = MAX_POSITIONS) -> Proof:
    """Check the drawing, then play it through. Faults of the drawing are returned by themselves."""
    seen = graph_problems(graph)
    if seen:
        return Proof(tuple(seen))
    return _Search(graph, max_positions).run()


@dataclass
class _Search:
    graph: Graph
    max_positions: int
    before: dict[Position, tuple[Position, str] | None] = field(default_factory=dict)
    after: dict[Position, list[Position]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)
    blamed: set[tuple[str, str]] = field(default_factory=set)

    def run(self) -> Proof:
        start = self.graph.start
        first = Position(((start.id, "", ""),))
        self.before[first] = None
        queue = deque([first])
        while queue and len(self.problems) < MAX_FAULTS:
            here = queue.popleft()
            if here.is_over:
                continue
            moves = list(self._moves(here))
            self.after[here] = [there for _, there in moves]
            if not moves:
                self._blame_stop(here)
            for node_id, there in moves:
                self.fired.add(node_id)
                if there not in self.before:
                    self.before[there] = (here, node_id)
                    if self._is_faulty(there, node_id):
                        continue
                    queue.append(there)
            if len(self.before) > self.max_positions:
                words = Text(
                    "The flow has more than %(n)s positions: too big to be proved. Use fewer parallel ways.",
                    "流程状态超过 %(n)s 个，无法验证，请减少并行分支。",
                    n=self.max_positions,
                )
                self.problems.append(Problem("flow.too_big", "", words))
                return Proof(tuple(self.problems), len(self.before))
        if not self.problems:
            self._blame_endless()
            self._blame_dead()
        return Proof(tuple(self.problems), len(self.before))

    # ------------------------------------------------ playing

    def _moves(self, here: Position) -> Iterator[tuple[str, Position]]:
        for node_id in here.nodes():
            node = self.graph.node(node_id)
            mine = [place for place in here.tokens if place[0] == node_id]
            kind = self.graph.type_of(node)
            gate = kind.gate(node.options, len(self.graph.incoming[node_id]))
            late = dict(here.late)
            if late.get(node_id):
                rest = late[node_id] - 1
                yield (
                    node_id,
                    Position(
                        _without(here.tokens, mine[:1]),
                        tuple(sorted((late | {node_id: rest}).items() if rest else _less(late, node_id))),
                    ),
                )
                continue
            ways = list({place[1]: place for place in mine}.values())
            if len(ways) < gate.need:
                continue
            taken = [[place] for place in mine] if gate.need == 1 else [ways[: gate.need]]
            for places in taken:
                more = gate.of - gate.need
                swallow = late | {node_id: more} if more > 0 else late
                yield from self._fire(here, node, places, tuple(sorted(swallow.items())))

    def _fire(
        self, here: Position, node: Node, places: list[Place], late: tuple[tuple[str, int], ...]
    ) -> Iterator[tuple[str, Position]]:
        kind = self.graph.type_of(node)
        rest = _without(here.tokens, places)
        if kind.is_end:
            over = Position((), (), True) if kind.kills_rest(node.options) or not rest else None
            yield node.id, over or Position(rest, late, True)
            return
        ports = self.graph.ports(node)
        back_to = places[0][2] if len(places) == 1 else ""
        for outcome in kind.outcomes(node.options):
            if back_to and outcome == {ports[0]}:
                born: tuple[Place, ...] = ((back_to, f"^{node.id}", ""),)
            else:
                born = tuple((node.next[port], f"{node.id}.{port}", "") for port in sorted(outcome))
            yield node.id, Position(tuple(sorted(rest + born)), late)
        for target in kind.jumps(node.options):
            kept = tuple(
                place for place in rest if not self.graph.withdrawn_by_return(target, place[0], place[1])
            )
            wants = node.id if kind.comes_back(node.options) else ""
            behind = self.graph.reach(target) | {target}
            still_late = tuple(item for item in late if item[0] not in behind)
            yield node.id, Position(tuple(sorted((*kept, (target, f"^{node.id}", wants)))), still_late)

    # ------------------------------------------------ blaming

    def _is_faulty(self, there: Position, node_id: str) -> bool:
        path = self._run_to(there)
        if there.is_over and (there.tokens or there.late):
            left = ", ".join(there.nodes()) or ", ".join(node for node, _ in there.late)
            self._blame("improper_completion", node_id, path,
                        "“%(title)s” is reached while work is still open at: %(left)s.",
                        "到达“%(title)s”时仍有未完成的节点：%(left)s。", left=left)  # fmt: skip
            return True
        doubled = [place for place in set(there.tokens) if there.tokens.count(place) > 1]
        crowded = doubled or self._crowded(there)
        if crowded:
            self._blame("unsafe", crowded[0][0], path,
                        "“%(title)s” can be entered twice at once by the same way.",
                        "“%(title)s”可能由同一路径同时进入两次。")  # fmt: skip
            return True
        return False

    def _crowded(self, there: Position) -> list[Place]:
        """Return the tokens that differ only in who wants them back."""
        seen: dict[tuple[str, str], int] = {}
        for node_id, via, _ in there.tokens:
            seen[node_id, via] = seen.get((node_id, via), 0) + 1
        return [place for place in there.tokens if seen[place[0], place[1]] > 1]

    def _blame_stop(self, here: Position) -> None:
        self._blame("deadlock", here.nodes()[0], self._run_to(here),
                    "The flow can stop for ever at “%(title)s”: it waits for a branch that was not taken.",
                    "流程可能永远停在“%(title)s”：它在等待未被选择的分支。")  # fmt: skip

    def _blame_endless(self) -> None:
        good = {position for position in self.before if position.is_over}
        sources: dict[Position, list[Position]] = {}
        for here, there_list in self.after.items():
            for there in there_list:
                sources.setdefault(there, []).append(here)
        queue = deque(good)
        while queue:
            for source in sources.get(queue.popleft(), ()):
                if source not in good:
                    good.add(source)
                    queue.append(source)
        for position in self.before:
            if position not in good:
                self._blame("endless", position.nodes()[0], self._run_to(position),
                            "From “%(title)s” the flow can never end.",
                            "流程从“%(title)s”起再也无法结束。")  # fmt: skip
                return

    def _blame_dead(self) -> None:
        for node in self.graph.nodes:
            if node.id not in self.fired:
                self._blame(
                    "dead_node", node.id, (), "“%(title)s” can never be done.", "“%(title)s”永远不会执行。"
                )

    def _blame(self, code: str, node_id: str, path: tuple[str, ...], en: str, zh: str, **params: str) -> None:
        if (code, node_id) in self.blamed:
            return
        self.blamed.add((code, node_id))
        words = Text(en, zh, title=self.graph.node(node_id).title, **params)
        self.problems.append(Problem(f"flow.{code}", node_id, words, path))

    def _run_to(self, position: Position) -> tuple[str, ...]:
        """Return the nodes done, in order, on a shortest run to this position."""
        path: list[str] = []
        step = self.before.get(position)
        while step is not None:
            path.append(step[1])
            step = self.before.get(step[0])
        return tuple(reversed(path))


def _without(tokens: tuple[Place, ...], taken: list[Place]) -> tuple[Place, ...]:
    rest = list(tokens)
    for place in taken:
        rest.remove(place)
    return tuple(rest)


def _less(late: dict[str, int], node_id: str) -> list[tuple[str, int]]:
    return [item for item in late.items() if item[0] != node_id]
