"""Back to the freshly loaded plant: all goods, calls, orders and cases go; people and definitions stay."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction

from forms_engine.access.actor import Actor
from forms_engine.base.db import OWNER
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from jit.demo.opening import opening_make
from jit.demo.people import people_make
from jit.demo.plant import plant_make

ROOMS = ("catalog", "stock", "supply", "shopfloor", "money", "planning", "exchange")
#: Single tables of engine rooms that speak of documents which are gone.
SPEAKING = {
    "workflows": ("instance", "task", "timer"),
    "alerts": ("alert",),
    "notify": ("notification",),
    "journal": ("outboxevent",),
}


class NotADemo(MesError):
    """Nobody empties a real plant."""

    code = "demo.not_a_demo"


def reset_allowed() -> None:
    """Raises: NotADemo outside the demo and test profiles."""
    if settings.PROFILE not in ("demo", "test"):
        raise NotADemo(T("Only a demo plant can be reset.", "只有演示工厂可以重置。"))


def tables_emptied() -> list[str]:
    """Return the tables a reset empties."""
    rooms = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    speaking = [
        model
        for room, names in SPEAKING.items()
        for model in apps.get_app_config(room).get_models()
        if model._meta.model_name in names
    ]
    return sorted({model._meta.db_table for model in (*rooms, *speaking) if model._meta.managed})


#: Triggers that refuse TRUNCATE (bit 5 of tgtype): the ledger is append-only, even for its owner.
GUARDS = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND (t.tgtype & 32) > 0 AND c.relname = ANY(%s) ORDER BY 1, 2
"""


def plant_reset(*, actor: Actor) -> None:
    """Empty the plant as its owner and load it again. Raises: NotADemo."""
    reset_allowed()
    _empty(tables_emptied())
    supplier = plant_make(actor=actor)
    people_make(actor=actor, supplier=supplier)
    opening_make(actor=actor)


def _empty(tables: list[str]) -> None:
    """Truncate all at once; the ledger's guards step aside inside this transaction only."""
    quote = connections[OWNER].ops.quote_name
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute(GUARDS, [tables])
        guards = cursor.fetchall()
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {quote(table)} DISABLE TRIGGER {quote(guard)}")
        cursor.execute(f"TRUNCATE {', '.join(map(quote, tables))} CASCADE")
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {quote(table)} ENABLE TRIGGER {quote(guard)}")
