"""What runs leave behind: the exceptions of old ones go."""

from __future__ import annotations

from forms_engine.base.sql import execute

#: So many finished runs keep their exceptions; a run is asked for about once a minute.
KEPT = 10
PRUNE = """
DELETE FROM planning_planexception WHERE run_id IN (
  SELECT DISTINCT run_id FROM planning_planexception
  EXCEPT (SELECT id FROM planning_planrun WHERE state = 'DONE' ORDER BY finished_at DESC LIMIT %s))
"""


def exceptions_prune() -> int:
    """Delete the exceptions of all but the last KEPT finished runs; returns how many."""
    return execute(PRUNE, [KEPT]).rowcount
