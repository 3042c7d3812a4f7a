"""Django's handle on this room."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "forms_engine.studio"
    label = "studio"
    default_auto_field = "django.db.models.BigAutoField"
