"""A flow as drawn: nodes and where their ways out lead. Immutable, JSON and YAML, comparable by digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml  # type: ignore[import-untyped]

from forms_engine.kernel.errors import ErrorList
from forms_engine.kernel.registry import Registry
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.node_type import NODE_TYPES, NodeType
from forms_engine.workflows.engine.shape import fault, shape_faults


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
            raise ErrorList([fault("", f"{error}", f"{error}")]) from error
        return cls.load(data, types=types)

    @classmethod
    def load(cls, data: Any, *, types: Registry[NodeType] = NODE_TYPES) -> Graph:
        """Read JSON data.

        Raises: ErrorList naming every fault of shape (code workflows.graph.invalid) with paths such as
        `nodes.3.next.approved`.
        """
        faults = list(shape_faults(data))
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
