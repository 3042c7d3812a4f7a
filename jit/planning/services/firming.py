"""A person fixes a planned order: no run changes it any more; given back, or made into a work order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.kernel.errors import Conflict, MesError, NotFound
from forms_engine.kernel.text import Text as T
from jit.catalog.models import RoutingOperation
from jit.planning.models import FirmOrder, PlannedOrder
from jit.planning.selectors.orders import run_start
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services.work_order import work_order_create

State = FirmOrder.State


class OrderNotFirm(Conflict):
    """It was given back or made into a work order before."""

    code = "planning.firmorder.not_firm"


class OrderPlannedAgain(Conflict):
    """The planned order is firm already, or a run has replaced it."""

    code = "planning.firmorder.planned_again"


class OrderRefused(MesError):
    """An order that cannot be fixed or made."""

    code = "planning.firmorder.refused"


def order_firm(*, actor: Any, order_id: int, item_id: UUID | None = None) -> FirmOrder:
    """Fix a planned order with its quantity and times.

    Args: item_id: its item, if known: then only that item's orders are read.

    Raises:
        NotFound: no run proposes it any more.
        OrderPlannedAgain: firm already, or a run replaced it at this very moment.
        OrderRefused: a forecast line, or an order without a supplier.
    """
    with db.atomic():
        rows = PlannedOrder.objects.filter(pk=order_id)
        row = (rows.filter(item_id=item_id) if item_id else rows).first()
        if row is None:
            raise NotFound(
                T("The last run proposes no such order any more.", "最近一次计划已没有该建议订单。")
            )
        if row.is_firm:
            raise OrderPlannedAgain(T("This order is firm already.", "该订单已经确定。"))
        if row.kind == PlannedOrder.Kind.FORECAST:
            raise OrderRefused(
                T("A forecast line is an outlook, no order.", "预测行只是展望，不能确定。"), field="order"
            )
        if row.is_blocked:
            raise OrderRefused(
                T(
                    "The order has no supplier: approve one and plan again.",
                    "该订单没有货源：请先准入供应商再重新计划。",
                ),
                field="order",
            )
        if not PlannedOrder.objects.filter(pk=order_id, item_id=row.item_id).update(is_firm=True):
            raise OrderPlannedAgain(
                T("A run has just planned this anew. Please look again.", "计划刚刚更新，请重新查看。")
            )
        return FirmOrder.objects.get(order_id=order_id, state=State.FIRM)


def order_unfirm(*, actor: Any, firm_order: FirmOrder) -> FirmOrder:
    """Give it back: it stands among the proposals and the next run may change it. Raises: OrderNotFirm."""
    with db.atomic():
        row = _locked(firm_order.pk)
        PlannedOrder.objects.filter(pk=row.order_id, item_id=row.item_id).update(is_firm=False)
        row.refresh_from_db()
    return row


def order_make(*, actor: Any, firm_order: FirmOrder) -> WorkOrder:
    """Make a work order of a firm order to make, for the same quantity and run.

    Raises: OrderNotFirm; OrderRefused for what is bought or carried, or has no routing.
    """
    with db.atomic():
        row = _locked(firm_order.pk)
        if row.kind != FirmOrder.Kind.MAKE:
            raise OrderRefused(
                T("Only what is made becomes a work order.", "只有自制订单可以转为工单。"), field="kind"
            )
        operation = (
            RoutingOperation.objects.select_related("work_centre__plant__calendar", "work_centre__calendar")
            .filter(
                routing__item_id=row.item_id,
                routing__archived_at=None,
                work_centre__plant_id=row.plant_id,
            )
            .order_by("-routing__revision", "sequence")
            .first()
        )
        if operation is None:
            raise OrderRefused(
                T(
                    "%(item)s has no routing in this plant.",
                    "%(item)s 在该工厂没有工艺路线。",
                    item=row.item.code,
                ),
                field="item",
            )
        made = work_order_create(
            actor=actor,
            item=row.item,
            work_centre=operation.work_centre,
            quantity=row.quantity,
            planned_start=run_start(order=row, operation=operation),
            planned_end=row.finish_at,
        )
        row.state, row.work_order = State.MADE, made
        row.save(update_fields=["state", "work_order"])
    return made


def _locked(firm_order_id: UUID) -> FirmOrder:
    row = FirmOrder.objects.select_for_update(of=("self",)).select_related("item").get(pk=firm_order_id)
    if row.state != State.FIRM:
        raise OrderNotFirm(
            T(
                "Planned order %(number)s is %(state)s.",
                "计划订单 %(number)s 当前为「%(state)s」。",
                number=row.number,
                state=State(row.state).label,
            )
        )
    return row
