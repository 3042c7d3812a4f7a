"""Django's handle on this room."""

from django.apps import AppConfig


class SupplyConfig(AppConfig):
    name = "jit.supply"
    label = "supply"
    default_auto_field = "django.db.models.BigAutoField"
