"""A case as a picture and in words: where it stands, why it is there, who is next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from forms_engine.kernel import clock
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.engine.state import PARKED, STUCK, Line, State, Visit
from forms_engine.workflows.models import Instance
from forms_engine.workflows.selectors.comments import EVERY, CommentRight
from forms_engine.workflows.selectors.graphs import graph_of
from forms_engine.workflows.selectors.layout import NODE_HEIGHT, NODE_WIDTH, layout_of
from forms_engine.workflows.selectors.people import names_of

AHEAD, PASSED, CURRENT, TROUBLE = "ahead", "passed", "current", "stuck"
VERBS: dict[str, Text] = {
    "started": Text("started", "发起"),
    "approve": Text("approved", "同意"),
    "reject": Text("rejected", "拒绝"),
    "return": Text("returned", "退回"),
    "submit": Text("submitted", "提交"),
    "transferred": Text("handed on", "转交"),
    "withdrawn": Text("withdrawn", "撤回"),
    "terminated": Text("ended by the administrator", "管理员终止"),
    "nobody_found": Text("nobody found", "找不到处理人"),
    "action_done": Text("action done", "动作已执行"),
    "action_failed": Text("action refused", "动作失败"),
    "time_came": Text("time came", "等待结束"),
    "no_date": Text("no date to wait for", "没有等待日期"),
    "stuck": Text("stuck", "卡住"),
    "retried": Text("tried again", "重试"),
    "ended": Text("ended", "结束"),
}
RESULTS: dict[str, Text] = {
    "completed": Text("completed", "已完成"),
    "approved": Text("approved", "已通过"),
    "rejected": Text("rejected", "已拒绝"),
    "returned": Text("returned", "已退回"),
    "cancelled": Text("cancelled", "已取消"),
    "withdrawn": Text("withdrawn", "已撤回"),
    "terminated": Text("ended by the administrator", "已被管理员终止"),
}
_SILENT = frozenset({"entered", "left"})
_CAUSES = frozenset(
    {"started", "approve", "reject", "return", "submit", "time_came", "action_done", "action_failed"}
)


@dataclass(frozen=True)
class PictureNode:
    """One box. `shape` is SVG inside a 24 × 24 box; `rounds` how often it was entered."""

    id: str
    title: Text
    kind: Text
    shape: str
    x: int
    y: int
    width: int
    height: int
    state: str
    rounds: int
    people: tuple[str, ...]


@dataclass(frozen=True)
class PictureWay:
    """One arrow between two boxes; `points` are ready for an SVG polyline."""

    source: str
    target: str
    label: Text | None
    points: str
    is_walked: bool


@dataclass(frozen=True)
class HistoryLine:
    """One line people read: who did what at which step, in which round."""

    at: dt.datetime
    person: str
    verb: Text
    step: Text
    round: int
    comment: str
    target: Text | None


@dataclass(frozen=True)
class InstancePicture:
    """All a page needs to show a case. `why` and `next` are sentences, one per current step."""

    width: int
    height: int
    nodes: tuple[PictureNode, ...]
    ways: tuple[PictureWay, ...]
    why: tuple[Text, ...]
    next: tuple[Text, ...]
    history: tuple[HistoryLine, ...]


def people_in(state: State) -> set[str]:
    """Return the ids of everybody a case's picture names."""
    named = (*(line.person for line in state.history), *(ticket.person for ticket in state.tickets))
    gone_to = (str(line.detail["to"]) for line in state.history if line.detail.get("to"))
    return {person for person in (state.initiator, *named, *gone_to) if person}


def instance_picture(
    instance: Instance,
    *,
    state: State | None = None,
    names: dict[str, str] | None = None,
    comments: CommentRight = EVERY,
) -> InstancePicture:
    """Return the picture of a case, drawn from its own version and position.

    `state` and `names` (of `people_in`) save reading them again where many cases are drawn. `comments` leaves
    out what its reader may not read.
    """
    graph = graph_of(instance.flow_version_id)
    state = State.load(instance.position) if state is None else state
    names = names_of(people_in(state)) if names is None else names
    layout = layout_of(graph)
    walked = {
        f"{line.node}.{port}"
        for line in state.history
        if line.verb == "left"
        for port in line.detail["ports"]
    }
    return InstancePicture(
        width=layout.width,
        height=layout.height,
        nodes=tuple(_nodes(graph, state, names, layout.places)),
        ways=tuple(_ways(graph, walked, layout.places)),
        why=tuple(_why(graph, state, visit, names, comments) for visit in state.visits),
        next=tuple(_next(graph, state, visit, names) for visit in state.visits),
        history=tuple(_history(graph, state, names, comments)),
    )


def step_title(graph: Graph, node_id: str) -> Text:
    """Return what a step is called; one without a title by its kind, told apart by its id."""
    node = graph.node(node_id)
    if node.title != Text.of(node.id):
        return node.title
    kind = graph.type_of(node)
    if kind.is_start:
        return kind.label
    return Text("%(kind)s (%(id)s)", "%(kind)s（%(id)s）", kind=kind.label, id=node.id)


def _nodes(
    graph: Graph, state: State, names: dict[str, str], places: dict[str, tuple[int, int]]
) -> list[PictureNode]:
    boxes = []
    for node in graph.nodes:
        visits = [visit for visit in state.visits if visit.node == node.id]
        if any(visit.status == STUCK for visit in visits):
            mark = TROUBLE
        elif visits:
            mark = CURRENT
        else:
            mark = PASSED if state.rounds.get(node.id) else AHEAD
        kind = graph.type_of(node)
        x, y = places[node.id]
        people = tuple(name for visit in visits for name in _waited_for(state, visit, names))
        boxes.append(
            PictureNode(
                id=node.id,
                title=step_title(graph, node.id),
                kind=kind.label,
                shape=kind.svg,
                x=x,
                y=y,
                width=NODE_WIDTH,
                height=NODE_HEIGHT,
                state=mark,
                rounds=state.rounds.get(node.id, 0),
                people=people,
            )
        )
    return boxes


def _ways(graph: Graph, walked: set[str], places: dict[str, tuple[int, int]]) -> list[PictureWay]:
    ways = []
    for node in graph.nodes:
        kind = graph.type_of(node)
        x, y = places[node.id]
        for port, target in node.next.items():
            to_x, to_y = places[target]
            middle, to_middle = x + NODE_WIDTH // 2, to_x + NODE_WIDTH // 2
            bottom, top = y + NODE_HEIGHT, to_y
            if top > bottom:
                bend = top - 18
                points = f"{middle},{bottom} {middle},{bend} {to_middle},{bend} {to_middle},{top}"
            else:  # a way back: round the left side
                side = min(x, to_x) - 14
                points = f"{x},{y + NODE_HEIGHT // 2} {side},{y + NODE_HEIGHT // 2} "
                points += f"{side},{to_y + NODE_HEIGHT // 2} {to_x},{to_y + NODE_HEIGHT // 2}"
            ways.append(
                PictureWay(
                    source=node.id,
                    target=target,
                    label=kind.port_label(node.options, port),
                    points=points,
                    is_walked=f"{node.id}.{port}" in walked,
                )
            )
    return ways


def _waited_for(state: State, visit: Visit, names: dict[str, str]) -> list[str]:
    return [names.get(t.person, t.person) for t in state.tickets_of(visit.id) if t.person]


def _why(graph: Graph, state: State, visit: Visit, names: dict[str, str], comments: CommentRight) -> Text:
    """Say how the case came to a step: the last thing that happened before it was entered."""
    entered = next(
        number
        for number, line in enumerate(state.history)
        if line.verb == "entered" and line.visit == visit.id
    )
    cause = next((line for line in reversed(state.history[:entered]) if line.verb in _CAUSES), None)
    title = step_title(graph, visit.node)
    since = _on_the_clock(state.history[entered].at)
    more = {"step": title, "since": since, "round": visit.round}
    if cause is None:
        return Text("At “%(step)s” since %(since)s.", "%(since)s 起停在“%(step)s”。", **more)
    more |= {
        "verb": VERBS[cause.verb],
        "by": names.get(cause.person or "", cause.person or ""),
        "before": step_title(graph, cause.node) if cause.node else Text("the beginning", "开始"),
        "comment": f" ({cause.comment})" if cause.comment and comments.shows(cause) else "",
    }
    if cause.person is None:
        return Text(
            "At “%(step)s” (round %(round)s) since %(since)s: “%(before)s” %(verb)s.",
            "%(since)s 起停在“%(step)s”（第 %(round)s 轮）：“%(before)s”%(verb)s。",
            **more,
        )
    return Text(
        "At “%(step)s” (round %(round)s) since %(since)s: %(by)s %(verb)s at “%(before)s”%(comment)s.",
        "%(since)s 起停在“%(step)s”（第 %(round)s 轮）：%(by)s 在“%(before)s”%(verb)s%(comment)s。",
        **more,
    )


def _next(graph: Graph, state: State, visit: Visit, names: dict[str, str]) -> Text:
    """Say whom the step waits for and where each way out leads."""
    node = graph.node(visit.node)
    kind = graph.type_of(node)
    waiting = ", ".join(_waited_for(state, visit, names))
    ways = [
        Text("%(label)s → %(to)s", "%(label)s → %(to)s", label=label, to=step_title(graph, target))
        if (label := kind.port_label(node.options, port)) is not None
        else Text("→ %(to)s", "→ %(to)s", to=step_title(graph, target))
        for port, target in node.next.items()
    ]
    after = _joined(ways)
    if visit.status == STUCK:
        return Text(
            "An administrator has to help. Then: %(after)s", "需要管理员处理。之后：%(after)s", after=after
        )
    if visit.status == PARKED:
        return Text(
            "Waits for the other branches. Then: %(after)s", "等待其他分支。之后：%(after)s", after=after
        )
    if waiting:
        return Text(
            "Waits for %(who)s. Then: %(after)s", "等待 %(who)s。之后：%(after)s", who=waiting, after=after
        )
    due = next((t.detail["due"] for t in state.tickets_of(visit.id) if t.kind == "timer"), None)
    if due is not None:
        until = _on_the_clock(due)
        return Text(
            "Waits until %(until)s. Then: %(after)s",
            "等到 %(until)s。之后：%(after)s",
            until=until,
            after=after,
        )
    return Text("Works. Then: %(after)s", "执行中。之后：%(after)s", after=after)


def _on_the_clock(at: dt.datetime) -> str:
    """Return a moment as the plant's clock shows it."""
    return at.astimezone(clock.plant_zone()).strftime("%Y-%m-%d %H:%M")


def _joined(texts: list[Text]) -> Text:
    return Text(
        "; ".join(text.in_language("en").replace("%", "%%") for text in texts),
        "；".join(text.in_language("zh").replace("%", "%%") for text in texts),
        _="",
    )


def _history(graph: Graph, state: State, names: dict[str, str], comments: CommentRight) -> list[HistoryLine]:
    lines = (line for line in state.history if line.verb not in _SILENT and _is_news(line))
    return [_line(graph, line, names, comments) for line in lines]


def _is_news(line: Line) -> bool:
    return line.verb != "returned"  # the verdict “return” stands one line above


def _line(graph: Graph, line: Line, names: dict[str, str], comments: CommentRight) -> HistoryLine:
    target = str(line.detail.get("target", ""))
    to = str(line.detail.get("to", ""))
    if target in graph.by_id:
        goal: Text | None = step_title(graph, target)
    else:
        goal = Text.of(names.get(to, to)) if to else None
    return HistoryLine(
        at=line.at,
        person=names.get(line.person or "", ""),
        verb=VERBS.get(line.verb, Text.of(line.verb)),
        step=step_title(graph, line.node) if line.node else Text(""),
        round=line.round,
        comment=line.comment if comments.shows(line) else "",
        target=goal,
    )
