"""Tell people something and go on; nobody has to answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect, Leave, Notify
from forms_engine.workflows.engine.formula import text_filled, text_names
from forms_engine.workflows.engine.node_type import Context, NodeType, register
from forms_engine.workflows.engine.who import who_field, who_names, who_problems, who_resolve


@register
class NotifyNode(NodeType):
    key = "notify"
    label = Text("Notify", "通知")
    svg = '<path d="M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4"/>'
    options = Schema(
        (
            who_field("who", Text("Who is told", "通知谁")),
            FieldSpec(
                name="title",
                type="text",
                label=Text("Title", "标题"),
                required=True,
                help=Text("{number} puts in a field of the record.", "{number} 会替换为记录字段的值。"),
            ),
            FieldSpec(name="body", type="long_text", label=Text("Text", "内容")),
        )
    )
    examples = (
        {
            "who": ({"kind": "role", "value": "buyer"},),
            "title": {"en": "Plan {number}", "zh": "计划 {number}"},
        },
    )

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        texts = text_names(options.get("title")) | text_names(options.get("body"))
        return texts | who_names(options.get("who"))

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        return who_problems(options.get("who"))

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        return (
            Notify(
                who=who_resolve(ctx.option("who"), ctx.facts, ctx.initiator),
                title=text_filled(ctx.option("title"), ctx.facts),
                body=text_filled(ctx.option("body"), ctx.facts),
            ),
            Leave(port="out"),
        )
