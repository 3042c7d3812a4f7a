"""Django's handle on this room."""

from django.apps import AppConfig


class MoneyConfig(AppConfig):
    name = "jit.money"
    label = "money"
    default_auto_field = "django.db.models.BigAutoField"
