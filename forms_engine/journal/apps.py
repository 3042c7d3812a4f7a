"""The app's name and label."""

from __future__ import annotations

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Nothing to start: extension files are found by base.discovery."""

    name = "forms_engine.journal"
    label = "journal"
