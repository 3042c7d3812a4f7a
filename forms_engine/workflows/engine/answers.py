"""May this person give this answer to this task? Asked before a step moves anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forms_engine.kernel.text import Text
from forms_engine.workflows.engine import signals as sg
from forms_engine.workflows.engine.effects import BY_ITS_WAY
from forms_engine.workflows.engine.errors import (
    AlreadyHandled,
    CommentRequired,
    NotYourTask,
    TaskChanged,
    VerdictNotOffered,
    WithdrawRefused,
)
from forms_engine.workflows.engine.state import Line, Ticket

DECISIONS = frozenset({"approve", "reject", "return"})


def check_holder(signal: sg.TaskDecided | sg.TaskTransferred, ticket: Ticket) -> None:
    """Let only the present holder answer, and only the version he saw.

    Raises: AlreadyHandled, TaskChanged, NotYourTask.
    """
    if ticket.kind != "task":
        raise AlreadyHandled(Text("This is no task.", "这不是待办任务。"))
    if signal.version != ticket.version:
        raise TaskChanged(
            Text("The task has changed since you opened it.", "任务在您打开后已发生变化，请刷新。")
        )
    if signal.person != ticket.person:
        raise NotYourTask(Text("This task lies with somebody else.", "该任务由他人处理。"))


def check_decision(signal: sg.TaskDecided, ticket: Ticket, rounds: Mapping[str, int]) -> None:
    """Let only an answer through that the task offers; `rounds` says where the case has been.

    Raises: as `check_holder`, VerdictNotOffered, CommentRequired.
    """
    check_holder(signal, ticket)
    if signal.verdict not in ticket.detail.get("verdicts", ()):
        raise VerdictNotOffered(
            Text("“%(verdict)s” is not offered here.", "此处不能“%(verdict)s”。", verdict=signal.verdict)
        )
    if signal.verdict == "return":
        if signal.target not in ticket.detail.get("targets", ()):
            raise VerdictNotOffered(
                Text("It cannot be returned to that step.", "不能退回到该步骤。"), field="target"
            )
        if signal.target != BY_ITS_WAY and not rounds.get(signal.target):
            raise VerdictNotOffered(
                Text("The case has not been at that step.", "流程未经过该步骤。"), field="target"
            )
    if signal.verdict in ticket.detail.get("comment_for", ()) and not signal.comment.strip():
        raise CommentRequired(Text("Please say why.", "请填写意见。"), field="comment")


def check_withdrawal(signal: sg.Withdrawn, rule: str, initiator: str | None, history: Iterable[Line]) -> None:
    """Let only the initiator take a request back, and only as long as the flow's rule allows.

    Raises: WithdrawRefused.
    """
    is_decided = any(line.verb in DECISIONS for line in history)
    is_late = rule == "never" or (rule == "before_first_decision" and is_decided)
    if signal.person != initiator or is_late:
        raise WithdrawRefused(Text("This request can no longer be withdrawn.", "该申请已不能撤回。"))
