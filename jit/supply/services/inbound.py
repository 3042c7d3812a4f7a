"""Inbound requirements of another system: call-offs, loads on planned trucks, door slots, approvals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from forms_engine.base import db
from forms_engine.journal.services import events_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.algorithms.docks.slots import DockSlot as Slot
from jit.algorithms.docks.slots import DockVisit, doors_needed, slots_assign
from jit.algorithms.routes.load_trucks import ExtraTruck, LoadNeed, LoadPlan, Truck, trucks_load
from jit.catalog.models import Location, Plant, Supplier
from jit.catalog.numbers import numbers_next
from jit.catalog.selectors import store_of
from jit.supply.events import CallOffReleased
from jit.supply.models import (
    Agreement,
    CallOff,
    CallOffVersion,
    DockSlot,
    InboundRequirement,
    LoadLine,
    PlannedTruck,
    TruckLane,
)
from jit.supply.services.call_off import CallOffDraft, calloff_built, release_problem

SLOT_MINUTES = 60
CHUNK = 1_000
Lane = tuple[UUID, str, UUID, UUID]
State = PlannedTruck.State


class BatchUnknown(MesError):
    """There are no inbound requirements of this data set."""

    code = "supply.inbound.batch_unknown"


class NoStore(MesError):
    """A plant without a store cannot receive."""

    code = "supply.inbound.no_store"


class BatchAnnounced(Conflict):
    """Shipments have been announced for these loads, so they stay as they are."""

    code = "supply.inbound.announced"


class TruckNotWaiting(Conflict):
    """The truck is no extra one that waits for approval."""

    code = "supply.truck.not_waiting"


@dataclass(frozen=True)
class InboundPlan:
    """What planning a data set's loads came to. `uncovered` = packages no truck can bring."""

    calloffs: int
    load_lines: int
    planned_used: int
    extra_trucks: int
    uncovered: Decimal
    too_heavy_for_one: int
    slots: int
    waiting: int
    doors_needed: Mapping[str, int]


def inbound_plan(*, batch: str, doors_as_needed: bool = False) -> InboundPlan:
    """Call off a data set's requirements and load them on its planned trucks.

    One call-off per lane, packaging and window; load lines by `trucks_load`; extra trucks wait for approval;
    one door slot per truck and dock. Doing it again changes only what has to change.

    Args:
        doors_as_needed: give every dock at least the doors with which no truck waits.

    Raises: BatchUnknown; BatchAnnounced when shipments exist.
    """
    with db.atomic():
        needs = list(
            InboundRequirement.objects.select_for_update(of=("self",))
            .filter(batch=batch, archived_at=None)
            .prefetch_related("item__unit", "supplier", "dock__plant")
            .order_by("external_id")
        )
        if not needs:
            raise BatchUnknown(T("There is no data set “%(batch)s”.", "没有数据集“%(batch)s”。", batch=batch))
        ids = [need.pk for need in needs]
        if LoadLine.objects.filter(requirement__in=ids, shipment_line__isnull=False).exists():
            raise BatchAnnounced(
                T("Shipments were announced for these loads.", "这些装车已预报发货，不能重排。")
            )
        calloffs = _calloffs(needs)
        trucks = list(
            PlannedTruck.objects.filter(batch=batch, copy_of=None, archived_at=None)
            .exclude(state=State.CANCELLED)
            .order_by("number")
        )
        plan = _loads(needs, trucks)
        by_number = _extra_trucks(plan.extra_trucks, trucks, batch)
        _load_lines(plan, needs, by_number)
        slots, needed = _slots(plan, needs, by_number, doors_as_needed)
    used = {line.truck for line in plan.lines}
    return InboundPlan(
        calloffs=calloffs,
        load_lines=len(plan.lines),
        planned_used=len(used & {truck.number for truck in trucks}),
        extra_trucks=len(plan.extra_trucks),
        uncovered=Decimal(sum(entry.packages for entry in plan.uncovered)),
        too_heavy_for_one=plan.too_heavy_for_one,
        slots=len(slots),
        waiting=sum(slot.waits > 0 for slot in slots),
        doors_needed=needed,
    )


def inbound_release(*, actor: Any, batch: str) -> tuple[int, list[tuple[CallOff, T]]]:
    """Release a data set's proposals, many at once; publishes `CallOffReleased` for each.

    Returns: how many were released, and those that were not, with the reason.
    """
    with db.atomic():
        wanted = set(
            InboundRequirement.objects.filter(batch=batch, calloff__isnull=False).values_list(
                "calloff_id", flat=True
            )
        )
        rows = list(
            CallOff.objects.select_for_update(of=("self",))
            .filter(pk__in=wanted, state=CallOff.State.DRAFT)
            .prefetch_related("supplier")
            .order_by("pk")
        )
        agreements = _agreements({row.item_id for row in rows})
        good: list[CallOff] = []
        refused: list[tuple[CallOff, T]] = []
        for row in rows:
            row.agreement = next(
                (a for a in agreements[row.item_id, row.supplier_id] if _holds(a, row.window_end)), None
            )
            problem = None
            if row.agreement is None or row.supplier.status != Supplier.Status.APPROVED:
                problem = release_problem(row)
            if problem is None:
                good.append(row)
            else:
                refused.append((row, problem))
        _released(good, actor)
    return len(good), refused


def _agreements(items: set[UUID]) -> dict[tuple[UUID, UUID], list[Agreement]]:
    found: dict[tuple[UUID, UUID], list[Agreement]] = defaultdict(list)
    rows = Agreement.objects.filter(
        item__in=items, status=Agreement.Status.ACTIVE, archived_at=None
    ).order_by("number")
    for row in rows:
        found[row.item_id, row.supplier_id].append(row)
    return found


def _holds(agreement: Agreement, at: datetime) -> bool:
    """Whether the price holds at a window's end."""
    begun = agreement.valid_from is None or agreement.valid_from <= at
    return begun and (agreement.valid_to is None or agreement.valid_to > at)


def _released(rows: Sequence[CallOff], actor: Any) -> None:
    now = clock.now()
    for row in rows:
        row.state, row.released_at = CallOff.State.RELEASED, now
    CallOff.objects.bulk_update(rows, ["state", "released_at", "agreement"], batch_size=CHUNK)
    CallOffVersion.objects.bulk_create(
        [
            CallOffVersion(
                calloff=row,
                supplier_id=row.supplier_id,
                revision=row.revision,
                quantity=row.quantity,
                delta=row.quantity,
                window_start=row.window_start,
                window_end=row.window_end,
            )
            for row in rows
        ],
        batch_size=CHUNK,
    )
    events_publish(
        [
            CallOffReleased(record_id=row.pk, supplier_id=str(row.supplier_id), number=row.number)
            for row in rows
        ],
        actor=actor,
    )


def truck_approve(*, truck: PlannedTruck) -> PlannedTruck:
    """Agree to an extra truck; only then can its shipments be announced. Raises: TruckNotWaiting."""
    with db.atomic():
        row = PlannedTruck.objects.select_for_update(of=("self",)).get(pk=truck.pk)
        if row.state != State.TO_APPROVE:
            raise TruckNotWaiting(
                T(
                    "Truck %(number)s does not wait for approval.",
                    "车次 %(number)s 不在待批状态。",
                    number=row.number,
                )
            )
        row.state = State.APPROVED
        row.save(update_fields=["state"])
    return row


def _calloffs(needs: Sequence[InboundRequirement]) -> int:
    """Make or adjust one call-off per lane, packaging and window; returns how many there are."""
    groups: dict[Any, list[InboundRequirement]] = defaultdict(list)
    for need in needs:
        groups[(*_lane(need), need.plant_id, need.packaging_id, need.earliest, need.latest)].append(need)
    stored = CallOff.objects.in_bulk({need.calloff_id for need in needs if need.calloff_id})
    stores = {plant.pk: _store(plant) for plant in {need.dock.plant for need in needs}}
    new, changed, pegs = [], [], []
    missing = [g for g in groups.values() if all(n.calloff_id is None for n in g)]
    numbers = iter(numbers_next("CO", len(missing)) if missing else ())
    for members in groups.values():
        total = sum((need.quantity for need in members), Decimal(0))
        call = next((stored[need.calloff_id] for need in members if need.calloff_id), None)
        if call is None:
            call = calloff_built(_draft(members[0], total, stores), next(numbers))
            new.append(call)
        elif call.quantity != total and call.state == CallOff.State.DRAFT:
            call.previous_quantity, call.quantity = call.quantity, total
            changed.append(call)
        for need in members:
            if need.calloff_id != call.pk:
                need.calloff_id = call.pk
                pegs.append(need)
    CallOff.objects.bulk_create(new, batch_size=CHUNK)
    CallOff.objects.bulk_update(changed, ["quantity", "previous_quantity"], batch_size=CHUNK)
    InboundRequirement.objects.bulk_update(pegs, ["calloff"], batch_size=CHUNK)
    return len(groups)


def _store(plant: Plant) -> Location:
    found = store_of(plant=plant)
    if found is None:
        raise NoStore(
            T("Plant %(code)s has no store.", "工厂 %(code)s 没有仓库。", code=plant.code), field="plant"
        )
    return found


def _draft(need: InboundRequirement, total: Decimal, stores: Mapping[UUID, Location]) -> CallOffDraft:
    return CallOffDraft(
        item=need.item,
        area=stores[need.dock.plant_id],
        supplier=need.supplier,
        dock=need.dock,
        window_start=need.earliest,
        window_end=need.latest,
        quantity=total,
        requirement_id=need.pk,
    )


def _lane(row: InboundRequirement | TruckLane) -> Lane:
    return row.supplier_id, row.supplier_dock, row.dock_id, row.item_id


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _loads(needs: Sequence[InboundRequirement], trucks: Sequence[PlannedTruck]) -> LoadPlan:
    lanes: dict[UUID, set[Lane]] = defaultdict(set)
    for lane in TruckLane.objects.filter(truck__in=[truck.pk for truck in trucks], archived_at=None):
        lanes[lane.truck_id].add(_lane(lane))
    return trucks_load(
        [
            LoadNeed(
                ident=need.external_id,
                lane=_lane(need),
                packages=int(need.quantity),
                package_grams=need.unit_weight_grams,
                earliest=_minute(need.earliest),
                latest=_minute(need.latest),
            )
            for need in needs
        ],
        [Truck(t.number, _minute(t.arrives_at), t.max_weight_grams, frozenset(lanes[t.pk])) for t in trucks],
    )


def _extra_trucks(
    extras: Iterable[ExtraTruck], trucks: Sequence[PlannedTruck], batch: str
) -> dict[str, PlannedTruck]:
    """Bring the stored extra trucks up to the plan; returns all trucks by number."""
    by_number = {truck.number: truck for truck in trucks}
    stored = {
        truck.number: truck for truck in PlannedTruck.objects.filter(batch=batch, copy_of__isnull=False)
    }
    new: list[PlannedTruck] = []
    for extra in extras:
        model = by_number[extra.copy_of]
        row = stored.pop(extra.ident, None)
        if row is None:
            row = PlannedTruck(
                number=extra.ident,
                batch=batch,
                plant_id=model.plant_id,
                arrives_at=model.arrives_at,
                max_weight_grams=model.max_weight_grams,
                length_mm=model.length_mm,
                width_mm=model.width_mm,
                height_mm=model.height_mm,
                cost=model.cost,
                state=State.TO_APPROVE,
                copy_of=model,
            )
            new.append(row)
        elif row.state == State.CANCELLED:
            row.state = State.TO_APPROVE
            row.save(update_fields=["state"])
        by_number[extra.ident] = row
    PlannedTruck.objects.bulk_create(new)
    PlannedTruck.objects.filter(pk__in=[truck.pk for truck in stored.values()]).exclude(
        state=State.CANCELLED
    ).update(state=State.CANCELLED)
    return by_number


def _load_lines(
    plan: LoadPlan, needs: Sequence[InboundRequirement], by_number: Mapping[str, PlannedTruck]
) -> None:
    by_ident = {need.external_id: need for need in needs}
    stored = {
        (line.requirement_id, line.truck_id): line
        for line in LoadLine.objects.filter(requirement__in=[need.pk for need in needs])
    }
    new, changed = [], []
    for line in plan.lines:
        need, truck = by_ident[line.need], by_number[line.truck]
        grams = line.packages * need.unit_weight_grams
        row = stored.pop((need.pk, truck.pk), None)
        if row is None:
            new.append(
                LoadLine(
                    requirement=need,
                    truck=truck,
                    supplier_id=need.supplier_id,
                    packages=line.packages,
                    grams=grams,
                )
            )
        elif (row.packages, row.grams) != (line.packages, grams):
            row.packages, row.grams = line.packages, grams
            changed.append(row)
    LoadLine.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    LoadLine.objects.bulk_create(new, batch_size=CHUNK)
    LoadLine.objects.bulk_update(changed, ["packages", "grams"], batch_size=CHUNK)


def _slots(
    plan: LoadPlan,
    needs: Sequence[InboundRequirement],
    by_number: Mapping[str, PlannedTruck],
    doors_as_needed: bool,
) -> tuple[list[Slot], dict[str, int]]:
    """Give every (truck, dock) a door; slots of trucks outside this plan keep theirs."""
    dock_of = {need.external_id: need.dock for need in needs}
    docks = {dock.code: dock for dock in dock_of.values()}
    stops = {(line.truck, dock_of[line.need].code) for line in plan.lines}
    visits = [DockVisit(t, dock, _minute(by_number[t].arrives_at)) for t, dock in sorted(stops)]
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
    return Slot("", codes[row.dock_id], row.door, _minute(row.during.lower), _minute(row.during.upper))
