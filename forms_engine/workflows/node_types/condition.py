"""Exactly one way: the first whose condition holds for the record, else the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect, Leave
from forms_engine.workflows.engine.formula import formula_holds, formula_names, formula_problems
from forms_engine.workflows.engine.node_type import Context, NodeType, register

DEFAULT = "default"
BRANCH = Schema(
    (
        FieldSpec(name="port", type="text", label=Text("Way out", "出口"), required=True),
        FieldSpec(name="when", type="text", label=Text("Condition", "条件"), required=True),
        FieldSpec(name="label", type="text", label=Text("Label", "名称")),
    )
)


@register
class Condition(NodeType):
    key = "condition"
    label = Text("Condition", "条件分支")
    svg = '<path d="M12 2 22 12 12 22 2 12Z"/>'
    options = Schema(
        (
            FieldSpec(
                name="branches",
                type="table",
                label=Text("Branches, tried in order", "分支（按顺序判断）"),
                required=True,
                options={"schema": BRANCH.dump()},
            ),
        )
    )
    examples = (
        {"branches": ({"port": "large", "when": "{amount} > 100"},)},
        {"branches": ({"port": "one", "when": "{amount} = 1"}, {"port": "two", "when": "{amount} = 2"})},
    )

    def ports(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        return (*(str(branch.get("port")) for branch in _branches(options)), DEFAULT)

    def port_label(self, options: Mapping[str, Any], port: str) -> Text | None:
        if port == DEFAULT:
            return Text("otherwise", "其他情况")
        for branch in _branches(options):
            if branch.get("port") == port:
                return Text.of(branch.get("label") or branch.get("when") or port)
        return None

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        return frozenset().union(*(formula_names(branch.get("when")) for branch in _branches(options)))

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        for row, branch in enumerate(_branches(options)):
            path = f"branches.{row}"
            if not branch.get("port") or branch["port"] == DEFAULT:
                yield FieldError(
                    f"{path}.port",
                    "workflows.condition.port",
                    Text("A branch needs a name of its own.", "分支需要独立的出口名称。"),
                )
            if not branch.get("when"):
                yield FieldError(
                    f"{path}.when",
                    "workflows.condition.when",
                    Text("A branch needs a condition.", "分支需要条件。"),
                )
            yield from formula_problems(branch.get("when"), f"{path}.when")

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        for branch in _branches(ctx.options):
            if formula_holds(branch["when"], ctx.facts, at=ctx.at, user=ctx.initiator):
                return (Leave(port=branch["port"]),)
        return (Leave(port=DEFAULT),)


def _branches(options: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    found = options.get("branches") or ()
    return tuple(branch for branch in found if isinstance(branch, Mapping))
