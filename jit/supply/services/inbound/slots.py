"""One door slot per truck and dock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from jit.algorithms.docks.slots import DockSlot as Slot
from jit.algorithms.docks.slots import DockVisit, doors_needed, slots_assign
from jit.algorithms.routes.load_trucks import LoadPlan
from jit.supply.models import DockSlot, InboundRequirement, PlannedTruck
from jit.supply.services.inbound.lanes import CHUNK, minute_of

SLOT_MINUTES = 60


def slots_give(
    plan: LoadPlan,
    needs: Sequence[InboundRequirement],
    by_number: Mapping[str, PlannedTruck],
    doors_as_needed: bool,
) -> tuple[list[Slot], dict[str, int]]:
    """Give every (truck, dock) a door; slots of trucks outside this plan keep theirs."""
    dock_of = {need.external_id: need.dock for need in needs}
    docks = {dock.code: dock for dock in dock_of.values()}
    stops = {(line.truck, dock_of[line.need].code) for line in plan.lines}
    visits = [DockVisit(t, dock, minute_of(by_number[t].arrives_at)) for t, dock in sorted(stops)]
    needed = doors_needed(visits, minutes=SLOT_MINUTES)
    if doors_as_needed:
        for code, count in needed.items():
            if docks[code].doors < count:
                docks[code].doors = count
                docks[code].save(update_fields=["doors"])
    ours = {truck.pk for truck in by_number.values()}
    stored = list(DockSlot.objects.filter(dock__in=docks.values()).order_by("pk"))
    codes = {dock.pk: code for code, dock in docks.items()}
    taken = [_held(row, codes) for row in stored if row.truck_id not in ours]
    slots = slots_assign(
        visits, {code: dock.doors for code, dock in docks.items()}, minutes=SLOT_MINUTES, taken=taken
    )
    wanted = {(by_number[slot.truck].pk, docks[slot.dock].pk, slot.door, _range(slot)) for slot in slots}
    have = {(row.truck_id, row.dock_id, row.door, row.during): row for row in stored if row.truck_id in ours}
    DockSlot.objects.filter(pk__in=[row.pk for key, row in have.items() if key not in wanted]).delete()
    DockSlot.objects.bulk_create(
        [
            DockSlot(truck_id=truck, dock_id=dock, door=door, during=during)
            for truck, dock, door, during in sorted(wanted - have.keys(), key=str)
        ],
        batch_size=CHUNK,
    )
    return slots, needed


def _range(slot: Slot) -> DateTimeTZRange:
    begin = datetime.fromtimestamp(slot.start * 60, tz=UTC)
    return DateTimeTZRange(begin, begin + timedelta(minutes=slot.end - slot.start), "[)")


def _held(row: DockSlot, codes: Mapping[UUID, str]) -> Slot:
    return Slot("", codes[row.dock_id], row.door, minute_of(row.during.lower), minute_of(row.during.upper))
