"""The flow does something itself: it runs an action, with inputs worked out from the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import Effect, Leave, Note, RunAction, Stuck
from forms_engine.workflows.engine.formula import (
    FormulaFailed,
    formula_names,
    formula_problems,
    formula_value,
)
from forms_engine.workflows.engine.node_type import Context, NodeType, register
from forms_engine.workflows.engine.signals import ActionDone, ActionFailed, TicketSignal

DONE, FAILED = "done", "failed"
INPUT = Schema(
    (
        FieldSpec(name="name", type="text", label=Text("Input", "输入项"), required=True),
        FieldSpec(name="value", type="text", label=Text("Formula", "公式"), required=True),
    )
)


@register
class RunActionNode(NodeType):
    key = "run_action"
    label = Text("Run an action", "执行动作")
    svg = '<path d="M5 3 19 12 5 21Z"/>'
    options = Schema(
        (
            FieldSpec(name="action", type="text", label=Text("Action", "动作"), required=True),
            FieldSpec(
                name="on_record",
                type="boolean",
                label=Text("Acts on the flow's record", "作用于流程的记录"),
                default=True,
            ),
            FieldSpec(
                name="inputs",
                type="table",
                label=Text("Inputs", "输入"),
                options={"schema": INPUT.dump()},
            ),
            FieldSpec(
                name="on_error",
                type="choice",
                label=Text("If it is refused", "执行失败时"),
                default="wait",
                options={
                    "choices": [
                        {
                            "value": "wait",
                            "label": Text("Stop and tell the administrator", "暂停并通知管理员"),
                        },
                        {"value": "path", "label": Text("Take the failed way", "走失败分支")},
                    ]
                },
            ),
        )
    )
    examples = (
        {"action": "planning.plan.release"},
        {
            "action": "planning.plan.note",
            "inputs": ({"name": "amount", "value": "{amount} * 2"},),
            "on_error": "path",
        },
    )

    def ports(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        return (DONE, FAILED) if options.get("on_error") == "path" else (DONE,)

    def port_label(self, options: Mapping[str, Any], port: str) -> Text | None:
        if len(self.ports(options)) == 1:
            return None
        return {DONE: Text("done", "成功"), FAILED: Text("failed", "失败")}[port]

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        return frozenset().union(*(formula_names(item.get("value")) for item in _inputs(options)))

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        for row, item in enumerate(_inputs(options)):
            if not item.get("name"):
                yield FieldError(
                    f"inputs.{row}.name",
                    "workflows.run_action.input",
                    Text("An input needs a name.", "输入项需要名称。"),
                )
            yield from formula_problems(item.get("value"), f"inputs.{row}.value")

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        try:
            inputs = {
                item["name"]: formula_value(item["value"], ctx.facts, at=ctx.at, user=ctx.initiator)
                for item in _inputs(ctx.options)
            }
        except FormulaFailed as error:
            return _failed(
                ctx, {"code": f"formula.{error.code}", "message": {"en": str(error), "zh": str(error)}}
            )
        return (
            RunAction(action=ctx.option("action"), inputs=inputs, on_record=bool(ctx.option("on_record"))),
        )

    def on_signal(self, ctx: Context, signal: TicketSignal) -> tuple[Effect, ...]:
        if isinstance(signal, ActionDone):
            return (Note(verb="action_done", detail={"action": ctx.option("action")}), Leave(port=DONE))
        if not isinstance(signal, ActionFailed):
            return ()
        return _failed(ctx, {"code": signal.code, "message": dict(signal.message)})


def _failed(ctx: Context, why: Mapping[str, Any]) -> tuple[Effect, ...]:
    detail = {"action": ctx.option("action"), **why}
    if ctx.option("on_error") == "path":
        return (Note(verb="action_failed", detail=detail), Leave(port=FAILED))
    return (Stuck(reason="action_failed", detail=detail),)


def _inputs(options: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    found = options.get("inputs") or ()
    return tuple(item for item in found if isinstance(item, Mapping))
