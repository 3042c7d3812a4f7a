"""Put a drawing in force: proved, checked against what exists, then never changed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.services import policy_move
from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.errors import FlowUnsound
from forms_engine.workflows.events import WorkflowPublished
from forms_engine.workflows.models import Workflow, WorkflowVersion
from forms_engine.workflows.selectors import holding_forget, workflow_check


@db.atomic
def workflow_publish(*, actor: Actor, definition: Mapping[str, Any] | str) -> WorkflowVersion:
    """Check a drawing and put it in force; an unchanged one stays the version it is.

    Cases that run keep their version. Publishes `WorkflowPublished`.

    Args:
        definition: JSON data or YAML text of a flow.
    Raises:
        ErrorList: it cannot be read.
        FlowUnsound: it must not run; every problem with its node.
    """
    graph = Graph.from_yaml(definition) if isinstance(definition, str) else Graph.load(definition)
    problems = workflow_check(graph)
    if problems:
        raise FlowUnsound(
            [problem.as_error() for problem in problems],
            Text("The flow cannot be published.", "流程不能发布。"),
        )
    Workflow.objects.get_or_create(slug=graph.slug, defaults={"title": graph.title.dump()})
    workflow = Workflow.objects.select_for_update(of=("self",)).get(slug=graph.slug)
    current = workflow.current
    if current is not None and current.digest == graph.digest:
        return current
    last = workflow.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = WorkflowVersion.objects.create(
        workflow=workflow,
        number=last + 1,
        definition=graph.dump(),
        digest=graph.digest,
        published_at=clock.now(),
        published_by=actor.name,
    )
    start = graph.start.options
    workflow.current = version
    workflow.title = graph.title.dump()
    workflow.entity = graph.entity
    workflow.trigger = start["trigger"]
    workflow.topic = start.get(start["trigger"]) or ""  # the event's topic, or the form's slug
    workflow.archived_at = None
    workflow.save(update_fields=["current", "title", "entity", "trigger", "topic", "archived_at"])
    policy_move()  # who may run the actions of this drawing himself has changed (`selectors.holding`)
    holding_forget()
    published = WorkflowPublished(record_id=workflow.pk, slug=graph.slug, number=version.number)
    event_publish(published, actor=actor)
    return version


@db.atomic
def workflow_pause(*, actor: Actor, workflow: Workflow, is_paused: bool) -> Workflow:
    """Let a flow begin no new cases, or begin them again; running cases go on."""
    workflow = Workflow.objects.select_for_update(of=("self",)).get(pk=workflow.pk)
    workflow.is_paused = is_paused
    workflow.save(update_fields=["is_paused"])
    return workflow
