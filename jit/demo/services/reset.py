"""Back to the freshly loaded plant: all goods, calls, orders and cases go; people and definitions stay."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import connections

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


def plant_reset(*, actor: Actor) -> None:
    """Empty the plant as its owner and load it again. Raises: NotADemo."""
    reset_allowed()
    owner = connections[OWNER]
    names = ", ".join(owner.ops.quote_name(name) for name in tables_emptied())
    with owner.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20s'")
        cursor.execute(f"TRUNCATE {names} CASCADE")
        cursor.execute("RESET lock_timeout")
    supplier = plant_make(actor=actor)
    people_make(actor=actor, supplier=supplier)
    opening_make(actor=actor)
