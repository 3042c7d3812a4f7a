"""Tell people about tasks and cases: rows of the notify room, written in the step's own transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from forms_engine.kernel.text import Text
from forms_engine.notify.services import notify
from forms_engine.workflows.models import Instance, Task


def case_name(instance: Instance) -> Text:
    """Return how a case is called: its flow and its record."""
    flow = Text.of(instance.workflow.title or instance.workflow.slug)
    return Text("%(flow)s %(title)s", "%(flow)s %(title)s", flow=flow, title=instance.title)


def tell_of_task(task: Task) -> None:
    """Tell a person that a task waits; once for each turn of the task."""
    notify(
        to=[task.person_id],
        title=Text(
            "%(step)s: %(case)s", "%(step)s：%(case)s", step=Text.of(task.step), case=case_name(task.instance)
        ),
        body=Text(""),
        link=f"/inbox/{task.pk}/",
        key=f"task:{task.pk}:{task.turn}",
    )


def tell_people(people: Iterable[str], *, title: Text, body: Text, instance: Instance, key: str) -> None:
    """Tell people something about a case; `key` makes it once per case and person."""
    listed = [uuid.UUID(person) for person in people]
    if listed:
        notify(
            to=listed,
            title=title,
            body=body,
            link=f"/e/workflows.instance/{instance.pk}/",
            key=f"case:{instance.pk}:{key}",
        )
