"""What the flow services refuse, beside the refusals of the engine."""

from __future__ import annotations

from forms_engine.kernel.errors import Conflict, ErrorList, NotFound


class FlowUnsound(ErrorList):
    """The drawing must not be published; every error names its node (`nodes.<id>`)."""

    code = "workflows.workflow.unsound"


class FlowUnknown(NotFound):
    """There is no published flow of this name."""

    code = "workflows.workflow.unknown"


class FlowPaused(Conflict):
    """The flow begins no new cases for now."""

    code = "workflows.workflow.paused"


class CaseOpen(Conflict):
    """An open case of the record will run this action itself: done directly it goes round the approval.

    Or it would put the record away while somebody is asked about it.
    """

    code = "workflows.case.open"


class TokenSpent(Conflict):
    """The one-time secret of a task link was used, or the task changed hands."""

    code = "workflows.task.token_spent"
