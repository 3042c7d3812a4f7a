"""The app's name and label, and its start-up check."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

from forms_engine.tables.checks import reserved_prefix


class TablesConfig(AppConfig):
    """Models are made at run time by `factory`; extension files are found by base.discovery."""

    name = "forms_engine.tables"
    label = "tables"

    def ready(self) -> None:
        register(reserved_prefix)
