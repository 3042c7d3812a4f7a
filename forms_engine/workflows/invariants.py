"""Promises of this room: I11 (one task each, nobody approves himself), I12 (state = fold of events)."""

from __future__ import annotations

from forms_engine.base import db
from forms_engine.base.invariants import invariant
from forms_engine.kernel.text import Text
from forms_engine.workflows import services

_TWO_AT_ONCE = """
SELECT instance_id || ' visit ' || visit FROM workflows_task WHERE state = 'open'
GROUP BY instance_id, visit, person_id HAVING count(*) > 1 LIMIT 20"""

# The drawing in force for the case says whether its approver may be its initiator; the default forbids it.
_SELF_APPROVED = """
SELECT t.id::text FROM workflows_task t
JOIN workflows_instance i ON i.id = t.instance_id AND i.initiator_id = t.person_id
JOIN workflows_workflowversion v ON v.id = i.flow_version_id
CROSS JOIN LATERAL jsonb_array_elements(v.definition->'nodes') n
WHERE n->>'id' = t.node AND n->>'type' = 'approval' AND t.outcome IN ('approve', 'reject', 'return')
  AND coalesce((n->'options'->>'forbid_self')::boolean, true) LIMIT 20"""

_UNFROZEN = """
SELECT t || ': ' || g || ' is off' FROM (VALUES
  ('workflows_workflowversion', 'takt_flow_frozen'), ('workflows_instanceevent', 'takt_append_only')) w(t, g)
WHERE NOT EXISTS (SELECT 1 FROM pg_trigger p WHERE p.tgrelid = w.t::regclass AND p.tgname = w.g
  AND p.tgenabled IN ('O', 'A'))"""


@invariant("I11 tasks", Text("One task a person, nobody approves himself", "一人一待办，且不自批"))
def tasks_wrong() -> list[str]:
    """No person has two open tasks in one visit; no initiator decided where the drawing forbids it."""
    twice = [f"two open tasks: {row}" for row in _rows(_TWO_AT_ONCE)]
    return twice + [f"approved by the initiator himself: task {row}" for row in _rows(_SELF_APPROVED)]


@invariant("I12 cases", Text("Every running case is whole", "进行中的流程完整"))
def cases_broken() -> list[str]:
    """Open tickets and rows match, every event is folded, the past and published drawings are closed."""
    broken = [f"case {case} is not whole" for case in services.instances_broken()]
    return broken + _rows(_UNFROZEN)


@invariant("I12 fold", Text("Every case is the fold of its events", "流程状态等于事件折叠"), deep=True)
def folds_differ() -> list[str]:
    """Every case ever, folded anew under the release of today."""
    return [
        f"case {case.pk}: {fault}"
        for case in services.instances_all()
        for fault in services.instance_check(case)
    ]


def _rows(sql: str) -> list[str]:
    with db.connection().cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]
