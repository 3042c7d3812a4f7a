"""One hour of one row of the board, explained: what arrives, for whom, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from jit.planning.models import PlanRun, PlanRunNode
from jit.planning.selectors.netting import run_last
from jit.planning.selectors.pegs import NodePegs, Served, node_of
from jit.planning.selectors.risk import SHOWN
from jit.planning.selectors.rows import moment_of
from jit.supply.models import CallOff, ControlCycle


@dataclass(frozen=True)
class CellDetail:
    """What a cell is made of: its call-offs, whom they serve, and what is missing in that hour."""

    item: str
    name: str
    area: str
    unit: str
    from_at: datetime
    to_at: datetime
    calls: list[CallOff]
    serves: list[Served]
    needs: list[Served]
    missing: float


def board_cell(actor: Actor, *, item_id: UUID, area_id: UUID, at: int) -> CellDetail | None:
    """Return the detail of the hour that ends at minute `at`; None if the pair is not on the board."""
    cycle = (
        ControlCycle.objects.select_related("item__unit", "area")
        .filter(item_id=item_id, area_id=area_id)
        .first()
    )
    if cycle is None:
        return None
    start, end = moment_of(at - 60), moment_of(at)
    calls = list(
        CallOff.objects.filter(
            policy.visible(actor, entity("supply.calloff")).q(),
            item_id=item_id,
            area_id=area_id,
            window_end__gt=start,
            window_end__lte=end,
            state__in=(*SHOWN, CallOff.State.HOLD, CallOff.State.DECLINED),
        )
        .select_related("supplier")
        .order_by("window_end", "number")
    )
    node = node_of(item_id=item_id, plant_id=cycle.area.plant_id, area_id=area_id)
    run = run_last()
    serves, needs, missing = ([], [], 0.0) if node is None or run is None else _explained(node, run, at)
    return CellDetail(
        cycle.item.code,
        cycle.item.name,
        cycle.area.name or cycle.area.code,
        cycle.item.unit.code,
        start,
        end,
        calls,
        serves,
        needs,
        missing,
    )


def _explained(node: PlanRunNode, run: PlanRun, at: int) -> tuple[list[Served], list[Served], float]:
    """Return whom the hour's arrivals serve by the run's own pegs, its needs, and what is missing."""
    pegs = NodePegs(node, run)
    n = pegs.netting
    comes = (n.kind != PlanRunNode.LOT) & (n.at > at - 60) & (n.at <= at)
    serves = pegs.served(set(np.flatnonzero(comes).tolist()))
    hour = np.flatnonzero((n.due >= at - 60) & (n.due < at)).tolist()
    needs = [
        Served(n.labels[n.cause[row]], moment_of(n.due[row]), round(float(n.need[row]), 3)) for row in hour
    ]
    return serves, needs, round(max(0.0, -n.stock_before([at])[0]), 3)
