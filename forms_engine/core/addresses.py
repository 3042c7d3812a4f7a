"""How keys stand in addresses: `/e/catalog.item/`, `/api/v1/supply.calloff/<id>/confirm/`."""

from __future__ import annotations

from django.urls import register_converter


class KeyConverter:
    """An entity or action key: `catalog.item`, `x.furnace_log`."""

    regex = r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class VerbConverter(KeyConverter):
    """The last part of an action's key."""

    regex = r"[a-z][a-z0-9_.]*"


register_converter(KeyConverter, "key")
register_converter(VerbConverter, "verb")
