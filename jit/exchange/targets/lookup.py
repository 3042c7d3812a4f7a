"""Codes to ids, many at once, for targets that write more than one table."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Model

from jit.catalog.models import Item, Location, Supplier

CHUNK = 5_000


def ids_by_code(model: type[Model], codes: Iterable[object]) -> dict[str, UUID]:
    """Return {code: id} of the live rows among `codes`."""
    wanted = sorted({str(code) for code in codes if code not in (None, "")})
    found: dict[str, UUID] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        rows = model._default_manager.filter(code__in=part, archived_at=None).values_list("code", "id")
        found.update(rows)
    return found


def items_by_code(codes: Iterable[object]) -> dict[str, UUID]:
    """Return {item code: id}."""
    return ids_by_code(Item, codes)


def locations_by_code(codes: Iterable[object]) -> dict[str, UUID]:
    """Return {location code: id}."""
    return ids_by_code(Location, codes)


def suppliers_by_code(codes: Iterable[object]) -> dict[str, UUID]:
    """Return {supplier code: id}."""
    return ids_by_code(Supplier, codes)
