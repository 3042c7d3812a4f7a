"""What may be wrong with a drawn flow, and the checks that need no running of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.graph import Graph, Node


@dataclass(frozen=True)
class Problem:
    """One fault: a stable code, the node at fault, a sentence, and the way (node ids) that shows it."""

    code: str
    node: str
    message: Text
    path: tuple[str, ...] = ()

    def dump(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "node": self.node,
            "message": self.message.dump(),
            "path": list(self.path),
        }

    def as_error(self) -> FieldError:
        """Return the fault tied to its node, as the door reports it."""
        return FieldError(f"nodes.{self.node}" if self.node else "", self.code, self.message)


def graph_problems(graph: Graph) -> list[Problem]:
    """List every fault seen on the drawing: types, options, ways, reachability, restless circles."""
    problems = list(_types_and_ways(graph))
    if any(problem.code in _UNREADABLE for problem in problems):
        return problems
    return problems + list(_reachability(graph)) + list(_restless(graph))


_UNREADABLE = frozenset(
    {"flow.type_unknown", "flow.start_missing", "flow.start_twice", "flow.way_unknown", "flow.way_nowhere"}
)


def _say(
    code: str, node: Node | None, en: str, zh: str, path: tuple[str, ...] = (), **params: Any
) -> Problem:
    title = node.title if node is not None else Text("")
    words = Text(en, zh, **{"title": title, **params})
    return Problem(f"flow.{code}", node.id if node is not None else "", words, path)


def _types_and_ways(graph: Graph) -> Iterator[Problem]:
    unknown = [node for node in graph.nodes if node.type not in graph.types]
    for node in unknown:
        yield _say("type_unknown", node, "“%(title)s”: there is no node type “%(type)s”.",
                   "“%(title)s”：没有节点类型“%(type)s”。", type=node.type)  # fmt: skip
    known = [node for node in graph.nodes if node.type in graph.types]
    starts = [node for node in known if graph.type_of(node).is_start]
    if not starts:
        yield _say("start_missing", None, "The flow has no start.", "流程缺少开始节点。")
    for node in starts[1:]:
        yield _say("start_twice", node, "“%(title)s” is a second start.", "“%(title)s”是多余的开始节点。")
    if not any(graph.type_of(node).is_end for node in known):
        yield _say("end_missing", None, "The flow has no end.", "流程缺少结束节点。")
    for node in known:
        yield from _ways(graph, node)
        kind = graph.type_of(node)
        for error in _option_errors(graph, node):
            yield _say("option", node, "“%(title)s”: %(field)s: %(why)s", "“%(title)s”：%(field)s：%(why)s",
                       field=error.field or "", why=error.message)  # fmt: skip
        for target in kind.jumps(node.options):
            if target not in graph.by_id:
                yield _say("return_nowhere", node, "“%(title)s” returns to “%(to)s”, which does not exist.",
                           "“%(title)s”退回到不存在的“%(to)s”。", to=target)  # fmt: skip
            elif target in graph.by_id and graph.by_id[target].type in graph.types:
                other = graph.by_id[target]
                if not graph.type_of(other).has_tasks:
                    yield _say("return_to_machine", node,
                               "“%(title)s” returns to “%(to)s”, where nobody does anything.",
                               "“%(title)s”退回到无人处理的“%(to)s”。", to=other.title)  # fmt: skip


def _option_errors(graph: Graph, node: Node) -> Iterator[FieldError]:
    kind = graph.type_of(node)
    for name in node.options.keys() - set(kind.options.names):
        yield FieldError(name, "workflows.option.unknown", Text("no such setting.", "没有此设置。"))
    for spec in kind.options:
        value = node.options.get(spec.name)
        if spec.required and value in (None, "", ()):
            yield FieldError(spec.name, "workflows.option.missing", Text("please fill in.", "必须填写。"))
        choices = [choice["value"] for choice in spec.option("choices", ())] if spec.type == "choice" else []
        if choices and value is not None and value not in choices:
            yield FieldError(
                spec.name,
                "workflows.option.choice",
                Text("not one of %(all)s.", "不在可选值 %(all)s 之中。", all=", ".join(choices)),
            )
    yield from kind.problems(node.options)


def _ways(graph: Graph, node: Node) -> Iterator[Problem]:
    ports = graph.ports(node)
    for port in dict.fromkeys(port for port in ports if ports.count(port) > 1):
        yield _say("way_twice", node, "“%(title)s” has the way out “%(port)s” twice.",
                   "“%(title)s”的出口“%(port)s”重复。", port=port)  # fmt: skip
    for port in dict.fromkeys(ports):
        if port not in node.next:
            code = "default_missing" if port == "default" else "way_open"
            yield _say(code, node, "“%(title)s”: the way out “%(port)s” leads nowhere.",
                       "“%(title)s”：出口“%(port)s”没有去向。", port=port)  # fmt: skip
    for port, target in node.next.items():
        if port not in ports:
            yield _say("way_unknown", node, "“%(title)s” has no way out “%(port)s”.",
                       "“%(title)s”没有出口“%(port)s”。", port=port)  # fmt: skip
        if target not in graph.by_id:
            yield _say("way_nowhere", node,
                       "“%(title)s”: “%(port)s” leads to “%(to)s”, which does not exist.",
                       "“%(title)s”：出口“%(port)s”指向不存在的“%(to)s”。", port=port, to=target)  # fmt: skip


def _reachability(graph: Graph) -> Iterator[Problem]:
    start = graph.start
    forward = graph.reach(start.id) | {start.id}
    ends = {node.id for node in graph.nodes if graph.type_of(node).is_end}
    for node in graph.nodes:
        if node.id not in forward:
            yield _say("unreachable", node, "Nothing leads to “%(title)s”.", "没有路径到达“%(title)s”。")
        elif node.id not in ends and not graph.reach(node.id) & ends:
            yield _say("no_way_to_end", node, "No way leads from “%(title)s” to an end.",
                       "“%(title)s”无法到达结束节点。", _way(graph, start.id, node.id))  # fmt: skip


def _way(graph: Graph, source: str, target: str) -> tuple[str, ...]:
    """Return a shortest path of node ids from source to target, both included."""
    before: dict[str, str] = {source: ""}
    queue = [source]
    for here in queue:
        if here == target:
            break
        for after in graph.node(here).next.values():
            if after in graph.by_id and after not in before:
                before[after] = here
                queue.append(after)
    path = [target]
    while before.get(path[-1]):
        path.append(before[path[-1]])
    return tuple(reversed(path))


def _restless(graph: Graph) -> Iterator[Problem]:
    """Find circles in which nobody waits: such a flow would run round for ever inside one step."""
    busy = {node.id for node in graph.nodes if not graph.type_of(node).waits(node.options)}
    done: set[str] = set()
    for root in sorted(busy):
        if root in done:
            continue
        trail: list[str] = []
        on_trail: set[str] = set()
        stack: list[tuple[str, bool]] = [(root, True)]
        while stack:
            here, is_coming = stack.pop()
            if not is_coming:
                trail.pop()
                on_trail.discard(here)
                done.add(here)
                continue
            if here in done:
                continue
            if here in on_trail:
                circle = (*trail[trail.index(here) :], here)
                yield _say("restless_circle", graph.node(here),
                           "Nobody waits in the circle %(circle)s.", "循环 %(circle)s 中没有任何等待。",
                           circle, circle=" → ".join(circle))  # fmt: skip
                continue
            trail.append(here)
            on_trail.add(here)
            stack.append((here, False))
            stack += [(after, True) for after in graph.node(here).next.values() if after in busy]
