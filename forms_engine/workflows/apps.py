"""The app's name and label."""

from __future__ import annotations

from django.apps import AppConfig

from forms_engine.kernel.text import Text


class WorkflowsConfig(AppConfig):
    """Nothing to start: extension files are found by base.discovery."""

    name = "forms_engine.workflows"
    label = "workflows"
    verbose_name = Text("Flows", "流程")
