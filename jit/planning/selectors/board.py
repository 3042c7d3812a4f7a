"""The planner's board: items × hours, what is called and what is left."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T
from jit.planning.models import PlanRun, PlanRunNode
from jit.planning.selectors.netting import Netting
from jit.planning.selectors.risk import SHOWN, risk_of
from jit.planning.selectors.rows import minute_of
from jit.supply.models import CallOff, ControlCycle, LineCover

MOST_ROWS = 300
HOUR = timedelta(hours=1)


@dataclass
class Cell:
    """One hour of one row. `value` is what arrives by the end of the hour, or the stock just before it."""

    value: Decimal | float
    url: str = ""
    frozen: bool = False
    edge: bool = False
    proposed: bool = False
    short: bool = False
    risk: bool = False


@dataclass
class Row:
    """An item at a supply area."""

    item_id: UUID
    area_id: UUID
    code: str
    name: str
    area: str
    unit: str
    now: Decimal
    calls: list[Cell]
    stock: list[Cell]
    tone: str
    risk: T
    risk_minutes: int | None = None


@dataclass
class Board:
    """The whole grid."""

    hours: list[str]
    rows: list[Row] = field(default_factory=list)
    as_of: datetime | None = None
    run: str = ""
    proposals: int = 0


def board_calls(
    actor: Actor,
    *,
    start: datetime,
    hours: int,
    zone: ZoneInfo,
    search: str = "",
    supplier: UUID | None = None,
    only_risk: bool = False,
) -> Board:
    """Return the board from `start` on for 1 to 96 hours: windows ending in (start + h, start + h + 1].

    Reads in six statements, whatever the number of rows.
    """
    hours = min(max(hours, 1), 96)
    edges = [start + HOUR * (index + 1) for index in range(hours)]
    now = clock.now()
    cycles = list(
        ControlCycle.objects.filter(archived_at=None, item__is_active=True)
        .select_related("item__unit", "area")
        .order_by("item__code", "area__code")
    )
    if search:
        words = search.lower()
        cycles = [
            row for row in cycles if words in f"{row.item.code} {row.item.name} {row.area.code}".lower()
        ]
    calls = _calls(actor, start, edges[-1], supplier)
    if supplier:
        keys = {key[:2] for key in calls}
        cycles = [row for row in cycles if (row.item_id, row.area_id) in keys]
    covers = {(row.item_id, row.area_id): row for row in LineCover.objects.all()}
    nodes = {
        (node.item_id, node.area_id): node
        for node in PlanRunNode.objects.filter(item_id__in=[row.item_id for row in cycles[:MOST_ROWS]])
    }
    run = PlanRun.objects.filter(state=PlanRun.State.DONE).order_by("-finished_at").first()
    board = Board(
        hours=[edge.astimezone(zone).strftime("%H:%M" if hours <= 24 else "%d·%H") for edge in edges],
        as_of=run.as_of if run else None,
        run=run.number if run else "",
        proposals=sum(1 for group in calls.values() for call in group if call.state == CallOff.State.DRAFT),
    )
    for cycle in cycles[:MOST_ROWS]:
        key = (cycle.item_id, cycle.area_id)
        row = _row(cycle, edges, calls, covers.get(key), nodes.get(key), now, start)
        if not only_risk or row.tone in ("short", "risk"):
            board.rows.append(row)
    board.rows.sort(key=lambda row: (row.risk_minutes is None, row.risk_minutes or 0, row.code))
    return board


def _calls(
    actor: Actor, start: datetime, end: datetime, supplier: UUID | None
) -> dict[tuple[UUID, UUID, int], list[CallOff]]:
    rows = CallOff.objects.filter(
        policy.visible(actor, entity("supply.calloff")).q(),
        window_end__gt=start,
        window_end__lte=end,
        state__in=SHOWN,
    ).exclude(kind=CallOff.Kind.FORECAST)
    if supplier:
        rows = rows.filter(supplier_id=supplier)
    found: dict[tuple[UUID, UUID, int], list[CallOff]] = defaultdict(list)
    for row in rows.order_by("window_end", "number"):
        hour = int((row.window_end - start - timedelta(microseconds=1)) // HOUR)
        found[row.item_id, row.area_id, hour].append(row)
    return found


def _row(
    cycle: ControlCycle,
    edges: list[datetime],
    calls: dict[Any, list[CallOff]],
    cover: LineCover | None,
    node: PlanRunNode | None,
    now: datetime,
    start: datetime,
) -> Row:
    frozen_until = now + timedelta(minutes=cycle.frozen_minutes)
    base = f"/board/calls/cell/?item={cycle.item_id}&area={cycle.area_id}"
    cells: list[Cell] = []
    for hour, edge in enumerate(edges):
        group = calls.get((cycle.item_id, cycle.area_id, hour), [])
        frozen = edge < frozen_until
        cells.append(
            Cell(
                sum(
                    (
                        call.quantity if call.confirmed_quantity is None else call.confirmed_quantity
                        for call in group
                    ),
                    Decimal(0),
                ),
                url=f"{base}&at={minute_of(edge)}",
                frozen=frozen,
                edge=frozen and edge + HOUR >= frozen_until,
                proposed=any(call.state == CallOff.State.DRAFT for call in group),
            )
        )
    levels = (
        Netting(node).stock_before([minute_of(edge) for edge in edges])
        if node is not None
        else [0.0] * len(edges)
    )
    safety = node.safety_stock if node is not None else 0.0
    stock = [
        Cell(
            round(level, 1),
            short=level < -1e-6,
            risk=-1e-6 <= level < safety,
            url=f"{base}&at={minute_of(edge)}",
        )
        for level, edge in zip(levels, edges, strict=True)
    ]
    tone, risk, minutes = risk_of(cover, now)
    return Row(
        cycle.item_id,
        cycle.area_id,
        cycle.item.code,
        cycle.item.name,
        cycle.area.name or cycle.area.code,
        cycle.item.unit.code,
        cover.stock if cover else Decimal(0),
        cells,
        stock,
        tone,
        risk,
        minutes,
    )
