"""Who people are and what they may do."""

from django.apps import AppConfig

from forms_engine.kernel.text import Text


class AccessConfig(AppConfig):
    name = "forms_engine.access"
    label = "access"
    verbose_name = Text("People and rights", "人员与权限")
    default_auto_field = "django.db.models.BigAutoField"
