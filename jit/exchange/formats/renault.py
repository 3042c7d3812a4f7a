"""Inbound truck loads as Renault publishes them: `input_items` and `input_trucks`.

Columns are `;` separated, decimals carry a comma, codes are text with leading zeros, docks may be empty,
times are `yyyymmddHHMM` in plant local time. Source: EURO/ROADEF Challenge 2022; see docs/import.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

ITEM_COLUMNS = (
    "Item ident", "Supplier code", "Supplier dock", "Plant code", "Plant dock", "Product code",
    "Package code", "Number of items", "Length", "Width", "Height", "Weight",
    "Earliest arrival time", "Latest arrival time",
)  # fmt: skip
TRUCK_COLUMNS = (
    "Supplier code", "Supplier dock", "Supplier dock loading order", "Supplier loading order",
    "Plant code", "Plant dock", "Plant dock loading order", "Product code", "Arrival time", "Id truck",
    "Length", "Width", "Height", "Max weight",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lane:
    """The way of one product from a supplier's dock to a plant's dock; all text, docks may be ''."""

    supplier: str
    supplier_dock: str
    plant: str
    plant_dock: str
    product: str


@dataclass(frozen=True, slots=True)
class InboundItem:
    """One row of `input_items`: packages of a product, wanted inside a window (both ends count)."""

    row: int
    ident: str
    lane: Lane
    package: str
    packages: int
    length_mm: int
    width_mm: int
    height_mm: int
    package_grams: int
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class LaneStop:
    """A lane a truck may carry, with its places in the loading and unloading order."""

    lane: Lane
    supplier_order: int
    supplier_dock_order: int
    plant_dock_order: int


@dataclass(slots=True)
class InboundTruck:
    """One truck: the head that all of its rows repeat, and its lanes."""

    ident: str
    arrival: datetime
    length_mm: int
    width_mm: int
    height_mm: int
    max_grams: int
    stops: list[LaneStop] = field(default_factory=list)

    def head(self) -> tuple[datetime, int, int, int, int]:
        """What must be equal in all rows of one truck."""
        return self.arrival, self.length_mm, self.width_mm, self.height_mm, self.max_grams


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was not taken: file row, column, code, and the cell's text."""

    row: int
    column: str
    code: str
    value: str = ""


class _CellFault(ValueError):
    def __init__(self, column: str, code: str, value: str) -> None:
        super().__init__(code)
        self.column, self.code, self.value = column, code, value


def items_read(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[list[InboundItem], list[RowFault]]:
    """Read `input_items` rows, given as (file row, {header: text}).

    Returns: the good rows in file order, and one fault for each row refused.
    """
    items: list[InboundItem] = []
    faults: list[RowFault] = []
    seen: set[str] = set()
    for number, row in rows:
        try:
            item = InboundItem(
                row=number,
                ident=_text(row, "Item ident"),
                lane=_lane(row),
                package=_text(row, "Package code"),
                packages=_integer(row, "Number of items"),
                length_mm=_integer(row, "Length"),
                width_mm=_integer(row, "Width"),
                height_mm=_integer(row, "Height"),
                package_grams=_grams(row, "Weight"),
                earliest=_time(row, "Earliest arrival time"),
                latest=_time(row, "Latest arrival time"),
            )
            if item.earliest > item.latest:
                raise _CellFault("Latest arrival time", "window_reversed", row["Latest arrival time"])
            if item.ident in seen:
                raise _CellFault("Item ident", "duplicate", item.ident)
        except _CellFault as fault:
            faults.append(RowFault(number, fault.column, fault.code, fault.value))
            continue
        seen.add(item.ident)
        items.append(item)
    return items, faults


def trucks_read(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[list[InboundTruck], list[RowFault]]:
    """Read `input_trucks` rows (one per truck and lane); a head that differs from the first is refused."""
    trucks: dict[str, InboundTruck] = {}
    faults: list[RowFault] = []
    for number, row in rows:
        try:
            truck = InboundTruck(
                ident=_text(row, "Id truck"),
                arrival=_time(row, "Arrival time"),
                length_mm=_integer(row, "Length"),
                width_mm=_integer(row, "Width"),
                height_mm=_integer(row, "Height"),
                max_grams=_grams(row, "Max weight"),
            )
            stop = LaneStop(
                lane=_lane(row),
                supplier_order=_integer(row, "Supplier loading order"),
                supplier_dock_order=_integer(row, "Supplier dock loading order"),
                plant_dock_order=_integer(row, "Plant dock loading order"),
            )
            first = trucks.get(truck.ident, truck)
            if first.head() != truck.head():
                raise _CellFault("Id truck", "head_differs", truck.ident)
            if any(stop.lane == other.lane for other in first.stops):
                raise _CellFault("Product code", "duplicate", stop.lane.product)
        except _CellFault as fault:
            faults.append(RowFault(number, fault.column, fault.code, fault.value))
            continue
        trucks[truck.ident] = first
        first.stops.append(stop)
    return list(trucks.values()), faults


def _lane(row: Mapping[str, str]) -> Lane:
    return Lane(
        supplier=_text(row, "Supplier code"),
        supplier_dock=row.get("Supplier dock", "").strip(),
        plant=_text(row, "Plant code"),
        plant_dock=row.get("Plant dock", "").strip(),
        product=_text(row, "Product code"),
    )


def _text(row: Mapping[str, str], column: str) -> str:
    text = row.get(column, "").strip()
    if not text:
        raise _CellFault(column, "required", "")
    return text


def _integer(row: Mapping[str, str], column: str) -> int:
    text = _text(row, column)
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise _CellFault(column, "not_a_positive_integer", text)
    return int(text)


def _grams(row: Mapping[str, str], column: str) -> int:
    """Kilograms with a decimal comma (or point) as whole grams; finer than a gram is refused, not rounded."""
    text = _text(row, column)
    try:
        grams = Decimal(text.replace(",", ".")) * 1000
    except InvalidOperation:
        raise _CellFault(column, "not_a_weight", text) from None
    if not grams.is_finite() or grams <= 0 or grams != int(grams):
        raise _CellFault(column, "not_a_weight", text)
    return int(grams)


def _time(row: Mapping[str, str], column: str) -> datetime:
    text = _text(row, column)
    try:
        if len(text) != 12:
            raise ValueError
        return datetime.strptime(text, "%Y%m%d%H%M")
    except ValueError:
        raise _CellFault(column, "not_a_time", text) from None
