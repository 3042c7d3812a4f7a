"""Django's handle on this room."""

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    name = "forms_engine.packages"
    label = "packages"
    default_auto_field = "django.db.models.BigAutoField"
