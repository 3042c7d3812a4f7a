"""The life of a production plan: draft, submitted, released into work orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.journal.services import event_publish
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, ErrorList, FieldError
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, WorkCentre
from jit.catalog.numbers import number_next
from jit.planning.events import PlanReleased, PlanSubmitted
from jit.planning.models import PlanRun, ProductionPlan, ProductionPlanLine
from jit.planning.services.run import run_request
from jit.shopfloor.services.work_order import work_order_create, work_order_release

State = ProductionPlan.State


class PlanNotOpen(Conflict):
    """The plan is in a state that does not allow this."""

    code = "planning.plan.not_open"


class PlanRefused(ErrorList):
    """Lines that cannot be made."""

    code = "planning.plan.refused"


def _locked(plan_id: UUID) -> ProductionPlan:
    return ProductionPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)


def _require(row: ProductionPlan, allowed: Iterable[str]) -> None:
    if row.state not in set(allowed):
        raise PlanNotOpen(
            T(
                "Plan %(number)s is %(state)s; this is not possible.",
                "计划 %(number)s 当前为「%(state)s」，不能执行此操作。",
                number=row.number,
                state=State(row.state).label,
            )
        )


def plan_create(*, actor: Any, values: Mapping[str, Any]) -> ProductionPlan:
    """Save a draft with its lines."""
    given = dict(values)
    lines = given.pop("lines", None) or []
    with db.atomic():
        row = ProductionPlan(**_columns(ProductionPlan, given))
        row.number = row.number or number_next("PP")
        row.state = State.DRAFT
        row.submitted_by_id = actor.user_id
        row.save(force_insert=True)
        _lines_saved(row, lines)
    return row


def plan_update(*, actor: Any, record: ProductionPlan, values: Mapping[str, Any]) -> ProductionPlan:
    """Change a draft or a returned plan; given lines replace those that stand. Raises: PlanNotOpen."""
    given = dict(values)
    lines = given.pop("lines", None)
    with db.atomic():
        row = _locked(record.pk)
        _require(row, (State.DRAFT, State.RETURNED))
        for name, value in _columns(ProductionPlan, given).items():
            setattr(row, name, value)
        row.save()
        if lines is not None:
            _lines_saved(row, lines)
    return row


def _columns(model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {model._meta.get_field(name).attname: value for name, value in values.items() if value is not None}


def _lines_saved(row: ProductionPlan, lines: Sequence[Mapping[str, Any]]) -> None:
    kept: list[UUID] = []
    for index, line in enumerate(lines, start=1):
        given = {key: value for key, value in line.items() if key not in ("id", "plan")}
        given["line_no"] = given.get("line_no") or index * 10
        columns = _columns(ProductionPlanLine, given)
        if line.get("id"):
            ProductionPlanLine.objects.filter(pk=line["id"], plan=row).update(**columns)
            kept.append(line["id"])
        else:
            kept.append(ProductionPlanLine.objects.create(plan=row, **columns).pk)
    ProductionPlanLine.objects.filter(plan=row).exclude(pk__in=kept).delete()


def plan_submit(*, actor: Any, plan: ProductionPlan) -> ProductionPlan:
    """Hand a draft in for approval; publishes `PlanSubmitted`.

    Raises: PlanNotOpen; PlanRefused without lines or with an item that is not made here.
    """
    with db.atomic():
        row = _locked(plan.pk)
        _require(row, (State.DRAFT, State.RETURNED))
        lines = list(ProductionPlanLine.objects.select_related("item").filter(plan=row).order_by("line_no"))
        errors = (
            []
            if lines
            else [FieldError("lines", "value.required", T("Add at least one line.", "请至少添加一行。"))]
        )
        errors += [
            FieldError(
                f"lines.{index}.item",
                "planning.plan.not_made",
                T("%(item)s is not made here.", "%(item)s 不是自制件。", item=line.item.code),
            )
            for index, line in enumerate(lines)
            if line.item.mode != Item.Mode.MAKE
        ]
        if errors:
            raise PlanRefused(errors)
        row.state = State.SUBMITTED
        row.submitted_by_id = actor.user_id or row.submitted_by_id
        row.save(update_fields=["state", "submitted_by_id"])
        event_publish(
            PlanSubmitted(record_id=row.pk, number=row.number, submitted_by=str(row.submitted_by_id or "")),
            actor=actor,
        )
    return row


def plan_release(*, actor: Any, plan: ProductionPlan) -> ProductionPlan:
    """Turn an approved plan into released work orders and start a run; publishes `PlanReleased`."""
    with db.atomic():
        row = _locked(plan.pk)
        _require(row, (State.SUBMITTED,))
        for line in ProductionPlanLine.objects.filter(plan=row).order_by("line_no"):
            order = work_order_create(
                actor=actor,
                item=Item.objects.get(pk=line.item_id),
                work_centre=WorkCentre.objects.get(pk=line.work_centre_id),
                quantity=line.quantity,
                planned_start=line.start_at,
                planned_end=line.end_at,
                plan_line_id=line.pk,
            )
            work_order_release(actor=actor, work_order=order)
        row.state, row.released_at = State.RELEASED, clock.now()
        row.save(update_fields=["state", "released_at"])
        event_publish(PlanReleased(record_id=row.pk, number=row.number), actor=actor)
        run_request(actor=actor, reason=PlanRun.Reason.PLAN, trigger=row.number)
    return row


def plan_return(*, actor: Any, plan: ProductionPlan) -> ProductionPlan:
    """Give it back to be changed."""
    return _moved(plan, State.RETURNED)


def plan_reject(*, actor: Any, plan: ProductionPlan) -> ProductionPlan:
    """Refuse it for good."""
    return _moved(plan, State.REJECTED)


def _moved(plan: ProductionPlan, state: str) -> ProductionPlan:
    with db.atomic():
        row = _locked(plan.pk)
        _require(row, (State.SUBMITTED,))
        row.state = state
        row.save(update_fields=["state"])
    return row
