"""A case begins here: from a form, an event or a button. Returned to, it asks the initiator to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect, Leave, OpenTask, Stuck
from forms_engine.workflows.engine.formula import formula_names, formula_problems
from forms_engine.workflows.engine.node_type import Context, NodeType, register
from forms_engine.workflows.engine.signals import TicketSignal


@register
class Start(NodeType):
    key = "start"
    label = Text("Start", "开始")
    svg = '<circle cx="12" cy="12" r="9"/>'
    is_start = True
    has_tasks = True
    options = Schema(
        (
            FieldSpec(
                name="trigger",
                type="choice",
                label=Text("Begins with", "触发方式"),
                default="event",
                options={
                    "choices": [
                        {"value": "event", "label": Text("An event", "事件")},
                        {"value": "form", "label": Text("A form handed in", "提交表单")},
                        {"value": "button", "label": Text("A button on the record", "记录上的按钮")},
                    ]
                },
            ),
            FieldSpec(
                name="event",
                type="text",
                label=Text("Event", "事件"),
                help=Text("Topic, e.g. planning.plan.submitted", "主题，例如 planning.plan.submitted"),
            ),
            FieldSpec(name="form", type="text", label=Text("Form", "表单")),
            FieldSpec(
                name="when",
                type="text",
                label=Text("Only if", "触发条件"),
                help=Text("A condition; empty = always.", "条件公式，留空表示总是触发。"),
            ),
            FieldSpec(
                name="fields", type="json", label=Text("Field rights when returned", "退回时的字段权限")
            ),
        )
    )
    examples = ({"trigger": "button"}, {"trigger": "event", "event": "planning.plan.submitted"})

    def waits(self, options: Mapping[str, Any]) -> bool:
        return True  # the first visit passes, but no circle can lead through a first visit

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        return formula_names(options.get("when"))

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        if options.get("trigger") == "event" and not options.get("event"):
            yield FieldError(
                "event", "workflows.start.event_missing", Text("Say which event.", "请选择事件。")
            )
        if options.get("trigger") == "form" and not options.get("form"):
            yield FieldError("form", "workflows.start.form_missing", Text("Say which form.", "请选择表单。"))
        yield from formula_problems(options.get("when"), "when")

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        if ctx.visit.round == 1:
            return (Leave(port="out"),)
        if ctx.initiator is None:
            return (Stuck(reason="no_initiator"),)
        task = OpenTask(
            person=ctx.initiator,
            task="revise",
            verdicts=("submit",),
            fields=ctx.option("fields") or {},
            form=ctx.option("form") or "",
        )
        return (task,)

    def on_signal(self, ctx: Context, signal: TicketSignal) -> tuple[Effect, ...]:
        return (Leave(port="out"),)
