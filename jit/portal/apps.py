"""Django's handle on this room."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "jit.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
