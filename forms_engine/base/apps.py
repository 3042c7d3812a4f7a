"""Start-up: words follow the request's language; extension files are imported and their tables frozen."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import get_language

from forms_engine.base import discovery
from forms_engine.kernel.text import language_source


class BaseConfig(AppConfig):
    """`ready` runs when the models of every app are loaded, so extension files may import them."""

    name = "forms_engine.base"
    label = "base"

    def ready(self) -> None:
        language_source(get_language)
        discovery.discover()
