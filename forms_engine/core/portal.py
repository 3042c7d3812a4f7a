"""Which tables the suppliers' login may read at all: asked of PostgreSQL once per schema version."""

from __future__ import annotations

from forms_engine.base import db
from forms_engine.base.sql import execute
from forms_engine.core.entity import Entity, entities
from forms_engine.tables.protection import SUPPLIER_ROLE

_READABLE = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND has_table_privilege(%s, c.oid, 'SELECT')
"""


def portal_reads(noun: Entity) -> bool:
    """Tell whether a supplier's query may name the entity's table; if not, joins to it are left out."""
    known = entities()
    found = known.memo.get("portal")
    if found is None:
        rows = execute(_READABLE, [SUPPLIER_ROLE]).fetchall()
        found = frozenset(row[0] for row in rows)
        known.memo["portal"] = found
    return noun.table in found


def joins_allowed(actor_is_outside: bool, noun: Entity) -> bool:
    """Tell whether a query of an actor may join the entity's table."""
    return portal_reads(noun) if actor_is_outside and db.current_alias() == db.PORTAL else True
