"""What open cases hold back: the actions they will run themselves, refused to everybody else meanwhile.

A direct call would go round the people the flow asks; a flow that asks nobody holds nothing. Nor is a record
put away while somebody is asked about it: it would be decided unseen. What any drawing runs is known from
memory: an action none runs costs nothing, the others one statement for all records.
"""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.policy import field_rights, version_seen
from forms_engine.base import db
from forms_engine.base.sql import execute, json_value, rows_of
from forms_engine.core.action import actions
from forms_engine.core.entity import ARCHIVE, UPDATE, entity
from forms_engine.core.holds import NOTHING, Hold, Holds
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text
from forms_engine.workflows.engine.graph import Graph, Node
from forms_engine.workflows.engine.state import STUCK
from forms_engine.workflows.errors import CaseOpen
from forms_engine.workflows.models import Instance, Task
from forms_engine.workflows.selectors.about import is_seen_by
from forms_engine.workflows.selectors.comments import TASKS
from forms_engine.workflows.selectors.graphs import graph_of
from forms_engine.workflows.selectors.picture import step_title

MOST_NAMES = 5
BEGINNING = "workflows.start"
"""The subscriber that begins cases: an event it has not taken yet holds as the case it will begin."""

_RUN = f"""
SELECT DISTINCT n->'options'->>'action' FROM workflows_workflowversion v,
  jsonb_array_elements(v.definition->'nodes') n WHERE n->>'type' = 'run_action'
UNION SELECT (definition->>'entity') || '.{ARCHIVE}' FROM workflows_workflowversion"""  # noqa: S608 - ours

_BEGINS = """
JOIN workflows_workflow w ON w.current_id IS NOT NULL AND NOT w.is_paused AND w.archived_at IS NULL
  AND (w.trigger = 'event' AND w.topic = e.topic
       OR w.trigger = 'form' AND e.topic = 'forms.form.submitted' AND w.topic = e.payload->>'form')
  AND NOT starts_with(coalesce(e.actor->>'id', ''), 'system:flow:' || w.slug || ':')"""

# Between an event and the case it begins lie some moments: nobody slips through there.
_OPEN = f"""
SELECT subject_id AS record, id AS case_id, flow_version_id AS version, position->'visits' AS visits
FROM workflows_instance WHERE status = 'running' AND subject_id = ANY(%s::uuid[])
UNION ALL
SELECT d.record_id, NULL, w.current_id, NULL
FROM journal_delivery d JOIN journal_outboxevent e ON e.id = d.event_id {_BEGINS}
WHERE d.state = 'WAITING' AND d.subscriber = %s AND d.record_id = ANY(%s::uuid[])
UNION ALL
SELECT e.record_id, NULL, w.current_id, NULL FROM journal_outboxevent e {_BEGINS}
WHERE NOT e.fanned AND e.record_id = ANY(%s::uuid[])
ORDER BY case_id NULLS LAST"""  # noqa: S608 - texts of ours


@dataclass(frozen=True)
class _Open:
    """A case that is open, or about to begin (without an id). `at`: the nodes it stands at, those of `stuck`
    wait for people to help.
    """

    record: uuid.UUID
    case_id: uuid.UUID | None
    version: uuid.UUID
    at: frozenset[str]
    stuck: frozenset[str]


class _Known:
    """The actions any published drawing runs, as of a version of the rights (publishing moves it)."""

    version: int = -1
    keys: frozenset[str] = frozenset()


_known = _Known()
_lock = threading.Lock()


def holding_forget() -> None:
    """Read anew what drawings run (a drawing was published here; tests that roll one back)."""
    global _known
    _known = _Known()


def _actions_run(version: int) -> frozenset[str]:
    global _known
    found = _known
    if found.version < version:
        with _lock, db.use_alias(db.DEFAULT):
            fresh = _Known()
            fresh.version = version  # what is read now is at least as new
            fresh.keys = frozenset(row[0] for row in execute(_RUN).fetchall() if row[0])
            _known = found = fresh
    return found.keys


def cases_hold(actor: Actor, keys: frozenset[str], ids: Collection[uuid.UUID]) -> Holds:
    """Return what open cases about these records will run themselves, of these actions (see `core.holds`)."""
    asked = keys & _actions_run(version_seen(actor))
    if not asked:
        return {}
    found: dict[tuple[str, uuid.UUID], Hold] = {}
    with db.use_alias(db.DEFAULT):  # who is outside does not see the flows that hold him
        for case in _open_about(ids):
            for key, fields, is_run in _held_by(case):
                refusal = functools.partial(_refusal, actor, case, is_run=is_run)
                place, hold = (key, case.record), Hold(refusal, fields)
                if key in asked:
                    found[place] = found[place].joined(hold) if place in found else hold
    return found


def _open_about(ids: Collection[uuid.UUID]) -> list[_Open]:
    records = list(ids)
    found = []
    for row in rows_of(execute(_OPEN, [records, BEGINNING, records, records])):
        visits = json_value(row["visits"]) or ()
        at = frozenset(visit["node"] for visit in visits)
        stuck = frozenset(visit["node"] for visit in visits if visit["status"] == STUCK)
        found.append(_Open(row["record"], row["case_id"], row["version"], at, stuck))
    return found


def _held_by(case: _Open) -> Iterator[tuple[str, frozenset[str], bool]]:
    """Yield (action, fields of an edit it will write, whether it runs it) of a case.

    Where it is stuck itself, people help.
    """
    graph = graph_of(case.version)
    if not _asks_people(graph, graph.nodes):
        return
    ahead = _ahead(graph, case.at or {graph.start.id})
    for node in ahead:
        if node.type == "run_action" and node.options.get("on_record") and node.id not in case.stuck:
            key = str(node.options.get("action"))
            if key != f"{graph.entity}.{UPDATE}" or key in actions:
                yield key, NOTHING, True
            elif fields := _written(node):
                yield key, fields, True  # the rest of the record stays open to its editors
    if not case.stuck and _asks_people(graph, ahead):
        yield f"{graph.entity}.{ARCHIVE}", NOTHING, False


def _asks_people(graph: Graph, nodes: Iterable[Node]) -> bool:
    return any(graph.type_of(node).has_tasks and not graph.type_of(node).is_start for node in nodes)


def _ahead(graph: Graph, at: Collection[str]) -> list[Node]:
    """Return the nodes a case stands at or may still come to, by ways out and by being sent back."""
    seen, stack = set(), list(at)
    while stack:
        one = stack.pop()
        if one not in seen and one in graph.by_id:
            seen.add(one)
            node = graph.node(one)
            stack += (*node.next.values(), *graph.type_of(node).jumps(node.options))
    return [node for node in graph.nodes if node.id in seen]


def _written(node: Node) -> frozenset[str]:
    inputs = node.options.get("inputs") or ()
    return frozenset(str(item["name"]) for item in inputs if isinstance(item, Mapping) and item.get("name"))


def _refusal(actor: Actor, case: _Open, *, is_run: bool) -> MesError:
    """Say which flow holds the action back and, as far as this actor may know, whom it waits for."""
    with db.use_alias(db.DEFAULT):
        graph = graph_of(case.version)
        params = {"flow": graph.slug, "case": str(case.case_id or "")}
        if not is_run:
            words = Text(
                "“%(flow)s” is not finished for this record; it can be archived when that has ended.",
                "该记录的“%(flow)s”尚未结束，结束后才能归档。",
                flow=graph.title,
            )
            return CaseOpen(words, params=params)
        instance = Instance.objects.filter(pk=case.case_id).first() if case.case_id else None
        if instance is None:
            words = Text(
                "“%(flow)s” is about to begin for this record and will do this itself.",
                "“%(flow)s”即将开始，该操作由流程执行。",
                flow=graph.title,
            )
        else:
            words = _waiting(actor, graph, instance)
    return CaseOpen(words, params=params)


def _waiting(actor: Actor, graph: Graph, instance: Instance) -> Text:
    visits = instance.position.get("visits", ())
    steps = _listed([step_title(graph, visit["node"]) for visit in visits])
    told: dict[str, Any] = {"flow": graph.title, "step": steps}
    if any(visit["status"] == STUCK for visit in visits):
        return Text(
            "“%(flow)s” is under way for this record and does this itself. It is stuck at “%(step)s”: an "
            "administrator has to help.",
            "“%(flow)s”正在进行，该操作由流程执行。流程卡在“%(step)s”，需要管理员处理。",
            **told,
        )
    names = _names(actor, instance)
    if not names:
        return Text(
            "“%(flow)s” is under way for this record and does this itself. It stands at “%(step)s”.",
            "“%(flow)s”正在进行，该操作由流程执行。当前步骤：“%(step)s”。",
            **told,
        )
    return Text(
        "“%(flow)s” is under way for this record and does this itself. It waits at “%(step)s” for %(who)s.",
        "“%(flow)s”正在进行，该操作由流程执行。当前在“%(step)s”等待：%(who)s。",
        who=", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else ""),
        **told,
    )


def _names(actor: Actor, instance: Instance) -> list[str]:
    if "person_name" in field_rights(actor, entity(TASKS)).hidden or not is_seen_by(actor, instance):
        return []
    tasks = Task.objects.filter(instance=instance, state=Task.State.OPEN).order_by("opened_at", "person_name")
    return list(tasks.values_list("person_name", flat=True)[: MOST_NAMES + 1])


def _listed(titles: list[Text]) -> Text:
    return Text(
        ", ".join(title.in_language("en").replace("%", "%%") for title in titles),
        "、".join(title.in_language("zh").replace("%", "%%") for title in titles),
        _="",
    )
