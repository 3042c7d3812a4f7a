"""Promises of this room."""

from __future__ import annotations

from django.apps import apps

from forms_engine.base.invariants import invariant
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text
from forms_engine.tables.protection import protection_problems


def entity_tables() -> list[str]:
    """Return the tables of all models made from BaseModel."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, BaseModel) and model._meta.managed and not model._meta.proxy
    )


@invariant("I30 walls", Text("Every entity table has its walls", "每张实体表都有防护"))
def walls_missing() -> list[str]:
    """Row version, journal triggers and row-level security stand as they were asked for."""
    return protection_problems(entity_tables())
