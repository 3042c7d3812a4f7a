"""One call-off per lane, packaging and window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location, Plant
from jit.catalog.numbers import numbers_next
from jit.catalog.selectors import store_of
from jit.supply.models import CallOff, InboundRequirement
from jit.supply.services.call_off import CallOffDraft, calloff_built
from jit.supply.services.inbound.lanes import CHUNK, lane_of


class NoStore(MesError):
    """A plant without a store cannot receive."""

    code = "supply.inbound.no_store"


def calloffs_upsert(needs: Sequence[InboundRequirement]) -> int:
    """Make or adjust one call-off per lane, packaging and window; returns how many there are."""
    groups: dict[Any, list[InboundRequirement]] = defaultdict(list)
    for need in needs:
        groups[(*lane_of(need), need.plant_id, need.packaging_id, need.earliest, need.latest)].append(need)
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
