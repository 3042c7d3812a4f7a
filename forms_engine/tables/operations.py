"""The migration operation that puts the walls around a typed table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from forms_engine.tables.protection import Protection, protect


class Protect(Operation):
    """`Protect("supply_calloff", scope="supplier", portal="select, update(state)")`, last in a migration.

    Put it into a migration of its own (`0002_walls.py`), so that regenerating 0001 does not lose it. The
    arguments are those of `tables.protection.Protection`.
    """

    reversible = True
    reduces_to_sql = True
    atomic = True

    def __init__(
        self,
        table: str,
        scope: str | None = None,
        portal: str = "",
        *,
        journal: bool = True,
        skip: Sequence[str] = (),
        parents: Mapping[str, str] | None = None,
        using: str = "",
        scope_column: str = "supplier_id",
    ) -> None:
        self.table = table
        self.wanted = Protection(
            scope=scope,
            scope_column=scope_column,
            portal=portal,
            journal=journal,
            skip=tuple(skip),
            parents=parents or {},
            using=using,
        )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing Django's models know of."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        # Foreign keys of this migration still wait at its end; policies and composite keys do not need them.
        with schema_editor.connection.cursor() as cursor:
            protect(cursor, self.table, self.wanted)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """The table itself goes with the migration before; walls are never taken off a living table."""

    def describe(self) -> str:
        return f"Put row version, journal and row-level security around {self.table}"
