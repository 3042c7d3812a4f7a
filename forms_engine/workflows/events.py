"""What happens to flows and their tasks, for rules, other flows and live pages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar

from forms_engine.journal.events import Event


@dataclass(frozen=True)
class InstanceStarted(Event):
    """A case has begun; `record_id` is the case, `subject_id` the record it is about."""

    topic: ClassVar[str] = "workflows.instance.started"
    workflow: str
    entity: str
    subject_id: uuid.UUID | None


@dataclass(frozen=True)
class InstanceEnded(Event):
    """A case is over, with its result."""

    topic: ClassVar[str] = "workflows.instance.ended"
    workflow: str
    entity: str
    subject_id: uuid.UUID | None
    result: str


@dataclass(frozen=True)
class InstanceStuck(Event):
    """A step cannot go on by itself; an admin is needed."""

    topic: ClassVar[str] = "workflows.instance.stuck"
    workflow: str
    node: str
    reason: str


@dataclass(frozen=True)
class TaskOpened(Event):
    """Somebody has something to do; `record_id` is the task."""

    topic: ClassVar[str] = "workflows.task.opened"
    instance_id: uuid.UUID
    person_id: uuid.UUID


@dataclass(frozen=True)
class TaskClosed(Event):
    """A task is over: answered, or not needed any more."""

    topic: ClassVar[str] = "workflows.task.closed"
    instance_id: uuid.UUID
    person_id: uuid.UUID
    outcome: str


@dataclass(frozen=True)
class WorkflowPublished(Event):
    """A version of a flow is in force; running cases keep theirs."""

    topic: ClassVar[str] = "workflows.workflow.published"
    slug: str
    number: int
