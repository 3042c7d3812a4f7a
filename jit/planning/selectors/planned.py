"""The proposals of the last run as columns: hundreds of thousands of orders, read packed as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from forms_engine.base.sql import execute
from jit.planning.models import PlannedOrder

#: One order in a pack: minutes since 1970 UTC, quantities in millionths. `sql/planned_order.sql` knows it.
RECORD = np.dtype(
    [
        ("number", ">i8"),
        ("need", ">i4"),
        ("start", ">i4"),
        ("finish", ">i4"),
        ("quantity", ">i8"),
        ("good", ">i8"),
    ]
)
MILLION = 1e6
#: Kinds by their first letter, which is how packs come out of the database.
MAKE, BUY, TRANSFER, FORECAST = (
    ord(kind.value[0])
    for kind in (
        PlannedOrder.Kind.MAKE,
        PlannedOrder.Kind.BUY,
        PlannedOrder.Kind.TRANSFER,
        PlannedOrder.Kind.FORECAST,
    )
)
#: Of a UUID its random half, 0 for none.
PACKED = {
    "id": (">i8", "int8send(id)"),
    "size": (">i4", "int4send(length(orders))"),
    "kind": (">i4", "int4send(ascii(kind))"),
    "is_blocked": (">i4", "int4send(is_blocked::int)"),
    "plant": (">u8", "substr(uuid_send(plant_id), 9)"),
    "item": (">u8", "substr(uuid_send(item_id), 9)"),
    "area": (">u8", "coalesce(substr(uuid_send(area_id), 9), int8send(0))"),
    "supplier": (">u8", "coalesce(substr(uuid_send(source_id), 9), int8send(0))"),
    "orders": (RECORD, "orders"),
}
READ = " ".join(
    (
        "SELECT",
        ", ".join(f"string_agg({packed}, NULL)" for _, packed in PACKED.values()),
        "FROM planning_plannedpack",
    )
)
#: A UUID of none.
NOTHING = "0" * 32
MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True)
class Planned:
    """Packs, and the orders in them one pack after the other.

    `id`, `kind`, `is_blocked`, `plant`, `item`, `area`, `supplier`, `count`: shape (packs,); kind is a
    letter, plant to supplier are random halves of UUIDs. `pack`, `orders`: shape (orders,), its pack, record.
    `number`, `need`, `quantity` of the orders: minutes and stock units.
    """

    id: np.ndarray
    kind: np.ndarray
    is_blocked: np.ndarray
    plant: np.ndarray
    item: np.ndarray
    area: np.ndarray
    supplier: np.ndarray
    count: np.ndarray
    pack: np.ndarray
    orders: np.ndarray

    def __len__(self) -> int:
        return len(self.orders)

    @property
    def number(self) -> np.ndarray:
        return self.orders["number"].astype("i8")

    @property
    def need(self) -> np.ndarray:
        return self.orders["need"].astype("i8")

    @property
    def quantity(self) -> np.ndarray:
        return self.orders["quantity"] / MILLION


def planned_of(values: Sequence[bytes | None]) -> Planned:
    """Unpack the row of READ."""
    columns = {
        name: np.frombuffer(value or b"", kind)
        for (name, (kind, _)), value in zip(PACKED.items(), values, strict=True)
    }
    orders, count = columns.pop("orders"), columns.pop("size") // RECORD.itemsize
    return Planned(
        **{name: value.astype(value.dtype.newbyteorder("=")) for name, value in columns.items()},
        count=count.astype("i8"),
        pack=np.repeat(np.arange(len(count)), count),
        orders=orders,
    )


def planned_read() -> Planned:
    """Read every pack in one row."""
    return planned_of(execute(READ, binary=True).fetchone() or ())


def mixed(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    """Return one number for each three; uint64, wrapping."""
    return first ^ (second * MIX[0]) ^ (third * MIX[1])


def uuids_packed(keys: Iterable[str | None]) -> np.ndarray:
    """Return UUIDs as 16 bytes each, shape (n,); none becomes zeros."""
    digits = "".join([key or NOTHING for key in keys]).replace("-", "")
    return np.frombuffer(bytes.fromhex(digits), "V16")


def halves(keys: Iterable[str | None]) -> np.ndarray:
    """Return the random halves of UUIDs, uint64; 0 for none."""
    return uuids_packed(keys).view(">u8")[1::2].astype(np.uint64)


def places(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Return where each asked number stands in `known` (any order), -1 = nowhere."""
    if not len(known):
        return np.full(len(asked), -1)
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known[order], asked), len(known) - 1)
    return np.where(known[order][at] == asked, order[at], -1)
