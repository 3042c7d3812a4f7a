"""Begin the flows an event calls for."""

from __future__ import annotations

import logging
import uuid

from forms_engine.access.actor import Actor
from forms_engine.access.walls import walls
from forms_engine.core.bulk import events_wanted_by
from forms_engine.core.holds import actions_held_by
from forms_engine.journal.events import StoredEvent
from forms_engine.journal.subscription import subscribe
from forms_engine.workflows import services
from forms_engine.workflows.selectors import (
    BEGINNING,
    cases_hold,
    instance_behind,
    topics_waited_for,
    workflows_on,
)

ROBOT = Actor.system("flows")
MAX_DEPTH = 8
FORM_TOPIC = "forms.form.submitted"
"""What the forms room publishes: `record_id` is the record made or changed, `form` the form's slug."""

log = logging.getLogger("takt.workflows")


def is_called(topic: str) -> bool:
    """Say whether a flow waits for a topic: only then is an event laid out, or published by an import."""
    return topics_waited_for(topic, forms=topic == FORM_TOPIC)


events_wanted_by(is_called)
actions_held_by(cases_hold)


@subscribe("*", name=BEGINNING, outside=True, only_if=is_called)
def flows_begin(event: StoredEvent) -> None:
    """Begin a case of every flow the topic calls for.

    It opens its own transactions (the door inside wants to be the outermost); the cause makes each happen
    once, however often the event is delivered. A flow is not begun by what it did itself, and a row of flows
    that set each other off ends after `MAX_DEPTH`.
    """
    called = workflows_on("event", event.topic)
    if event.topic == FORM_TOPIC:
        called += workflows_on("form", str(event.payload.get("form", "")))
    if not called:
        return
    slug, depth = _set_off_by(event)
    for workflow in called:
        if workflow.slug == slug or depth > MAX_DEPTH:
            log.warning("flow %s not begun by %s %s: flow %s set it off, depth %d",
                        workflow.slug, event.topic, event.id, slug, depth)  # fmt: skip
            continue
        user_id = event.actor.get("user_id")
        with walls(ROBOT, action="workflows.start"):
            services.instance_start(
                actor=ROBOT,
                workflow=workflow,
                cause=f"event:{event.id}",
                subject_id=event.record_id,
                initiator_id=uuid.UUID(user_id) if user_id else None,
                initiator_name=event.actor.get("name", ""),
                depth=depth,
            )


def _set_off_by(event: StoredEvent) -> tuple[str, int]:
    """Return the flow behind an event and the depth of what it begins: ("", 0) when people caused it."""
    if event.topic.startswith("workflows."):
        case = instance_behind(event.payload.get("instance_id") or event.record_id)
        return (case.workflow.slug, case.depth + 1) if case is not None else ("", 0)
    return services.depth_after(str(event.actor.get("id", "")))
