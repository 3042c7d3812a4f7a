"""Planned orders for people and programs: what the last run proposes, and what was fixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from forms_engine.core.query.cursor import SortKey, cursor_read, cursor_write
from forms_engine.core.query.spec import BadQuery
from jit.algorithms.mrp.orders import run_minutes
from jit.catalog.calendars import work_calendars
from jit.catalog.models import Item, RoutingOperation
from jit.planning.models import FirmOrder, PlannedOrder, PlanRun

PAGE_ROWS = 300
ORDER = (SortKey("need_at", "", "timestamptz", False, False), SortKey("id", "", "bigint", False, False))
#: What may be chosen, with the words for people.
KINDS = dict(PlannedOrder.Kind.choices)


@dataclass
class OrderList:
    """One page of the list; `after` leads to the next one, None on the last."""

    run: str = ""
    as_of: datetime | None = None
    rows: list[PlannedOrder] = field(default_factory=list)
    firm: dict[int, FirmOrder] = field(default_factory=dict)
    after: str | None = None


def orders_planned(*, item: str = "", kind: str = "", only_firm: bool = False, after: str = "") -> OrderList:
    """Return planned orders, the soonest need first, `PAGE_ROWS` at a time.

    Args: item: part of an item's code or name; kind: one of `KINDS` or "" for all; after: as an earlier
        page gave it. Raises: BadQuery when it is damaged.
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
    if after:
        need_at, last = _place(after)
        rows = rows.filter(Q(need_at__gt=need_at) | Q(need_at=need_at, id__gt=last))
    found = list(rows.order_by("need_at", "id")[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    more = len(found) > PAGE_ROWS
    firm = FirmOrder.objects.filter(
        state=FirmOrder.State.FIRM, order_id__in=[row.pk for row in shown if row.is_firm]
    )
    return OrderList(
        run.number if run else "",
        run.as_of if run else None,
        shown,
        {row.order_id: row for row in firm},
        cursor_write(ORDER, [shown[-1].need_at.isoformat(), str(shown[-1].pk)]) if more else None,
    )


def _place(after: str) -> tuple[datetime, int]:
    """Return where an earlier page ended. Raises: BadQuery."""
    need_at, last = cursor_read(ORDER, after)
    try:
        moment, number = datetime.fromisoformat(need_at or ""), int(last or "")
        if moment.tzinfo is None or not 0 <= number < 2**63:
            raise ValueError(after)
        return moment, number
    except ValueError:
        raise BadQuery("This page address does not fit the list.", "翻页标记与列表不符。") from None


def orders_dump(found: OrderList) -> dict[str, Any]:
    """Return a list of planned orders as JSON values; `firm` = id of the firm order, to give back or make."""
    return {
        "run": found.run,
        "more": found.after is not None,
        "after": found.after,
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
