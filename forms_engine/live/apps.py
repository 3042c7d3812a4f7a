"""The app's name and label."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """The hooks into the rooms below are in `subscribers`, which base.discovery imports."""

    name = "forms_engine.live"
    label = "live"
