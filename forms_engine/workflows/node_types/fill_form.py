"""Somebody fills in what is still missing on the record; the first to hand it in is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect, FindPeople, Leave, OpenTask, Stuck
from forms_engine.workflows.engine.node_type import Context, NodeType, register
from forms_engine.workflows.engine.signals import PeopleFound, TaskDecided, TicketSignal
from forms_engine.workflows.engine.who import who_field, who_names, who_problems, who_resolve


@register
class FillForm(NodeType):
    key = "fill_form"
    label = Text("Fill in a form", "填写表单")
    svg = '<path d="M5 3h14v18H5zM8 8h8M8 12h8M8 16h5"/>'
    has_tasks = True
    options = Schema(
        (
            who_field("who", Text("Who fills it in", "填写人")),
            FieldSpec(
                name="form",
                type="text",
                label=Text("Form", "表单"),
                help=Text("Empty = the record's own page.", "留空则使用记录自身页面。"),
            ),
            FieldSpec(name="fields", type="json", label=Text("Field rights", "字段权限")),
        )
    )
    examples = ({"who": ({"kind": "role", "value": "planner"},)}, {"who": ({"kind": "initiator"},)})

    def waits(self, options: Mapping[str, Any]) -> bool:
        return True

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        return who_names(options.get("who"))

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        return who_problems(options.get("who"))

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        return (FindPeople(who=who_resolve(ctx.option("who"), ctx.facts, ctx.initiator), purpose="fill"),)

    def on_signal(self, ctx: Context, signal: TicketSignal) -> tuple[Effect, ...]:
        if isinstance(signal, TaskDecided):
            return (Leave(port="out"),)
        if not isinstance(signal, PeopleFound):
            return ()
        people = tuple(dict.fromkeys(signal.people))
        if not people:
            if ctx.ticket is not None and ctx.ticket.detail.get("purpose") == "admin":
                return (Stuck(reason="nobody_found"),)
            return (FindPeople(who=({"kind": "admin", "value": ""},), purpose="admin"),)
        return tuple(
            OpenTask(
                person=person,
                task="fill",
                verdicts=("submit",),
                fields=ctx.option("fields") or {},
                form=ctx.option("form") or "",
            )
            for person in people
        )
