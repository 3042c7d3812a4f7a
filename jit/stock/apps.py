"""Django's handle on this room."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "jit.stock"
    label = "stock"
    default_auto_field = "django.db.models.BigAutoField"
