"""Planned orders for people and programs: what the last run proposes, and what was fixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jit.algorithms.mrp.orders import run_minutes
from jit.catalog.calendars import work_calendars
from jit.catalog.models import Item, RoutingOperation
from jit.planning.models import FirmOrder, PlannedOrder, PlanRun

MOST_ROWS = 300
#: What may be chosen, with the words for people.
KINDS = dict(PlannedOrder.Kind.choices)


@dataclass
class OrderList:
    """What the list shows; `more` = there are others that the filter leaves too many of."""

    run: str = ""
    as_of: datetime | None = None
    rows: list[PlannedOrder] = field(default_factory=list)
    firm: dict[int, FirmOrder] = field(default_factory=dict)
    more: bool = False


def orders_planned(*, item: str = "", kind: str = "", only_firm: bool = False) -> OrderList:
    """Return planned orders, the soonest need first, at most `MOST_ROWS`.

    Args: item: part of an item's code or name; kind: one of `KINDS` or "" for all.
    """
    run = PlanRun.objects.filter(state=PlanRun.State.DONE).order_by("-finished_at").first()
    rows = PlannedOrder.objects.select_related("item__unit", "plant", "area", "source")
    if item:
        named = Item.objects.filter(code__icontains=item) | Item.objects.filter(name__icontains=item)
        rows = rows.filter(item_id__in=list(named.values_list("pk", flat=True)[:1000]))
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    if only_firm:
        rows = rows.filter(is_firm=True)
    found = list(rows.order_by("need_at", "id")[: MOST_ROWS + 1])
    shown = found[:MOST_ROWS]
    firm = FirmOrder.objects.filter(
        state=FirmOrder.State.FIRM, order_id__in=[row.pk for row in shown if row.is_firm]
    )
    return OrderList(
        run.number if run else "",
        run.as_of if run else None,
        shown,
        {row.order_id: row for row in firm},
        len(found) > MOST_ROWS,
    )


def orders_dump(found: OrderList) -> dict[str, Any]:
    """Return a list of planned orders as JSON values; `firm` = id of the firm order, to give back or make."""
    return {
        "run": found.run,
        "more": found.more,
        "rows": [
            {
                "order": row.pk,
                "kind": row.kind,
                "item": {"id": str(row.item_id), "label": row.item.code},
                "plant": row.plant.code,
                "area": row.area.code if row.area else None,
                "supplier": row.source.code if row.source else None,
                "quantity": row.quantity,
                "good_quantity": row.good_quantity,
                "start_at": row.start_at.isoformat(),
                "finish_at": row.finish_at.isoformat(),
                "need_at": row.need_at.isoformat(),
                "is_blocked": row.is_blocked,
                "is_firm": row.is_firm,
                "firm": str(found.firm[row.pk].pk) if row.pk in found.firm else None,
            }
            for row in found.rows
        ],
    }


def run_start(*, order: FirmOrder, operation: RoutingOperation) -> datetime:
    """Return when the run of a firm order begins: its working minutes before its finish, as planned.

    An order that is late begins at its start: the run has moved it as a whole.
    """
    minutes = run_minutes(float(operation.seconds_per_unit) / 60.0, float(order.quantity))
    centre = operation.work_centre
    hours = work_calendars().get(centre.calendar_id or centre.plant.calendar_id)
    if minutes == 0 or order.finish_at > order.need_at:
        return order.start_at
    if hours is None:
        return order.finish_at - timedelta(minutes=minutes)
    return max(hours.back(order.finish_at, minutes), order.start_at)
