"""Django's handle on this room."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "jit.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
