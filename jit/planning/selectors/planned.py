"""The planned orders of the last run as columns: hundreds of thousands of rows, read packed in one row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from forms_engine.base import db
from jit.planning.selectors.rows import minutes_sql

#: One big-endian value of eight bytes a row and column; of a UUID its random half, 0 for none.
PACKED = {
    "id": (">i8", "int8send(id)"),
    "plant": (">u8", "substr(uuid_send(plant_id), 9)"),
    "item": (">u8", "substr(uuid_send(item_id), 9)"),
    "area": (">u8", "coalesce(substr(uuid_send(area_id), 9), int8send(0))"),
    "supplier": (">u8", "coalesce(substr(uuid_send(source_id), 9), int8send(0))"),
    "need": (">i8", f"int8send({minutes_sql('need_at')})"),
    "start": (">i8", f"int8send({minutes_sql('start_at')})"),
    "finish": (">i8", f"int8send({minutes_sql('finish_at')})"),
    "quantity": (">f8", "float8send(quantity)"),
    "good": (">f8", "float8send(good_quantity)"),
    "is_forecast": (">i8", "int8send((kind = 'FORECAST')::int::bigint)"),
}
READ = " ".join(
    (
        "SELECT",
        ", ".join(f"string_agg({packed}, NULL)" for _, packed in PACKED.values()),
        "FROM (SELECT * FROM planning_plannedorder WHERE NOT is_firm ORDER BY id) p",
    )
)
MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True)
class Planned:
    """Columns of the unfirmed planned orders and schedule lines, by id."""

    id: np.ndarray
    plant: np.ndarray
    item: np.ndarray
    area: np.ndarray
    supplier: np.ndarray
    need: np.ndarray
    start: np.ndarray
    finish: np.ndarray
    quantity: np.ndarray
    good: np.ndarray
    is_forecast: np.ndarray

    def take(self, rows: np.ndarray) -> Planned:
        """Return the given rows."""
        return Planned(**{name: getattr(self, name)[rows] for name in PACKED})

    def __len__(self) -> int:
        return len(self.id)


def planned_read() -> Planned:
    """Read them; times in minutes, quantities in stock units."""
    with db.connection().cursor() as cursor:
        cursor.execute(READ)
        found = cursor.fetchone()
    columns = {
        name: np.frombuffer(bytes(value or b""), kind).astype(kind.replace(">", "="))
        for (name, (kind, _)), value in zip(PACKED.items(), found, strict=True)
    }
    return Planned(**columns)


def half(key: str | None) -> int:
    """Return the random half of a UUID, 0 for none."""
    return int(UUID(key)) & 0xFFFF_FFFF_FFFF_FFFF if key else 0


def mixed(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    """Return one number for each three; uint64, wrapping."""
    return first ^ (second * MIX[0]) ^ (third * MIX[1])


def halves(keys: Iterable[str | None]) -> np.ndarray:
    """Return the random halves of UUIDs, uint64."""
    return np.array([half(key) for key in keys], np.uint64)


def places(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return where each asked number stands in `known` (any order), -1 = nowhere."""
    if not len(known):
        return np.full(len(asked), -1)
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known[order], asked), len(known) - 1)
    return np.where(known[order][at] == asked, order[at], -1)
