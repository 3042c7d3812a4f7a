"""Read flows: drawings in force, inboxes, where a case stands and why."""

from forms_engine.workflows.selectors.about import RecordCase, Wait, cases_about, cases_seen
from forms_engine.workflows.selectors.facts import facts_of, subject_label
from forms_engine.workflows.selectors.graphs import (
    graph_of,
    instance_behind,
    topics_waited_for,
    workflow_check,
    workflows_all,
    workflows_on,
)
from forms_engine.workflows.selectors.holding import BEGINNING, cases_hold, holding_forget
from forms_engine.workflows.selectors.inbox import (
    Inbox,
    TaskPage,
    inbox_counts,
    inbox_for,
    task_page,
)
from forms_engine.workflows.selectors.people import names_of, people_of
from forms_engine.workflows.selectors.picture import RESULTS, InstancePicture, instance_picture, step_title

__all__ = [
    "BEGINNING",
    "RESULTS",
    "Inbox",
    "InstancePicture",
    "RecordCase",
    "TaskPage",
    "Wait",
    "cases_about",
    "cases_hold",
    "cases_seen",
    "facts_of",
    "graph_of",
    "holding_forget",
    "inbox_counts",
    "inbox_for",
    "instance_behind",
    "instance_picture",
    "names_of",
    "people_of",
    "step_title",
    "subject_label",
    "task_page",
    "topics_waited_for",
    "workflow_check",
    "workflows_all",
    "workflows_on",
]
