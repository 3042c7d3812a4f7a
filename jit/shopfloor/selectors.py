"""Reading for the line: which orders run, how long the line side lasts, what was reported."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.core.query import QuerySpec, query_page
from forms_engine.kernel.text import Text as T
from jit.shopfloor.models import Report, WorkOrder, WorkOrderComponent
from jit.stock.models import Variance
from jit.stock.selectors import stock_by_place

REPORTABLE = (WorkOrder.State.RELEASED, WorkOrder.State.STARTED, WorkOrder.State.PAUSED)
COVER = "supply.linecover"
MOST = 40
#: Minutes of cover below which a component is short, or at risk; the live board uses the same.
SHORT, RISK = 60, 240


@dataclass(frozen=True)
class LineStock:
    """One component at its line side. `minutes` of cover: None = nothing burns it."""

    component: WorkOrderComponent
    stock: Decimal
    minutes: int | None
    tone: str
    words: T


@dataclass
class Reported:
    """A report with what it left in the variance queue."""

    report: Report
    is_reversed: bool
    variances: list[Variance] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The report's id as text, for the ids of the page."""
        return str(self.report.pk)

    @property
    def may_reverse(self) -> bool:
        return not self.is_reversed and self.report.reverses_id is None


@dataclass
class LineOrder:
    """A work order on the line's screen."""

    order: WorkOrder
    rest: Decimal
    stock: list[LineStock]
    reports: list[Reported]
    reasons: list[str]

    @property
    def is_open(self) -> bool:
        return self.order.state in REPORTABLE

    @property
    def reported(self) -> Decimal:
        return self.order.good_quantity + self.order.scrap_quantity


def orders_running(actor: Actor) -> list[WorkOrder]:
    """Return the orders one may report on: running first, then those this person reported, then by start."""
    mine = Report.objects.filter(work_order=OuterRef("pk"), reported_by=actor.name)
    rank = Case(
        When(state=WorkOrder.State.STARTED, then=Value(0)),
        When(state=WorkOrder.State.PAUSED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(
        WorkOrder.objects.filter(_seen(actor), state__in=REPORTABLE)
        .select_related("item__unit", "work_centre")
        .annotate(rank=rank, is_mine=Exists(mine))
        .order_by("rank", "-is_mine", "planned_start", "number")[:MOST]
    )


def order_of_code(actor: Actor, number: str) -> WorkOrder | None:
    """Return the work order of a number."""
    return WorkOrder.objects.filter(_seen(actor), number=number).first()


def order_seen(actor: Actor, order_id: UUID) -> WorkOrder | None:
    """Return a work order the actor may see."""
    return (
        WorkOrder.objects.filter(_seen(actor), pk=order_id)
        .select_related("item__unit", "work_centre__line_side", "plant")
        .first()
    )


def _seen(actor: Actor) -> Q:
    return policy.visible(actor, entity("shopfloor.workorder")).q()


def order_on_line(actor: Actor, order: WorkOrder, *, reports: int = 6) -> LineOrder:
    """Return an order with its line-side stock and its last reports."""
    rest = max(order.quantity - order.good_quantity - order.scrap_quantity, Decimal(0))
    return LineOrder(order, rest, line_stock(actor, order), _reports(order, reports), _reasons(order))


def line_stock(actor: Actor, order: WorkOrder) -> list[LineStock]:
    """Return each component's stock at its line side and how long it lasts.

    The burn is what planning worked out for the line (all orders); without it, this order at the line's pace.
    """
    rows = list(
        WorkOrderComponent.objects.filter(work_order=order)
        .select_related("item__unit", "area")
        .order_by("line_no")
    )
    stock = stock_by_place(location_ids={row.area_id for row in rows})
    burns = _burns(actor, rows)
    found = []
    for row in rows:
        held = stock.get((row.item_id, row.area_id), Decimal(0))
        own = order.work_centre.units_per_hour * row.quantity_per / (1 - row.scrap_ratio)
        burn = burns.get((row.item_id, row.area_id)) or own
        minutes = int(held * 60 / burn) if burn > 0 else None
        found.append(LineStock(row, held, minutes, *_signal(minutes, held)))
    return found


def _burns(actor: Actor, rows: list[WorkOrderComponent]) -> dict[tuple[UUID, UUID], Decimal]:
    """Return the burn per hour by item and area; supply is a sibling room, so it is asked by its noun."""
    if not rows or not policy.can(actor, policy.READ, entity(COVER)):
        return {}
    spec = QuerySpec(
        filter=[
            "and",
            ["in", "item", sorted({str(row.item_id) for row in rows})],
            ["in", "area", sorted({str(row.area_id) for row in rows})],
        ],
        fields=("item", "area", "burn_per_hour"),
        size=500,
    )
    return {
        (UUID(str(row["item"]["id"])), UUID(str(row["area"]["id"]))): Decimal(str(row["burn_per_hour"] or 0))
        for row in query_page(actor, COVER, spec).rows
    }


def _signal(minutes: int | None, held: Decimal) -> tuple[str, T]:
    if held <= 0:
        return "short", T("nothing left", "已空")
    if minutes is None:
        return "idle", T("not used now", "当前不消耗")
    tone = "short" if minutes < SHORT else "risk" if minutes < RISK else "ok"
    if minutes < 120:
        return tone, T("%(m)s min", "%(m)s 分钟", m=minutes)
    return tone, T("%(h)s h", "%(h)s 小时", h=f"{minutes / 60:.1f}")


def _reports(order: WorkOrder, limit: int) -> list[Reported]:
    rows = list(Report.objects.filter(work_order=order).order_by("-reported_at")[:limit])
    ids = [row.pk for row in rows]
    reversed_ids = set(Report.objects.filter(reverses_id__in=ids).values_list("reverses_id", flat=True))
    open_ones: dict[UUID | None, list[Variance]] = defaultdict(list)
    for variance in Variance.objects.filter(document_id__in=ids).select_related("item__unit", "location"):
        open_ones[variance.document_id].append(variance)
    return [Reported(row, row.pk in reversed_ids, open_ones[row.pk]) for row in rows]


def _reasons(order: WorkOrder) -> list[str]:
    """Return the reasons for scrap used last at this work centre, to choose from."""
    used = (
        Report.objects.filter(
            work_order__work_centre=order.work_centre_id, reverses=None, scrap_quantity__gt=0
        )
        .exclude(scrap_reason="")
        .order_by("-reported_at")
        .values_list("scrap_reason", flat=True)[:50]
    )
    return list(dict.fromkeys(used))[:6]
