"""Django's handle on this room."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "forms_engine.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
