"""A data set's requirements become call-offs, loads and door slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from forms_engine.base import db
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.supply.models import InboundRequirement, LoadLine, PlannedTruck
from jit.supply.services.inbound.calls import calloffs_upsert
from jit.supply.services.inbound.loads import State, extra_trucks_store, load_lines_store, loads_plan
from jit.supply.services.inbound.slots import slots_give


class BatchUnknown(MesError):
    """There are no inbound requirements of this data set."""

    code = "supply.inbound.batch_unknown"


class BatchAnnounced(Conflict):
    """Shipments have been announced for these loads, so they stay as they are."""

    code = "supply.inbound.announced"


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
        calloffs = calloffs_upsert(needs)
        trucks = list(
            PlannedTruck.objects.filter(batch=batch, copy_of=None, archived_at=None)
            .exclude(state=State.CANCELLED)
            .order_by("number")
        )
        plan = loads_plan(needs, trucks)
        by_number = extra_trucks_store(plan.extra_trucks, trucks, batch)
        load_lines_store(plan, needs, by_number)
        slots, needed = slots_give(plan, needs, by_number, doors_as_needed)
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
