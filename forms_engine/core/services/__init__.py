"""Writes of the core itself: schemas, business numbers, files."""

from forms_engine.core.services.attachments import attachment_store
from forms_engine.core.services.list_columns import CHOOSE, columns_offered, list_columns_set
from forms_engine.core.services.schemas import (
    Published,
    entity_define,
    field_add,
    schema_publish,
)
from forms_engine.core.services.serials import serial_for, serial_next

__all__ = [
    "CHOOSE",
    "Published",
    "attachment_store",
    "columns_offered",
    "entity_define",
    "field_add",
    "list_columns_set",
    "schema_publish",
    "serial_for",
    "serial_next",
]
