"""Reporting work (报工): good and scrap in, components out by backflush, never below zero."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location
from jit.catalog.selectors import store_of
from jit.catalog.units import division_fault
from jit.shopfloor.events import ReportMade
from jit.shopfloor.models import Report, WorkOrder, WorkOrderComponent
from jit.shopfloor.services.work_order import State, finish, locked, require_state
from jit.stock.models import Posting, StockMove
from jit.stock.selectors import lots_for_use
from jit.stock.services import (
    Line,
    StockShort,
    move_post,
    pair,
    posting_reverse,
    variance_open,
    virtual_location,
)

STEP = Decimal("0.000001")
RETRIES = 3


class ReportRefused(MesError):
    """A quantity that cannot be reported."""

    code = "shopfloor.report.refused"


def report_make(
    *, actor: Any, work_order: WorkOrder, good: Decimal, scrap: Decimal = Decimal(0), scrap_reason: str = ""
) -> Report:
    """Report good and scrapped units; components leave the line by the frozen BOM. Publishes `ReportMade`.

    What the line side does not hold goes to the variance queue; nothing becomes negative (domain 3.16).

    Raises:
        WorkOrderNotOpen: not released, or finished.
        ReportRefused: nothing, negative, more than ordered, or finer than the unit may be divided.
    """
    if good < 0 or scrap < 0 or good + scrap <= 0:
        raise ReportRefused(
            T("Report at least one good or scrapped unit.", "请填写合格或报废数量。"), field="good"
        )
    with db.atomic():
        order = locked(work_order.pk)
        require_state(order, (State.RELEASED, State.STARTED, State.PAUSED))
        rest = order.quantity - order.good_quantity - order.scrap_quantity
        if good + scrap > rest:
            raise ReportRefused(
                T(
                    "Only %(rest)s are still to be reported.",
                    "最多还可报 %(rest)s。",
                    rest=f"{rest.normalize():f}",
                ),
                field="good",
            )
        _whole_pieces(order, good=good, scrap=scrap)
        first = order.good_quantity + order.scrap_quantity == 0
        report = Report(
            work_order=order,
            good_quantity=good,
            scrap_quantity=scrap,
            scrap_reason=scrap_reason,
            reported_at=clock.now(),
            reported_by=actor.name,
        )
        report.save(force_insert=True)
        report.posting_id, missing = _posted(actor, order, report, first)
        for row, quantity in missing:
            variance_open(
                actor=actor,
                item_id=row.item_id,
                location_id=row.area_id,
                quantity=quantity,
                document=order.number,
                document_id=report.pk,
            )
        report.save(update_fields=["posting"])
        order.good_quantity += good
        order.scrap_quantity += scrap
        order.started_at = order.started_at or report.reported_at
        order.state = State.STARTED
        order.save(update_fields=["good_quantity", "scrap_quantity", "started_at", "state"])
        if order.good_quantity + order.scrap_quantity >= order.quantity:
            finish(actor, order, "")
        event_publish(
            ReportMade(
                record_id=report.pk,
                work_order=order.number,
                good=str(good),
                scrap=str(scrap),
                short=len(missing),
            ),
            actor=actor,
        )
    return report


def _posted(
    actor: Any, order: WorkOrder, report: Report, first: bool
) -> tuple[UUID, list[tuple[WorkOrderComponent, Decimal]]]:
    """Post components and output; returns the posting and what the line side did not hold."""
    rows = list(
        WorkOrderComponent.objects.select_related("item", "area").filter(work_order=order).order_by("line_no")
    )
    made = report.good_quantity + report.scrap_quantity
    for attempt in range(RETRIES):
        lines, taken, missing = _backflush(order, report, rows, made, first)
        try:
            posting_id, _ = move_post(
                actor=actor,
                kind=Posting.Kind.BACKFLUSH,
                lines=lines + _output(order, report.good_quantity, report.scrap_quantity),
                document=order.number,
                document_id=report.pk,
                occurred_at=report.reported_at,
            )
        except StockShort:
            # Somebody took from the same line side between reading and posting: look again.
            if attempt == RETRIES - 1:
                raise
            continue
        for row in rows:
            row.consumed_quantity += taken[row.pk]
        WorkOrderComponent.objects.bulk_update(rows, ["consumed_quantity"])
        return posting_id, missing
    raise AssertionError("unreachable")


def _backflush(
    order: WorkOrder, report: Report, rows: list[WorkOrderComponent], made: Decimal, first: bool
) -> tuple[list[Line], dict[UUID, Decimal], list[tuple[WorkOrderComponent, Decimal]]]:
    """Return the lines that take components (first expired lot first), what each took, what is missing."""
    used = virtual_location(plant=order.plant, kind=Location.Kind.PRODUCTION)
    lines: list[Line] = []
    took: dict[UUID, Decimal] = {}
    missing: list[tuple[WorkOrderComponent, Decimal]] = []
    by_lot: dict[tuple[UUID, UUID, UUID | None], Decimal] = {}  # what earlier rows of this report took
    for row in rows:
        need = (made * row.quantity_per / (1 - row.scrap_ratio)).quantize(STEP, ROUND_HALF_EVEN)
        need += row.fixed_quantity if first else 0
        rest = need
        for stock in lots_for_use(item=row.item, location=row.area, used_at=report.reported_at):
            key = (row.item_id, row.area_id, stock.lot_id)
            part = min(rest, stock.quantity - by_lot.get(key, Decimal(0)))
            if part <= 0:
                continue
            by_lot[key] = by_lot.get(key, Decimal(0)) + part
            lines += pair(
                item_id=row.item_id, from_id=row.area_id, to_id=used.pk, quantity=part, lot_id=stock.lot_id
            )
            rest -= part
        if rest > 0:
            missing.append((row, rest))
        took[row.pk] = need - rest
    return lines, took, missing


def _output(order: WorkOrder, good: Decimal, scrap: Decimal) -> list[Line]:
    made = virtual_location(plant=order.plant, kind=Location.Kind.PRODUCTION)
    lines: list[Line] = []
    if good > 0:
        place = order.work_centre.output or _store(order)
        lines += pair(item_id=order.item_id, from_id=made.pk, to_id=place.pk, quantity=good)
    if scrap > 0:
        bin_ = virtual_location(plant=order.plant, kind=Location.Kind.SCRAP)
        lines += pair(item_id=order.item_id, from_id=made.pk, to_id=bin_.pk, quantity=scrap)
    return lines


def _store(order: WorkOrder) -> Location:
    found = store_of(plant=order.plant)
    if found is None:
        raise ReportRefused(T("There is no store for finished goods.", "没有成品入库的仓库。"))
    return found


def report_reverse(*, actor: Any, report: Report, reason: str = "") -> Report:
    """Take a report back: the same lots return. Raises: Conflict if done before; StockShort."""
    with db.atomic():
        order = locked(report.work_order_id)
        original = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
        if original.reverses_id or Report.objects.filter(reverses=original).exists():
            raise Conflict(T("This report has been reversed already.", "该报工已冲销。"))
        back = Report(
            work_order=order,
            good_quantity=-original.good_quantity,
            scrap_quantity=-original.scrap_quantity,
            scrap_reason=reason,
            reported_at=clock.now(),
            reported_by=actor.name,
            reverses=original,
        )
        if original.posting is not None:
            back.posting_id = posting_reverse(actor=actor, posting=original.posting, reason=reason)
        back.save(force_insert=True)
        order.good_quantity -= original.good_quantity
        order.scrap_quantity -= original.scrap_quantity
        if order.state == State.DONE:
            order.state, order.done_at = State.STARTED, None
        order.save(update_fields=["good_quantity", "scrap_quantity", "state", "done_at"])
        _uncount(order, original.posting_id)
        event_publish(
            ReportMade(
                record_id=back.pk,
                work_order=order.number,
                good=str(back.good_quantity),
                scrap=str(back.scrap_quantity),
                short=0,
            ),
            actor=actor,
        )
    return back


def _uncount(order: WorkOrder, posting_id: UUID | None) -> None:
    """Give back to the components what the reversed posting really took."""
    took = {
        (item, place): -total
        for item, place, total in StockMove.objects.filter(posting_id=posting_id, quantity__lt=0)
        .values_list("item_id", "location_id")
        .annotate(total=Sum("quantity"))
        .order_by()
    }
    rows = list(WorkOrderComponent.objects.filter(work_order=order).order_by("line_no"))
    for row in rows:
        back = min(row.consumed_quantity, took.get((row.item_id, row.area_id), Decimal(0)))
        row.consumed_quantity -= back
        if back:
            took[row.item_id, row.area_id] -= back
    WorkOrderComponent.objects.bulk_update(rows, ["consumed_quantity"])


def _whole_pieces(order: WorkOrder, **reported: Decimal) -> None:
    """Refuse half a piece; an order that was made for one may end with it. Raises: ReportRefused."""
    for name, quantity in reported.items():
        words = division_fault(quantity, order.item.unit, beside=order.quantity)
        if words is not None:
            raise ReportRefused(words, field=name)
