"""Nouns, verbs, the door and the query compiler."""

from django.apps import AppConfig

from forms_engine.kernel.text import Text


class CoreConfig(AppConfig):
    name = "forms_engine.core"
    label = "core"
    verbose_name = Text("Records", "记录")
    default_auto_field = "django.db.models.BigAutoField"
