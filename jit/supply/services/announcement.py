"""The shipment notices, packages and labels of loaded trucks, as their suppliers would announce them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.journal.services import events_publish
from jit.catalog.models import Location
from jit.catalog.numbers import numbers_next
from jit.stock.models import HandlingUnit
from jit.supply.events import ShipmentAnnounced
from jit.supply.models import (
    CallOff,
    DockSlot,
    InboundRequirement,
    LoadLine,
    PlannedTruck,
    Shipment,
    ShipmentLine,
    TruckLane,
)
from jit.supply.services.call_off import firm_quantity

CHUNK = 1_000
READY = (PlannedTruck.State.PLANNED, PlannedTruck.State.APPROVED)
#: One delivery note: a truck, a supplier, the supplier's dock.
NoteKey = tuple[UUID, UUID, str]


@dataclass(frozen=True)
class Announced:
    """How many notices, lines and packages were made, and loads that still wait for a truck's approval."""

    shipments: int
    lines: int
    packages: int
    waiting: int


def loads_announce(*, actor: Any, batch: str) -> Announced:
    """Announce every load of a data set whose truck is agreed; publishes `ShipmentAnnounced` for each notice.

    One notice per truck, supplier and supplier dock, one line per load line, one labelled package for each
    package. Loads announced before are left alone; draft call-offs are left alone too.
    """
    with db.atomic():
        loads = _loads_open(batch)
        ready = [load for load in loads if load.truck.state in READY]
        notes: dict[NoteKey, list[LoadLine]] = defaultdict(list)
        for load in ready:
            notes[load.truck_id, load.supplier_id, load.requirement.supplier_dock].append(load)
        lines, shipments = _notices_made(notes)
        units = _packages_made(lines)
        _calloffs_packed(lines)
        events_publish(
            [
                ShipmentAnnounced(record_id=row.pk, supplier_id=str(row.supplier_id), number=row.number)
                for row in shipments
            ],
            actor=actor,
        )
    return Announced(len(shipments), len(lines), units, len(loads) - len(ready))


def _loads_open(batch: str) -> list[LoadLine]:
    """Lock and return the loads without a notice, in the order of trucks and requirements.

    Each table is asked by itself, by key: right after a big load the server has no statistics for a join.
    """
    needs = {
        need.pk: need
        for need in InboundRequirement.objects.filter(batch=batch, archived_at=None).prefetch_related(
            "item__unit", "dock", "calloff"
        )
    }
    loads = list(
        LoadLine.objects.select_for_update(of=("self",))
        .filter(requirement__in=list(needs), shipment_line=None)
        .prefetch_related("truck")
        .order_by("pk")
    )
    for load in loads:
        load.requirement = needs[load.requirement_id]
    open_ones = [
        load
        for load in loads
        if load.requirement.calloff is not None and load.requirement.calloff.state != CallOff.State.DRAFT
    ]
    return sorted(open_ones, key=lambda load: (load.truck.number, load.requirement.external_id))


def _notices_made(
    notes: dict[NoteKey, list[LoadLine]],
) -> tuple[list[tuple[ShipmentLine, LoadLine]], list[Shipment]]:
    numbers = iter(numbers_next("ASN", len(notes)) if notes else ())
    order = _unloading_order(notes)
    shipments, lines = [], []
    for (truck_id, supplier_id, supplier_dock), loads in notes.items():
        truck, docks = loads[0].truck, order[truck_id]
        loads.sort(key=lambda load: (docks.get(load.requirement.dock_id, 0), load.requirement.external_id))
        first: Location = loads[0].requirement.dock
        shipment = Shipment(
            number=next(numbers),
            supplier_id=supplier_id,
            delivery_note=f"{truck.number}/{supplier_dock}" if supplier_dock else truck.number,
            plant_id=truck.plant_id,
            dock=first,
            dock_name=first.name or first.code,
            supplier_dock=supplier_dock,
            truck=truck,
            arrives_at=truck.arrives_at,
        )
        shipments.append(shipment)
        for place, load in enumerate(loads, start=1):
            lines.append((_line(shipment, place * 10, load), load))
    Shipment.objects.bulk_create(shipments, batch_size=CHUNK)
    ShipmentLine.objects.bulk_create([line for line, _load in lines], batch_size=CHUNK)
    for line, load in lines:
        load.shipment_line = line
    LoadLine.objects.bulk_update([load for _line, load in lines], ["shipment_line"], batch_size=CHUNK)
    _slots_named(shipments)
    return lines, shipments


def _unloading_order(notes: dict[NoteKey, list[LoadLine]]) -> dict[UUID, dict[UUID, int]]:
    """Return {truck: {dock: place in its unloading order}}; an extra truck has that of its model."""
    trucks = {load.truck for loads in notes.values() for load in loads}
    models = {truck.pk: truck.copy_of_id or truck.pk for truck in trucks}
    found: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    rows = TruckLane.objects.filter(truck__in=set(models.values()))
    for truck, dock, place in rows.values_list("truck_id", "dock_id", "unloading_order"):
        found[truck][dock] = place
    return defaultdict(dict, {truck: found[model] for truck, model in models.items()})


def _line(shipment: Shipment, line_no: int, load: LoadLine) -> ShipmentLine:
    item = load.requirement.item
    return ShipmentLine(
        shipment=shipment,
        supplier_id=load.supplier_id,
        line_no=line_no,
        calloff_id=load.requirement.calloff_id,
        item=item,
        item_code=item.code,
        item_name=item.name,
        unit_code=item.unit.code,
        quantity=Decimal(load.packages),
        packages=load.packages,
    )


def _packages_made(lines: Sequence[tuple[ShipmentLine, LoadLine]]) -> int:
    count = sum(line.packages for line, _load in lines)
    plates = iter(numbers_next("HU", count) if count else ())
    HandlingUnit.objects.bulk_create(
        [
            HandlingUnit(
                code=next(plates),
                supplier_id=line.supplier_id,
                packaging_id=load.requirement.packaging_id,
                item_id=line.item_id,
                quantity=Decimal(1),
                state=HandlingUnit.State.PACKED,
                shipment_line_id=line.pk,
            )
            for line, load in lines
            for _number in range(line.packages)
        ],
        batch_size=CHUNK,
    )
    return count


def _calloffs_packed(lines: Sequence[tuple[ShipmentLine, LoadLine]]) -> None:
    packed: dict[UUID, Decimal] = defaultdict(Decimal)
    for line, _load in lines:
        if line.calloff_id:
            packed[line.calloff_id] += line.quantity
    rows = list(
        CallOff.objects.select_for_update(of=("self",)).filter(pk__in=sorted(packed, key=str)).order_by("pk")
    )
    for row in rows:
        row.packed_quantity += packed[row.pk]
        full = row.packed_quantity >= firm_quantity(row)
        row.state = CallOff.State.PACKED if full else CallOff.State.PREP
    CallOff.objects.bulk_update(rows, ["packed_quantity", "state"], batch_size=CHUNK)


def _slots_named(shipments: Sequence[Shipment]) -> None:
    """Put the first notice of a truck on its door slots, so that the dock board can open it."""
    first = {}
    for shipment in shipments:
        first.setdefault(shipment.truck_id, shipment)
    slots = list(DockSlot.objects.filter(truck__in=first, shipment=None))
    for slot in slots:
        slot.shipment = first[slot.truck_id]
    DockSlot.objects.bulk_update(slots, ["shipment"], batch_size=CHUNK)
