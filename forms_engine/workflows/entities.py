"""Flows, cases and tasks as nouns: lists, details, API and permission come from the one engine."""

from __future__ import annotations

from forms_engine.core.entity import ModelEntity, entity_register
from forms_engine.kernel.text import Text as T
from forms_engine.workflows.models import Instance, Task, Workflow, WorkflowVersion

entity_register(
    ModelEntity(
        "workflows.workflow",
        model=Workflow,
        title="slug",
        business_key=("slug",),
        search=("slug",),
        columns=("slug", "entity", "trigger", "topic", "current", "is_paused"),
        sort=("slug",),
        icon="git-branch",
        read_only=True,
    )
)
entity_register(
    ModelEntity(
        "workflows.version",
        model=WorkflowVersion,
        label=T("Flow version", "流程版本"),
        title="number",
        business_key=("workflow", "number"),
        columns=("workflow", "number", "published_at", "published_by", "digest"),
        sort=("-published_at",),
        icon="versions",
        read_only=True,
        archivable=False,
        hidden=("definition",),
    )
)
entity_register(
    ModelEntity(
        "workflows.instance",
        model=Instance,
        title="title",
        business_key=("workflow", "cause"),
        search=("title", "initiator_name"),
        columns=(
            "title",
            "workflow",
            "status",
            "result",
            "initiator_name",
            "is_stuck",
            "started_at",
            "ended_at",
        ),
        sort=("-started_at",),
        icon="progress",
        read_only=True,
        archivable=False,
        hidden=("position", "lit"),
    )
)
entity_register(
    ModelEntity(
        "workflows.task",
        model=Task,
        title="title",
        business_key=("instance", "ticket"),
        search=("title", "person_name"),
        columns=(
            "title",
            "node",
            "kind",
            "person_name",
            "state",
            "outcome",
            "round",
            "opened_at",
            "closed_at",
        ),
        sort=("-opened_at",),
        icon="checkbox",
        read_only=True,
        archivable=False,
        hidden=("token", "step", "verdicts", "comment_for", "targets", "fields"),
    )
)
