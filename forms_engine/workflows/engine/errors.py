"""What a flow refuses, each with a stable code."""

from __future__ import annotations

from forms_engine.kernel.errors import Conflict, Denied, MesError


class AlreadyHandled(Conflict):
    """The task, timer or request was answered before, was taken back, or its flow is over."""

    code = "workflows.task.already_handled"


class TaskChanged(Conflict):
    """The task changed hands since the page was shown."""

    code = "workflows.task.changed"


class NotYourTask(Denied):
    """Somebody answers a task that lies with another person."""

    code = "workflows.task.not_yours"


class VerdictNotOffered(MesError):
    """The task does not offer this answer, e.g. return where no step may be returned to."""

    code = "workflows.task.verdict_not_offered"


class CommentRequired(MesError):
    """The step wants a comment with this answer."""

    code = "workflows.task.comment_required"


class TransferRefused(MesError):
    """The task may not go to that person: already asked, had it before, or the requester himself."""

    code = "workflows.task.transfer_refused"


class RoundsExhausted(MesError):
    """The flow has gone back as often as its settings allow."""

    code = "workflows.instance.rounds_exhausted"


class WithdrawRefused(Conflict):
    """The request may not be taken back by this person, or not any more."""

    code = "workflows.instance.withdraw_refused"


class RunawayFlow(MesError):
    """The flow moved on a thousand times without waiting for anybody; a published flow cannot."""

    code = "workflows.instance.runaway"


class GraphInvalid(MesError):
    """The definition cannot be read at all (shape, not soundness); `field` is the path of the fault."""

    code = "workflows.graph.invalid"
