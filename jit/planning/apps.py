"""Django's handle on this room."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "jit.planning"
    label = "planning"
    default_auto_field = "django.db.models.BigAutoField"
