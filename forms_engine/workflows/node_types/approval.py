"""People say yes, no, or "mend it first": 会签 (all have to agree) or 或签 (the first answer decides)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms_engine.kernel.errors import FieldError
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.effects import (
    BY_ITS_WAY,
    CloseTicket,
    Effect,
    FindPeople,
    Jump,
    Leave,
    Note,
    OpenTask,
    Remember,
    Stuck,
)
from forms_engine.workflows.engine.node_type import Context, NodeType, register
from forms_engine.workflows.engine.signals import PeopleFound, TaskDecided, TicketSignal
from forms_engine.workflows.engine.who import who_field, who_names, who_problems, who_resolve

APPROVED, REJECTED, RETURNED = "approved", "rejected", "returned"
VERDICTS = {
    "approve": Text("Approve", "同意"),
    "reject": Text("Reject", "拒绝"),
    "return": Text("Return", "退回"),
}


WORDS = {
    APPROVED: Text("approved", "同意"),
    REJECTED: Text("rejected", "拒绝"),
    RETURNED: Text("returned", "退回"),
}


def _choices(pairs: Mapping[str, Text]) -> dict[str, Any]:
    return {"choices": [{"value": value, "label": label} for value, label in pairs.items()]}


@register
class Approval(NodeType):
    key = "approval"
    label = Text("Approval", "审批")
    svg = '<path d="M4 4h16v16H4zM8 12l3 3 5-6"/>'
    has_tasks = True
    options = Schema(
        (
            who_field("who", Text("Approvers", "审批人")),
            FieldSpec(
                name="mode",
                type="choice",
                label=Text("How they decide", "审批方式"),
                default="any",
                options=_choices(
                    {
                        "any": Text("The first answer decides", "或签（一人即可）"),
                        "all": Text("All have to agree", "会签（全部同意）"),
                    }
                ),
            ),
            FieldSpec(
                name="nobody",
                type="choice",
                label=Text("If nobody is found", "找不到审批人时"),
                default="admin",
                options=_choices(
                    {
                        "admin": Text("Ask the flow administrator", "转交流程管理员"),
                        "pass": Text("Approve by itself", "自动通过"),
                        "refuse": Text("Reject by itself", "自动拒绝"),
                    }
                ),
            ),
            FieldSpec(
                name="forbid_self",
                type="boolean",
                label=Text("The initiator may not approve his own request", "发起人不能审批自己的申请"),
                default=True,
            ),
            FieldSpec(
                name="return_to",
                type="json",
                label=Text("May be returned to", "可退回到"),
                help=Text("Ids of earlier nodes.", "之前节点的标识。"),
            ),
            FieldSpec(
                name="return_way",
                type="boolean",
                label=Text("A return takes a way of its own", "退回走单独的分支"),
                default=False,
            ),
            FieldSpec(
                name="return_mode",
                type="choice",
                label=Text("After a return", "退回后"),
                default="walk_again",
                options=_choices(
                    {
                        "walk_again": Text("Walk all steps again", "重新逐级审批"),
                        "come_back": Text("Come straight back here", "直接回到本节点"),
                    }
                ),
            ),
            FieldSpec(
                name="comment_for",
                type="json",
                label=Text("Comment needed for", "必须填写意见"),
                default=("reject", "return"),
            ),
            FieldSpec(name="fields", type="json", label=Text("Field rights", "字段权限")),
        )
    )
    examples = (
        {"who": ({"kind": "role", "value": "approver"},)},
        {"who": ({"kind": "field", "value": "owner"}, {"kind": "manager", "value": 2}), "mode": "all"},
        {"who": ({"kind": "role", "value": "approver"},), "nobody": "pass", "return_to": ("start",)},
        {"who": ({"kind": "role", "value": "approver"},), "return_way": True, "return_to": ("start",)},
        {
            "who": ({"kind": "initiator"},),
            "nobody": "refuse",
            "return_to": ("start",),
            "return_mode": "come_back",
            "mode": "all",
        },
    )

    def ports(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        return (APPROVED, REJECTED, RETURNED) if options.get("return_way") else (APPROVED, REJECTED)

    def port_label(self, options: Mapping[str, Any], port: str) -> Text | None:
        return WORDS[port]

    def jumps(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        return _words(options.get("return_to"))

    def comes_back(self, options: Mapping[str, Any]) -> bool:
        return options.get("return_mode") == "come_back"

    def waits(self, options: Mapping[str, Any]) -> bool:
        return options.get("nobody") == "admin"  # the other policies may go on without anybody

    def names(self, options: Mapping[str, Any]) -> frozenset[str]:
        return who_names(options.get("who"))

    def problems(self, options: Mapping[str, Any]) -> Iterator[FieldError]:
        yield from who_problems(options.get("who"))
        for name, allowed in (("return_to", None), ("comment_for", VERDICTS)):
            value = options.get(name)
            if value is not None and not isinstance(value, list | tuple):
                yield FieldError(name, "workflows.approval.list", Text("Should be a list.", "应为列表。"))
            elif allowed and any(word not in allowed for word in value or ()):
                yield FieldError(
                    name, "workflows.approval.verdict", Text("Unknown answer.", "未知的审批动作。")
                )

    def may_hold(self, ctx: Context, person: str) -> bool:
        return not (ctx.option("forbid_self") and person == ctx.initiator)

    def enter(self, ctx: Context) -> tuple[Effect, ...]:
        return (FindPeople(who=who_resolve(ctx.option("who"), ctx.facts, ctx.initiator), purpose="approve"),)

    def on_signal(self, ctx: Context, signal: TicketSignal) -> tuple[Effect, ...]:
        if isinstance(signal, PeopleFound):
            return self._ask(ctx, signal)
        if isinstance(signal, TaskDecided):
            return self._count(ctx, signal)
        return ()

    def _ask(self, ctx: Context, found: PeopleFound) -> tuple[Effect, ...]:
        people = tuple(person for person in dict.fromkeys(found.people) if self.may_hold(ctx, person))
        if not people:
            is_last_resort = ctx.ticket is not None and ctx.ticket.detail.get("purpose") == "admin"
            policy = "stuck" if is_last_resort else ctx.option("nobody")
            return _nobody(policy)
        targets = (*((BY_ITS_WAY,) if ctx.option("return_way") else ()), *self.jumps(ctx.options))
        verdicts = ("approve", "reject", "return") if targets else ("approve", "reject")
        return tuple(
            OpenTask(
                person=person,
                task="approve",
                verdicts=verdicts,
                comment_for=_words(ctx.option("comment_for")),
                targets=targets,
                fields=ctx.option("fields") or {},
            )
            for person in people
        )

    def _count(self, ctx: Context, decided: TaskDecided) -> tuple[Effect, ...]:
        votes = {**ctx.visit.data.get("votes", {}), decided.person: decided.verdict}
        remember = Remember(data={**ctx.visit.data, "votes": votes})
        waiting = ctx.open_tasks()
        match decided.verdict:
            case "return" if decided.target == BY_ITS_WAY:
                return (remember, Leave(port=RETURNED))
            case "return":
                jump = Jump(target=decided.target, comes_back=self.comes_back(ctx.options))
                return (remember, *_close(waiting, "returned"), jump)
            case "reject":
                return (remember, Leave(port=REJECTED))
            case _ if ctx.option("mode") == "any" or not waiting:
                return (remember, Leave(port=APPROVED))
            case _:
                return (remember,)


def _nobody(policy: str) -> tuple[Effect, ...]:
    match policy:
        case "pass":
            return (Note(verb="nobody_found", detail={"policy": "pass"}), Leave(port=APPROVED))
        case "refuse":
            return (Note(verb="nobody_found", detail={"policy": "refuse"}), Leave(port=REJECTED))
        case "admin":
            return (
                Note(verb="nobody_found", detail={"policy": "admin"}),
                FindPeople(who=({"kind": "admin", "value": ""},), purpose="admin"),
            )
        case _:
            return (Stuck(reason="nobody_found"),)


def _close(tickets: tuple[Any, ...], outcome: str) -> tuple[Effect, ...]:
    return tuple(CloseTicket(ticket=ticket.id, outcome=outcome) for ticket in tickets)


def _words(value: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()
