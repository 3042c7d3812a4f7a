"""A flow as drawn: nodes and where their ways out lead. Immutable, JSON and YAML, comparable by digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml  # type: ignore[import-untyped]

from forms_engine.kernel.errors import ErrorList, FieldError
from forms_engine.kernel.registry import Registry
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.node_type import NODE_TYPES, NodeType

SLUG = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
MAX_NODES = 300
WITHDRAW_RULES = ("never", "before_first_decision", "any_time")
_SETTINGS = frozenset({"withdraw", "max_rounds", "one_at_a_time"})
_NODE_KEYS = frozenset({"id", "type", "title", "options", "next", "at"})
_GRAPH_KEYS = frozenset({"slug", "title", "entity", "settings", "nodes"})


@dataclass(frozen=True)
class Settings:
    """Rules of the whole flow.

    withdraw: when the initiator may take the request back. max_rounds: how often one node may be entered.
    one_at_a_time: a record that has a running case of this flow begins no second one.
    """

    withdraw: str = "before_first_decision"
    max_rounds: int = 50
    one_at_a_time: bool = True

    def dump(self) -> dict[str, Any]:
        return {
            "withdraw": self.withdraw,
            "max_rounds": self.max_rounds,
            "one_at_a_time": self.one_at_a_time,
        }


@dataclass(frozen=True)
class Node:
    """One node. `options` have the type's defaults filled in; `next` maps port → node id; `at` is x, y."""

    id: str
    type: str
    title: Text
    options: Mapping[str, Any] = field(default_factory=dict)
    next: Mapping[str, str] = field(default_factory=dict)
    at: tuple[int, int] | None = None
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def dump(self) -> dict[str, Any]:
        data: dict[str, Any] = {"id": self.id, "type": self.type, "title": self.title.dump()}
        if self.given:
            data["options"] = _thaw(self.given)
        if self.next:
            data["next"] = dict(self.next)
        if self.at is not None:
            data["at"] = list(self.at)
        return data


@dataclass(frozen=True)
class Graph:
    """A whole flow definition. Build it with `load` or `from_yaml`, which check its shape only."""

    slug: str
    title: Text
    nodes: tuple[Node, ...]
    entity: str = ""
    settings: Settings = field(default_factory=Settings)
    types: Registry[NodeType] = field(default=NODE_TYPES, compare=False, repr=False)

    # ------------------------------------------------ asking

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    def node(self, node_id: str) -> Node:
        return self.by_id[node_id]

    def type_of(self, node: Node | str) -> NodeType:
        """Return the type object behind a node or a node's id."""
        return self.types.get((self.by_id[node] if isinstance(node, str) else node).type)

    def ports(self, node: Node) -> tuple[str, ...]:
        return self.type_of(node).ports(node.options)

    @cached_property
    def start(self) -> Node:
        """The one start node. Raises: KeyError when there is none (`graph_problems` tells it nicely)."""
        for node in self.nodes:
            if node.type in self.types and self.type_of(node).is_start:
                return node
        raise KeyError("start")

    @cached_property
    def incoming(self) -> Mapping[str, tuple[str, ...]]:
        """Node id → the ways that lead in, each named "node.port", in drawing order."""
        ways: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            for port, target in node.next.items():
                ways.setdefault(target, []).append(f"{node.id}.{port}")
        return {node_id: tuple(found) for node_id, found in ways.items()}

    @cached_property
    def _reach(self) -> dict[str, frozenset[str]]:
        return {}

    def reach(self, node_id: str) -> frozenset[str]:
        """Return the ids of all nodes one can come to from here by ways out (not by returns), without itself
        unless a circle leads back."""
        known = self._reach.get(node_id)
        if known is None:
            seen: set[str] = set()
            stack = list(self.by_id[node_id].next.values())
            while stack:
                found = stack.pop()
                if found not in seen and found in self.by_id:
                    seen.add(found)
                    stack += self.by_id[found].next.values()
            known = self._reach[node_id] = frozenset(seen)
        return known

    def withdrawn_by_return(self, target: str, node_id: str, via: str) -> bool:
        """Say whether a token at `node_id`, come by `via`, is taken back when the flow returns to `target`.

        Taken back is what was begun behind the target; a token that reached a join by another branch stays.
        """
        if node_id != target and node_id not in self.reach(target):
            return False
        source = via.rpartition(".")[0]
        return not source or source == target or source in self.reach(target)

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields of the record the flow speaks of: what `Signal.facts` has to hold."""
        return frozenset().union(*(self.type_of(node).names(node.options) for node in self.nodes))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition; where nodes are drawn does not count."""
        data = self.dump()
        for node in data["nodes"]:
            node.pop("at", None)
        text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    # ------------------------------------------------ reading and writing

    def dump(self) -> dict[str, Any]:
        """Return JSON-ready data; `load` gives an equal graph back."""
        return {
            "slug": self.slug,
            "title": self.title.dump(),
            "entity": self.entity,
            "settings": self.settings.dump(),
            "nodes": [node.dump() for node in self.nodes],
        }

    def to_yaml(self) -> str:
        """Return the definition as a package file."""
        text: str = yaml.safe_dump(self.dump(), allow_unicode=True, sort_keys=False, width=110)
        return text

    @classmethod
    def from_yaml(cls, text: str, *, types: Registry[NodeType] = NODE_TYPES) -> Graph:
        """Read a package file. Raises: ErrorList as `load`, or with one error for text that is no YAML."""
        try:
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ErrorList([_fault("", f"{error}", f"{error}")]) from error
        return cls.load(data, types=types)

    @classmethod
    def load(cls, data: Any, *, types: Registry[NodeType] = NODE_TYPES) -> Graph:
        """Read JSON data.

        Raises: ErrorList naming every fault of shape (code workflows.graph.invalid) with paths such as
        `nodes.3.next.approved`.
        """
        faults = list(_shape_faults(data))
        if faults:
            raise ErrorList(faults, Text("The flow definition cannot be read.", "流程定义无法读取。"))
        nodes = tuple(_node(item, types) for item in data["nodes"])
        return cls(
            slug=data["slug"],
            title=Text.of(data.get("title") or data["slug"]),
            nodes=nodes,
            entity=data.get("entity") or "",
            settings=Settings(**(data.get("settings") or {})),
            types=types,
        )


def _node(item: Mapping[str, Any], types: Registry[NodeType]) -> Node:
    given = _freeze(item.get("options") or {})
    options = dict(given)
    if item["type"] in types:
        for spec in types.get(item["type"]).options:
            if options.get(spec.name) is None and spec.default is not None:
                options[spec.name] = spec.default
    place = item.get("at")
    return Node(
        id=item["id"],
        type=item["type"],
        title=Text.of(item.get("title") or item["id"]),
        options=options,
        next=dict(item.get("next") or {}),
        at=(int(place[0]), int(place[1])) if place else None,
        given=given,
    )


def _fault(path: str, en: str, zh: str) -> FieldError:
    return FieldError(
        path, "workflows.graph.invalid", Text(en.replace("%", "%%"), zh.replace("%", "%%"), _="")
    )


def _shape_faults(data: Any) -> Iterable[FieldError]:
    if not isinstance(data, Mapping):
        yield _fault("", "A flow is a mapping.", "流程定义应为键值结构。")
        return
    for key in data.keys() - _GRAPH_KEYS:
        yield _fault(str(key), f"Unknown key “{key}”.", f"无法识别“{key}”。")
    if not isinstance(data.get("slug"), str) or not SLUG.match(data["slug"]):
        yield _fault(
            "slug", "A short name has lower-case letters, digits and _.", "标识由小写字母、数字和下划线组成。"
        )
    if not isinstance(data.get("entity") or "", str):
        yield _fault("entity", "The entity is given by its key.", "应填写业务对象的标识。")
    yield from _settings_faults(data.get("settings") or {})
    nodes = data.get("nodes")
    if not isinstance(nodes, list | tuple) or not nodes:
        yield _fault("nodes", "A flow needs nodes.", "流程需要节点。")
        return
    if len(nodes) > MAX_NODES:
        yield _fault("nodes", f"At most {MAX_NODES} nodes.", f"最多 {MAX_NODES} 个节点。")
        return
    seen: set[str] = set()
    for row, item in enumerate(nodes):
        yield from _node_faults(f"nodes.{row}", item, seen)


def _settings_faults(settings: Any) -> Iterable[FieldError]:
    if not isinstance(settings, Mapping) or settings.keys() - _SETTINGS:
        yield _fault(
            "settings",
            f"Settings are {', '.join(sorted(_SETTINGS))}.",
            f"设置项只有{'、'.join(sorted(_SETTINGS))}。",
        )
        return
    if settings.get("withdraw", "never") not in WITHDRAW_RULES:
        yield _fault(
            "settings.withdraw",
            f"One of {', '.join(WITHDRAW_RULES)}.",
            f"可选：{'、'.join(WITHDRAW_RULES)}。",
        )
    rounds = settings.get("max_rounds", 1)
    if not isinstance(rounds, int) or isinstance(rounds, bool) or not 1 <= rounds <= 1000:
        yield _fault("settings.max_rounds", "A whole number from 1 to 1000.", "应为 1 至 1000 的整数。")
    if not isinstance(settings.get("one_at_a_time", True), bool):
        yield _fault("settings.one_at_a_time", "Yes or no.", "应为是或否。")


def _node_faults(path: str, item: Any, seen: set[str]) -> Iterable[FieldError]:
    if not isinstance(item, Mapping):
        yield _fault(path, "A node is a mapping.", "节点应为键值结构。")
        return
    for key in item.keys() - _NODE_KEYS:
        yield _fault(f"{path}.{key}", f"Unknown key “{key}”.", f"无法识别“{key}”。")
    node_id = item.get("id")
    if not isinstance(node_id, str) or not SLUG.match(node_id):
        yield _fault(
            f"{path}.id",
            "A short name has lower-case letters, digits and _.",
            "标识由小写字母、数字和下划线组成。",
        )
    elif node_id in seen:
        yield _fault(f"{path}.id", f"Two nodes are called “{node_id}”.", f"两个节点都叫“{node_id}”。")
    else:
        seen.add(node_id)
    if not isinstance(item.get("type"), str):
        yield _fault(f"{path}.type", "A node needs a type.", "节点需要类型。")
    if not isinstance(item.get("title") or "", str | Mapping | Text):
        yield _fault(
            f"{path}.title", "A title is words, or one for each language.", "标题应为文字，或按语言填写。"
        )
    options = item.get("options") or {}
    if not isinstance(options, Mapping) or not _is_plain(options):
        yield _fault(f"{path}.options", "Options are plain JSON values.", "选项只能是普通 JSON 值。")
    ways = item.get("next") or {}
    if not isinstance(ways, Mapping) or not all(
        isinstance(v, str) and isinstance(k, str) for k, v in ways.items()
    ):
        yield _fault(
            f"{path}.next", "“next” maps a way out to the id of a node.", "next 应为出口到节点标识的对应。"
        )
    place = item.get("at")
    if place is not None and (
        not isinstance(place, list | tuple)
        or len(place) != 2
        or not all(isinstance(v, int | float) for v in place)
    ):
        yield _fault(f"{path}.at", "A place is two numbers, x and y.", "位置为 x、y 两个数。")


def _is_plain(value: Any, depth: int = 0) -> bool:
    if depth > 12:
        return False
    if isinstance(value, Mapping):
        return all(isinstance(k, str) and _is_plain(v, depth + 1) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(item, depth + 1) for item in value)
    return value is None or isinstance(value, str | int | float | bool)


def _freeze(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _freeze(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_freeze(item) for item in value)
    return value


def _thaw(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _thaw(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_thaw(item) for item in value]
    return value
