"""The app's name and label."""

from __future__ import annotations

from django.apps import AppConfig


class TablesConfig(AppConfig):
    """Nothing to start: extension files are found by base.discovery."""

    name = "forms_engine.tables"
    label = "tables"
