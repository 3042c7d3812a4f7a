"""Read flows: drawings in force, inboxes, where a case stands and why."""

from forms_engine.workflows.selectors.facts import facts_of, subject_label
from forms_engine.workflows.selectors.graphs import graph_of, instance_behind, workflow_check, workflows_on
from forms_engine.workflows.selectors.inbox import Inbox, inbox_counts, inbox_for
from forms_engine.workflows.selectors.people import names_of, people_of
from forms_engine.workflows.selectors.picture import InstancePicture, instance_picture

__all__ = [
    "Inbox",
    "InstancePicture",
    "facts_of",
    "graph_of",
    "inbox_counts",
    "inbox_for",
    "instance_behind",
    "instance_picture",
    "names_of",
    "people_of",
    "subject_label",
    "workflow_check",
    "workflows_on",
]
