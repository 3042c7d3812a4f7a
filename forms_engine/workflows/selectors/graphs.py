"""Drawings: read once per process (a version never changes), checked against what exists today."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator

from django.db.models import Q

from forms_engine.access.models import Role
from forms_engine.core.entity import entity, entity_keys
from forms_engine.core.run import ActionUnknown, action_of
from forms_engine.journal.events import event_types
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.graph import Graph, Node
from forms_engine.workflows.engine.problems import Problem
from forms_engine.workflows.engine.proof import prove
from forms_engine.workflows.models import Instance, Workflow, WorkflowVersion
from forms_engine.workflows.selectors.facts import unknown_names


@functools.lru_cache(maxsize=256)
def graph_of(version_id: uuid.UUID) -> Graph:
    """Return the drawing of a published version. Raises: WorkflowVersion.DoesNotExist."""
    return Graph.load(WorkflowVersion.objects.values_list("definition", flat=True).get(pk=version_id))


def workflows_on(trigger: str, topic: str) -> list[Workflow]:
    """Return the flows an event begins, or a form handed in: ("event", topic), ("form", slug)."""
    found = Workflow.objects.filter(topic=topic, trigger=trigger, is_paused=False, archived_at__isnull=True)
    return list(found.exclude(current=None).order_by("slug"))


def topics_waited_for(topic: str, *, forms: bool = False) -> bool:
    """Say whether any flow in force begins with a topic; with `forms`, or with any form."""
    flows = Workflow.objects.filter(is_paused=False, archived_at__isnull=True).exclude(current=None)
    asked = Q(trigger="event", topic=topic)
    return flows.filter(asked | Q(trigger="form") if forms else asked).exists()


def instance_behind(instance_id: uuid.UUID | str) -> Instance | None:
    """Return a case with its flow, or None if there is none of this id."""
    return Instance.objects.select_related("workflow").filter(pk=instance_id).first()


def workflow_check(graph: Graph) -> list[Problem]:
    """Return everything that forbids publishing: the proof's problems, then what does not exist today."""
    proof = prove(graph)
    return list(proof.problems) or list(_missing(graph))


def _missing(graph: Graph) -> Iterator[Problem]:
    if graph.entity and graph.entity not in entity_keys():
        yield _problem(
            "entity_unknown", None, "There is no entity “%(what)s”.", "没有业务对象“%(what)s”。", graph.entity
        )
        return
    for node in graph.nodes:
        kind = graph.type_of(node)
        names = kind.names(node.options)
        unknown = unknown_names(names, entity(graph.entity)) if graph.entity else sorted(names)
        for name in unknown:
            yield _problem("field_unknown", node,
                           "“%(title)s” speaks of the field “%(what)s”, which does not exist.",
                           "“%(title)s”引用了不存在的字段“%(what)s”。", name)  # fmt: skip
        yield from _missing_action(graph, node)
        yield from _missing_people(node)
    topic = graph.start.options.get("event")
    if graph.start.options.get("trigger") == "event" and not _is_known_topic(str(topic)):
        yield _problem("event_unknown", graph.start, "“%(title)s”: nothing publishes “%(what)s”.",
                       "“%(title)s”：没有任何功能发布“%(what)s”。", str(topic))  # fmt: skip


def _missing_action(graph: Graph, node: Node) -> Iterator[Problem]:
    key = node.options.get("action")
    if node.type != "run_action" or not key:
        return
    try:
        action = action_of(key)
    except ActionUnknown:
        yield _problem("action_unknown", node, "“%(title)s”: there is no action “%(what)s”.",
                       "“%(title)s”：没有动作“%(what)s”。", key)  # fmt: skip
        return
    if node.options.get("on_record") and action.record_needed and action.entity != graph.entity:
        yield _problem("action_elsewhere", node,
                       "“%(title)s”: “%(what)s” does not act on this flow's record.",
                       "“%(title)s”：“%(what)s”不能作用于本流程的记录。", key)  # fmt: skip
    unknown = {str(item.get("name")) for item in node.options.get("inputs") or ()} - set(action.inputs.names)
    for name in sorted(unknown):
        yield _problem("input_unknown", node, "“%(title)s”: the action has no input “%(what)s”.",
                       "“%(title)s”：该动作没有输入“%(what)s”。", name)  # fmt: skip


def _missing_people(node: Node) -> Iterator[Problem]:
    who = node.options.get("who")
    keys = {str(item["value"]) for item in who or () if item.get("kind") == "role"}
    known = set(Role.objects.filter(key__in=keys, archived_at__isnull=True).values_list("key", flat=True))
    for key in sorted(keys - known):
        yield _problem("role_unknown", node, "“%(title)s”: there is no role “%(what)s”.",
                       "“%(title)s”：没有角色“%(what)s”。", key)  # fmt: skip


def _is_known_topic(topic: str) -> bool:
    if topic in event_types():
        return True
    key, _, verb = topic.rpartition(".")
    return verb in ("created", "updated", "archived", "restored") and key in entity_keys()


def _problem(code: str, node: Node | None, en: str, zh: str, what: str) -> Problem:
    words = Text(en, zh, title=node.title if node else Text(""), what=what)
    return Problem(f"flow.{code}", node.id if node else "", words)


def workflows_all() -> list[Workflow]:
    """Return every flow, by name."""
    return list(Workflow.objects.filter(archived_at=None).order_by("slug"))
