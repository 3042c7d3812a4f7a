"""Django's handle on this room."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "jit.demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"
