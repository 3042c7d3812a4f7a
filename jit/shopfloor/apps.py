"""Django's handle on this room."""

from django.apps import AppConfig


class ShopfloorConfig(AppConfig):
    name = "jit.shopfloor"
    label = "shopfloor"
    default_auto_field = "django.db.models.BigAutoField"
