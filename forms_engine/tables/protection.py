"""What stands around every entity table: row version, journal, row-level security and grants.

`protect` is the only way an entity table gets these: typed tables through the migration operation
`Protect`, admin-made ones through `tables.apply`. What was asked for is written into the table's comment,
so that `protection_problems` can tell a table that was never protected from one whose trigger was
switched off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from forms_engine.base import db
from forms_engine.tables import triggers

STAFF_ROLE = "app_rw"
OWNER_ROLE = triggers.OWNER_ROLE
SUPPLIER_ROLE = "app_supplier"  # app_portal inherits it

CONTEXT = "nullif(current_setting('app.supplier_id', true), '')::uuid"
COMMENT = "takt:"

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}\Z")
_GRANT = re.compile(r"\s*(select|insert|update|delete)\s*(?:\(([a-z0-9_,\s]+)\))?\s*(?:,|\Z)", re.IGNORECASE)


@dataclass(frozen=True)
class Protection:
    """The walls of one table.

    Args:
        scope: "supplier": rows belong to the supplier in `scope_column`; None: all of the plant's.
        portal: what the suppliers' login may do, e.g. "select, insert, update(state, quantity)"; "" =
        nothing. journal: write row changes; off only for the stock ledger and planner output. skip:
        columns whose values never enter the journal. parents: {column: table} a supplier's row may point
        at only if that row is his, too; kept true for
            everybody by a composite foreign key.
        using: SQL condition for suppliers on a table without scope (shared master data), over its columns.
    """

    scope: str | None = None
    scope_column: str = "supplier_id"
    portal: str = ""
    journal: bool = True
    skip: tuple[str, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    using: str = ""

    def __post_init__(self) -> None:
        if self.scope not in (None, "supplier"):
            raise ValueError(f"unknown scope {self.scope!r}")
        object.__setattr__(self, "skip", tuple(self.skip))
        object.__setattr__(self, "parents", dict(self.parents))
        for name in (self.scope_column, *self.skip, *self.parents, *self.parents.values()):
            checked_name(name)
        grants(self.portal)

    @property
    def has_rls(self) -> bool:
        return self.scope is not None or bool(self.using)


def checked_name(name: str) -> str:
    """Return an identifier that is safe to put into DDL. Raises: ValueError."""
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is no table or column name of ours")
    return name


def grants(source: str) -> list[str]:
    """Read "select, update(a, b)" into ["SELECT", "UPDATE (a, b)"]. Raises: ValueError."""
    found, position = [], 0
    while position < len(source):
        match = _GRANT.match(source, position)
        if match is None:
            raise ValueError(f"cannot read the grants {source!r}")
        columns = [checked_name(column.strip()) for column in (match[2] or "").split(",") if column.strip()]
        found.append(match[1].upper() + (f" ({', '.join(columns)})" if columns else ""))
        position = match.end()
    return found


def protect_statements(table: str, wanted: Protection, columns: Iterable[str] = ()) -> list[str]:
    """Return the DDL, in order, that puts the walls around a table; running it twice changes nothing.

    Args:
        columns: the table's columns; those of BaseModel get their defaults and the version trigger.
    """
    checked_name(table)
    have = set(columns)
    steps: list[str] = []
    if {"version", "updated_at"} <= have:
        steps.append(triggers.touch_trigger(table))
    defaults = {"created_at": "now()", "updated_at": "now()", "version": "1"}
    steps += [
        f'ALTER TABLE "{table}" ALTER COLUMN {column} SET DEFAULT {value}'
        for column, value in defaults.items()
        if column in have
    ]
    if wanted.journal:
        steps += triggers.journal_triggers(table, wanted.skip)
    steps += [
        f'REVOKE ALL ON "{table}" FROM PUBLIC, {SUPPLIER_ROLE}',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {STAFF_ROLE}',
    ]
    steps += [f'GRANT {grant} ON "{table}" TO {SUPPLIER_ROLE}' for grant in grants(wanted.portal)]
    steps += _parent_steps(table, wanted)
    if wanted.has_rls or wanted.scope_column in have:
        steps += _policy_steps(table, wanted)
    note = {name: value for name, value in asdict(wanted).items() if value != getattr(Protection(), name)}
    comment = f"{COMMENT} {json.dumps(note, sort_keys=True)}".replace("'", "''")
    steps.append(f"COMMENT ON TABLE \"{table}\" IS '{comment}'")
    return steps


def _policy_steps(table: str, wanted: Protection) -> list[str]:
    own = f"{wanted.scope_column} = {CONTEXT}" if wanted.scope else f"({wanted.using or 'false'})"
    check = own
    for column, parent in wanted.parents.items():
        check += (
            f' AND ({column} IS NULL OR EXISTS (SELECT 1 FROM "{parent}" parent '
            f'WHERE parent.id = "{table}".{column} AND parent.{wanted.scope_column} = {CONTEXT}))'
        )
    rules = {
        "takt_staff": (STAFF_ROLE, "true", "true"),
        "takt_owner": (OWNER_ROLE, "true", "true"),
        "takt_supplier": (SUPPLIER_ROLE, own, check),
    }
    steps = [f'ALTER TABLE "{table}" {rule} ROW LEVEL SECURITY' for rule in ("ENABLE", "FORCE")]
    for name, (role, using, with_check) in rules.items():
        steps.append(f'DROP POLICY IF EXISTS {name} ON "{table}"')
        steps.append(f'CREATE POLICY {name} ON "{table}" TO {role} USING ({using}) WITH CHECK ({with_check})')
    return steps


def _parent_steps(table: str, wanted: Protection) -> list[str]:
    """Composite foreign keys: a line's supplier is its document's supplier, whoever writes it."""
    scope = wanted.scope_column
    steps = []
    for column, parent in wanted.parents.items():
        unique, key = f"{parent}_scope_uq"[:63], f"{table}_{column}_scope_fk"[:63]
        steps.append(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{unique}') THEN "
            f'ALTER TABLE "{parent}" ADD CONSTRAINT {unique} UNIQUE (id, {scope}); END IF; '
            f"IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{key}') THEN "
            f'ALTER TABLE "{table}" ADD CONSTRAINT {key} FOREIGN KEY ({column}, {scope}) '
            f'REFERENCES "{parent}" (id, {scope}) DEFERRABLE INITIALLY DEFERRED; END IF; END $$'
        )
    return steps


def table_columns(cursor: Any, table: str) -> list[str]:
    """Return a table's column names in order; [] if there is no such table."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 "
        "AND NOT attisdropped ORDER BY attnum",
        [f'"{table}"'],
    )
    return [row[0] for row in cursor.fetchall()]


def protect(cursor: Any, table: str, wanted: Protection) -> None:
    """Put the walls around an existing table, as the owner, inside the caller's transaction."""
    for statement in triggers.FUNCTIONS:
        cursor.execute(statement)
    for statement in protect_statements(table, wanted, table_columns(cursor, table)):
        cursor.execute(statement)


_PROBLEMS = """
WITH asked AS (
  SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity,
    obj_description(c.oid, 'pg_class') AS note
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
)
SELECT a.relname, a.relrowsecurity, a.relforcerowsecurity, a.note,
  EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = a.oid AND t.attname = 'supplier_id'
    AND NOT t.attisdropped),
  EXISTS (SELECT 1 FROM pg_attribute t WHERE t.attrelid = a.oid AND t.attname = 'version'
    AND NOT t.attisdropped),
  ARRAY(SELECT g.tgname::text FROM pg_trigger g
    WHERE g.tgrelid = a.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')),
  ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = a.oid)
FROM asked a WHERE a.relname = ANY(%s) OR a.note LIKE 'takt:%%' OR EXISTS (
  SELECT 1 FROM pg_attribute t WHERE t.attrelid = a.oid AND t.attname = 'supplier_id' AND NOT t.attisdropped)
ORDER BY 1
"""


def protection_problems(entity_tables: Iterable[str] = ()) -> list[str]:
    """List what is wrong with the walls (invariant I30); [] when every table is as it should be.

    Looks at the given tables, at every table that was ever protected, and at every table with a supplier_id.
    """
    tables = list(entity_tables)
    with db.connection().cursor() as cursor:
        cursor.execute(_PROBLEMS, [tables])
        rows = cursor.fetchall()
    problems = [f"{table}: does not exist" for table in sorted(set(tables) - {row[0] for row in rows})]
    for table, *facts in rows:
        problems += [f"{table}: {problem}" for problem in _table_problems(*facts)]
    return problems


def _table_problems(
    enabled: bool,
    forced: bool,
    note: str | None,
    has_supplier: bool,
    has_version: bool,
    active: list[str],
    policies: list[str],
) -> list[str]:
    found = []
    if not (note or "").startswith(COMMENT):
        return ["was never protected"]
    wanted = Protection(**json.loads((note or "")[len(COMMENT) :]))
    needed = [triggers.TOUCH] if has_version else []
    if wanted.journal:
        needed += [triggers.JOURNAL_INSERT, triggers.JOURNAL_CHANGE, f"{triggers.JOURNAL_CHANGE}_d"]
    found += [f"trigger {name} is missing or switched off" for name in needed if name not in active]
    if (has_supplier or wanted.has_rls) and not (enabled and forced):
        found.append("row-level security is not enabled and forced")
    if wanted.has_rls:
        rules = ("takt_owner", "takt_staff", "takt_supplier")
        found += [f"policy {name} is missing" for name in rules if name not in policies]
    return found
