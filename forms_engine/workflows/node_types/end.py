"""The case is over here, with a result people and other flows can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect, Finish
from forms_engine.workflows.engine.node_type import Context, NodeType, register


@register
class End(NodeType):
    key = "end"
    label = Text("End", "结束")
    svg = '<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="5"/>'
    is_end = True
    options = Schema(
        (
            FieldSpec(
                name="result",
                type="choice",
                label=Text("Result", "结果"),
                default="completed",
                options={
                    "choices": [
                        {"value": "completed", "label": Text("Completed", "已完成")},
                        {"value": "approved", "label": Text("Approved", "已通过")},
                        {"value": "rejected", "label": Text("Rejected", "已拒绝")},
                        {"value": "returned", "label": Text("Returned", "已退回")},
                        {"value": "cancelled", "label": Text("Cancelled", "已取消")},
                    ]
                },
            ),
            FieldSpec(
                name="kills_rest",
                type="boolean",
                label=Text("Also ends the other branches", "同时结束其他分支"),
                default=False,
            ),
        )
    )
    examples = ({}, {"result": "rejected", "kills_rest": True})

    def ports(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        return ()

    def outcomes(self, options: Mapping[str, Any]) -> tuple[frozenset[str], ...]:
        return (frozenset(),)

    def kills_rest(self, options: Mapping[str, Any]) -> bool:
        return bool(options.get("kills_rest"))

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        return (Finish(result=ctx.option("result"), kills_rest=bool(ctx.option("kills_rest"))),)
