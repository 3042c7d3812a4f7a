"""The life of a work order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, WorkCentre
from jit.catalog.numbers import number_next
from jit.catalog.selectors import bom_valid_at, store_of, usage_of
from jit.shopfloor.events import WorkOrderDone, WorkOrderReleased
from jit.shopfloor.models import WorkOrder, WorkOrderComponent

State = WorkOrder.State


class WorkOrderNotOpen(Conflict):
    """The work order is in a state that does not allow this."""

    code = "shopfloor.workorder.not_open"


class WorkOrderRefused(MesError):
    """A guard does not hold: no BOM, no place to take parts from, a wrong time or quantity."""

    code = "shopfloor.workorder.refused"


def locked(work_order_id: UUID) -> WorkOrder:
    """Read a work order for writing."""
    return WorkOrder.objects.select_for_update(of=("self",)).get(pk=work_order_id)


def require_state(row: WorkOrder, allowed: Iterable[str]) -> None:
    """Raises: WorkOrderNotOpen, naming the state it is in."""
    if row.state not in set(allowed):
        raise WorkOrderNotOpen(
            T(
                "Work order %(number)s is %(state)s; this is not possible.",
                "工单 %(number)s 当前为「%(state)s」，不能执行此操作。",
                number=row.number,
                state=State(row.state).label,
            )
        )


def work_order_create(
    *,
    actor: Any,
    item: Item,
    work_centre: WorkCentre,
    quantity: Decimal,
    planned_start: datetime,
    planned_end: datetime,
    plan_line_id: UUID | None = None,
    priority: int = 10,
    number: str = "",
) -> WorkOrder:
    """Plan a work order of `quantity` started units. Raises: WorkOrderRefused."""
    if not quantity > 0:
        raise WorkOrderRefused(T("The quantity must be above zero.", "数量必须大于零。"), field="quantity")
    if planned_end < planned_start:
        raise WorkOrderRefused(T("It would end before it starts.", "完工早于开工。"), field="planned_end")
    with db.atomic():
        row = WorkOrder(
            number=number or number_next("WO"),
            plant_id=work_centre.plant_id,
            item=item,
            work_centre=work_centre,
            quantity=quantity,
            planned_start=planned_start,
            planned_end=planned_end,
            plan_line_id=plan_line_id,
            priority=priority,
            state=State.FIRM,
        )
        row.save(force_insert=True)
    return row


def work_order_release(*, actor: Any, work_order: WorkOrder) -> WorkOrder:
    """Freeze the components by the BOM valid at the start; publishes `WorkOrderReleased`.

    Raises: WorkOrderNotOpen; WorkOrderRefused without a BOM or a place to take a component from.
    """
    with db.atomic():
        row = locked(work_order.pk)
        require_state(row, (State.PLANNED, State.FIRM))
        bom = bom_valid_at(item_id=row.item_id, at=row.planned_start)
        if bom is None:
            raise WorkOrderRefused(T("%(item)s has no BOM.", "%(item)s 没有物料清单。", item=row.item.code))
        row.bom, row.state = bom, State.RELEASED
        row.save(update_fields=["bom", "state"])
        default = row.work_centre.line_side or _store(row)
        WorkOrderComponent.objects.bulk_create(
            WorkOrderComponent(
                work_order=row,
                line_no=index * 10,
                item_id=usage.item_id,
                area_id=usage.area_id or default.pk,
                quantity_per=usage.quantity_per,
                fixed_quantity=usage.fixed_quantity,
                scrap_ratio=usage.scrap_ratio,
            )
            for index, usage in enumerate(usage_of(bom=bom, at=row.planned_start), start=1)
        )
        event_publish(WorkOrderReleased(record_id=row.pk, number=row.number), actor=actor)
    return row


def _store(row: WorkOrder) -> Location:
    found = store_of(plant=row.plant)
    if found is None:
        raise WorkOrderRefused(
            T("There is no line side and no store to take parts from.", "没有线边或仓库可供取料。")
        )
    return found


def work_order_start(*, actor: Any, work_order: WorkOrder) -> WorkOrder:
    """Start, or go on after a pause."""
    with db.atomic():
        row = locked(work_order.pk)
        require_state(row, (State.RELEASED, State.PAUSED))
        row.state, row.started_at = State.STARTED, row.started_at or clock.now()
        row.save(update_fields=["state", "started_at"])
    return row


def work_order_pause(*, actor: Any, work_order: WorkOrder) -> WorkOrder:
    """Stop for a while."""
    with db.atomic():
        row = locked(work_order.pk)
        require_state(row, (State.STARTED,))
        row.state = State.PAUSED
        row.save(update_fields=["state"])
    return row


def work_order_finish(*, actor: Any, work_order: WorkOrder, reason: str = "") -> WorkOrder:
    """End it; short of the ordered quantity only with a reason. Publishes `WorkOrderDone`."""
    with db.atomic():
        row = locked(work_order.pk)
        require_state(row, (State.RELEASED, State.STARTED, State.PAUSED))
        if row.good_quantity + row.scrap_quantity < row.quantity and not reason.strip():
            raise WorkOrderRefused(
                T("Less was reported than ordered: give the reason.", "报工数量少于工单数量，请填写原因。"),
                field="reason",
            )
        finish(actor, row, reason)
    return row


def finish(actor: Any, row: WorkOrder, reason: str) -> None:
    """Set a locked work order to DONE."""
    row.state, row.done_at, row.done_reason = State.DONE, clock.now(), reason
    row.save(update_fields=["state", "done_at", "done_reason"])
    event_publish(WorkOrderDone(record_id=row.pk, number=row.number), actor=actor)


def work_order_cancel(*, actor: Any, work_order: WorkOrder) -> WorkOrder:
    """Take it back before it starts."""
    with db.atomic():
        row = locked(work_order.pk)
        require_state(row, (State.PLANNED, State.FIRM, State.RELEASED))
        row.state = State.CANCELLED
        row.save(update_fields=["state"])
    return row


def work_order_from_form(*, actor: Any, values: Mapping[str, Any]) -> WorkOrder:
    """Create a work order from a form's or an import's values; references are ids."""
    return work_order_create(
        actor=actor,
        item=Item.objects.get(pk=values["item"]),
        work_centre=WorkCentre.objects.get(pk=values["work_centre"]),
        quantity=values["quantity"],
        planned_start=values["planned_start"],
        planned_end=values["planned_end"],
        priority=values.get("priority") or 10,
        number=values.get("number") or "",
    )
