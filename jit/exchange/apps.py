"""Django's handle on this room."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "jit.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
