"""Django's handle on this room."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "forms_engine.forms"
    label = "forms"
    default_auto_field = "django.db.models.BigAutoField"
