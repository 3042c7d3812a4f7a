"""Requirements on trucks: planned ones, and extra ones that wait for approval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from forms_engine.base import db
from forms_engine.kernel.errors import Conflict
from forms_engine.kernel.text import Text as T
from jit.algorithms.routes.load_trucks import ExtraTruck, LoadNeed, LoadPlan, Truck, trucks_load
from jit.supply.models import InboundRequirement, LoadLine, PlannedTruck, TruckLane
from jit.supply.services.inbound.lanes import CHUNK, Lane, lane_of, minute_of

State = PlannedTruck.State


class TruckNotWaiting(Conflict):
    """The truck is no extra one that waits for approval."""

    code = "supply.truck.not_waiting"


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


def loads_plan(needs: Sequence[InboundRequirement], trucks: Sequence[PlannedTruck]) -> LoadPlan:
    """Work out which truck brings which packages."""
    lanes: dict[UUID, set[Lane]] = defaultdict(set)
    for lane in TruckLane.objects.filter(truck__in=[truck.pk for truck in trucks], archived_at=None):
        lanes[lane.truck_id].add(lane_of(lane))
    return trucks_load(
        [
            LoadNeed(
                ident=need.external_id,
                lane=lane_of(need),
                packages=int(need.quantity),
                package_grams=need.unit_weight_grams,
                earliest=minute_of(need.earliest),
                latest=minute_of(need.latest),
            )
            for need in needs
        ],
        [
            Truck(t.number, minute_of(t.arrives_at), t.max_weight_grams, frozenset(lanes[t.pk]))
            for t in trucks
        ],
    )


def extra_trucks_store(
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


def load_lines_store(
    plan: LoadPlan, needs: Sequence[InboundRequirement], by_number: Mapping[str, PlannedTruck]
) -> None:
    """Bring the stored load lines up to the plan."""
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
