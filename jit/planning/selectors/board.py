"""The planner's board: items × hours, what is called and what is left."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T
from jit.planning.models import PlanException, PlanRun, PlanRunNode
from jit.planning.selectors.rows import minute_of, moment_of
from jit.supply.models import CallOff, ControlCycle, LineCover

MOST_ROWS = 300
HOUR = timedelta(hours=1)
#: Call-offs that stand on the board; refused and withdrawn ones do not.
SHOWN = tuple(state for state in CallOff.LIVE if state != CallOff.State.HOLD)


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
        stock_before(node, [minute_of(edge) for edge in edges]) if node is not None else [0.0] * len(edges)
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


def stock_before(node: PlanRunNode, minutes: list[int]) -> list[float]:
    """Return the stock just before the arrivals of each minute: G1's 77.6, 155.1, …"""
    due, need = (
        np.frombuffer(bytes(node.requirement_at), "<i8"),
        np.frombuffer(bytes(node.requirement_quantity), "<f8"),
    )
    at, quantity = (
        np.frombuffer(bytes(node.supply_at), "<i8"),
        np.frombuffer(bytes(node.supply_quantity), "<f8"),
    )
    return [
        float(node.opening + quantity[at < minute].sum() - need[due < minute].sum()) for minute in minutes
    ]


def risk_of(cover: LineCover | None, now: datetime) -> tuple[str, T, int | None]:
    """Return the signal of a line cover: tone, words, minutes left (None = covered)."""
    if cover is None or cover.stock_out_at is None:
        return "ok", T("covered", "已覆盖"), None
    left = max(0, int((cover.stock_out_at - now).total_seconds() // 60))
    tone = "short" if left < 60 else "risk" if left < 240 else "ok"
    words = (
        T("%(h)s h", "%(h)s 小时", h=f"{left / 60:.1f}")
        if left >= 120
        else T("%(m)s min", "%(m)s 分钟", m=left)
    )
    return tone, words, left


@dataclass(frozen=True)
class Peg:
    """So much for whom, needed when."""

    label: str
    at: datetime
    quantity: float


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
    serves: list[Peg]
    needs: list[Peg]
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
    node = PlanRunNode.objects.filter(item_id=item_id, area_id=area_id).first()
    serves, needs, missing = ([], [], 0.0) if node is None else _pegs(node, at)
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


def _pegs(node: PlanRunNode, at: int) -> tuple[list[Peg], list[Peg], float]:
    """First come, first served (pull.md 29): supplies by arrival, needs by minute, as running totals."""
    due, need = (
        np.frombuffer(bytes(node.requirement_at), "<i8"),
        np.frombuffer(bytes(node.requirement_quantity), "<f8"),
    )
    source = np.frombuffer(bytes(node.requirement_source), "<i4")
    arrives, quantity = (
        np.frombuffer(bytes(node.supply_at), "<i8"),
        np.frombuffer(bytes(node.supply_quantity), "<f8"),
    )
    order = np.argsort(arrives, kind="stable")
    arrives, quantity = arrives[order], quantity[order]
    upto = node.opening + np.concatenate(([0.0], np.cumsum(quantity)))
    used = np.concatenate(([0.0], np.cumsum(need)))
    mine = np.flatnonzero((arrives > at - 60) & (arrives <= at))
    serves = []
    for index in mine:
        low, high = upto[index], upto[index + 1]
        for row in np.flatnonzero((used[:-1] < high - 1e-9) & (used[1:] > low + 1e-9)):
            part = min(high, used[row + 1]) - max(low, used[row])
            serves.append(Peg(node.labels[source[row]], moment_of(due[row]), round(float(part), 3)))
    hour = np.flatnonzero((due >= at - 60) & (due < at))
    needs = [Peg(node.labels[source[row]], moment_of(due[row]), round(float(need[row]), 3)) for row in hour]
    have = node.opening + float(quantity[arrives < at].sum())
    missing = max(0.0, float(need[due < at].sum()) - have)
    return serves, needs, round(missing, 3)


@dataclass(frozen=True)
class Live:
    """The wall: what lasts how long, what is called hour by hour, what is late."""

    lines: list[tuple[str, list[Any]]]
    hours: list[Any]
    late: list[CallOff]
    unanswered: int
    at_dock: int
    as_of: datetime


def board_live(actor: Actor, *, zone: ZoneInfo) -> Live:
    """Return the live board; four statements."""
    now = clock.now()
    lines: dict[str, list[Any]] = defaultdict(list)
    for cover in LineCover.objects.select_related("item__unit", "area").order_by(
        "stock_out_at", "item__code"
    ):
        tone, words, left = risk_of(cover, now)
        lines[cover.area.line or cover.area.code].append(
            {
                "code": cover.item.code,
                "name": cover.item.name,
                "unit": cover.item.unit.code,
                "stock": round(cover.stock, 2),  # backflush by scrap rates leaves six decimals nobody reads
                "tone": tone,
                "words": words,
                "left": left,
                "hours": _hours(cover, now),
                "area": cover.area.name,
                "next_at": cover.next_arrival_at,
                "next_quantity": cover.next_arrival_quantity,
                "burn": cover.burn_per_hour,
            }
        )
    seen = policy.visible(actor, entity("supply.calloff")).q()
    coming = list(
        CallOff.objects.filter(
            seen,
            state__in=[s for s in SHOWN if s not in ("DRAFT", "RECEIVED")],
            window_end__lte=now + HOUR * 12,
        )
        .exclude(kind=CallOff.Kind.FORECAST)
        .select_related("supplier")
        .order_by("window_end", "number")[:1000]
    )
    hours: dict[str, list[CallOff]] = defaultdict(list)
    for call in coming:
        if call.window_end >= now:
            hours[call.window_end.astimezone(zone).strftime("%H:%M")].append(call)
    late = [call for call in coming if (call.promised_at or call.window_end) < now]
    return Live(
        sorted(lines.items()),
        [
            {
                "hour": hour,
                "count": len(group),
                "unanswered": sum(1 for call in group if call.state in ("RELEASED", "SENT", "ACKED")),
                "shipped": sum(1 for call in group if call.state in ("SHIPPED", "AT_GATE", "UNLOADED")),
                "calls": group[:12],
            }
            for hour, group in sorted(hours.items())
        ],
        late[:50],
        sum(1 for call in coming if call.state in ("RELEASED", "SENT", "ACKED")),
        sum(1 for call in coming if call.state in ("AT_GATE", "UNLOADED")),
        now,
    )


def _hours(cover: LineCover, now: datetime) -> str:
    """Return cover in hours: until it runs out, or stock over burn when nothing is short."""
    if cover.stock_out_at is not None:
        return f"{max(0.0, (cover.stock_out_at - now).total_seconds() / 3600):.1f}"
    return f"{float(cover.stock / cover.burn_per_hour):.1f}" if cover.burn_per_hour > 0 else "–"


def exceptions_of_last_run(*, kind: str = "", limit: int = 500) -> tuple[PlanRun | None, list[PlanException]]:
    """Return the last finished run and its exceptions, worst first."""
    run = PlanRun.objects.filter(state=PlanRun.State.DONE).order_by("-finished_at").first()
    if run is None:
        return None, []
    rows = PlanException.objects.filter(run=run).select_related("item", "area", "supplier")
    if kind:
        rows = rows.filter(kind=kind)
    return run, list(rows.order_by("severity", "at")[:limit])
