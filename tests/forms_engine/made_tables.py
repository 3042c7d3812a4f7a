"""Admin-made tables for tests of the rooms below the door."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

from forms_engine.base import db
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.tables.apply import apply
from forms_engine.tables.plan import plan
from forms_engine.tables.protection import Protection

MELT = Schema(
    (FieldSpec("code", "text", unique=True), FieldSpec("weight", "quantity"), FieldSpec("note", "long_text"))
)


def make_table(schema: Schema = MELT, table: str = "x_melt", **walls: Any) -> str:
    """Create an admin-made table as a publish does; returns its name."""
    apply(plan(None, schema, table, protection=Protection(**walls)))
    return table


def run(sql: str, params: list[Any] | tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Run one statement on the login of the moment; returns its rows, if it has any."""
    with db.connection().cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def add_melt(code: str, table: str = "x_melt", **values: Any) -> uuid.UUID:
    """Insert one row; returns its id."""
    row = {"id": new_id(), "code": code, **values}
    names = ", ".join(row)
    run(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values()))
    return row["id"]


@contextlib.contextmanager
def acting(
    name: str = "", request: str = "", action: str = "", supplier: uuid.UUID | None = None
) -> Iterator[None]:
    """A transaction with the settings the door makes; behind the supplier's walls if one is given."""
    with db.use_alias(db.PORTAL if supplier else db.DEFAULT), db.atomic():
        run(
            "SELECT set_config('takt.actor', %s, true), set_config('takt.actor_name', %s, true), "
            "set_config('takt.request', %s, true), set_config('takt.action', %s, true), "
            "set_config('app.supplier_id', %s, true)",
            [name and f"id-{name}", name, request, action, str(supplier or "")],
        )
        yield
