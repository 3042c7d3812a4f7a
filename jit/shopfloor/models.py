"""The shop floor, as tables: work orders with their frozen components, and reports (报工)."""

from django.db import models
from django.db.models import F, Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class WorkOrder(BaseModel):
    """An order to make a quantity of an item; `quantity` is the START quantity (pull.md 16)."""

    class State(Choices):
        PLANNED = "PLANNED", T("Planned", "已计划")
        FIRM = "FIRM", T("Firm", "已确定")
        RELEASED = "RELEASED", T("Released", "已下达")
        STARTED = "STARTED", T("Started", "已开工")
        PAUSED = "PAUSED", T("Paused", "暂停")
        DONE = "DONE", T("Done", "已完工")
        CLOSED = "CLOSED", T("Closed", "已关闭")
        CANCELLED = "CANCELLED", T("Cancelled", "已取消")

    #: States whose rest still consumes parts and still supplies goods.
    LIVE = (State.FIRM, State.RELEASED, State.STARTED, State.PAUSED)

    number = c.code(T("Work order", "工单号"), unique=True)
    state = c.state(State, State.FIRM)
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    item = c.to("catalog.Item", T("Item", "物料"))
    work_centre = c.to("catalog.WorkCentre", T("Work centre", "工作中心"))
    bom = c.to("catalog.Bom", T("Bill of material", "物料清单"), null=True)
    quantity = c.quantity(T("Quantity", "数量"), unit_from="item.unit")
    good_quantity = c.quantity(T("Good", "合格数"))
    scrap_quantity = c.quantity(T("Scrap", "报废数"))
    planned_start = c.moment(T("Planned start", "计划开工"))
    planned_end = c.moment(T("Planned end", "计划完工"))
    started_at = c.moment(T("Started at", "实际开工"), null=True, blank=True)
    done_at = c.moment(T("Done at", "实际完工"), null=True, blank=True)
    priority = models.PositiveIntegerField(T("Priority", "优先级"), default=10)
    # The production plan line it comes from; planning is a floor above.
    plan_line_id = models.UUIDField(T("Plan line", "计划行"), null=True, blank=True, db_index=True)
    done_reason = c.note(T("Reason for ending short", "欠产原因"))

    class Meta:
        verbose_name = T("Work order", "工单")
        verbose_name_plural = T("Work orders", "工单")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, good_quantity__gte=0, scrap_quantity__gte=0),
                name="work_order_quantity",
            ),
            models.CheckConstraint(condition=Q(planned_start__lte=F("planned_end")), name="work_order_times"),
        ]
        indexes = [models.Index(fields=["work_centre", "planned_start"], name="work_order_centre_start")]

    def __str__(self) -> str:
        return self.number


class WorkOrderComponent(BaseModel):
    """What the order uses, frozen from the BOM at release; backflush follows this and not a later BOM."""

    work_order = c.part_of("shopfloor.WorkOrder", T("Work order", "工单"), "components")
    line_no = models.PositiveIntegerField(T("Line", "行号"))
    item = c.to("catalog.Item", T("Component", "子件"))
    area = c.to("catalog.Location", T("Taken from", "取料库位"))
    quantity_per = c.quantity(T("Quantity per unit", "单件用量"))
    fixed_quantity = c.quantity(T("Fixed per order", "每单固定用量"))
    scrap_ratio = c.ratio(T("Scrap ratio", "损耗率"), default=0)
    consumed_quantity = c.quantity(T("Consumed", "已耗用"))

    class Meta:
        verbose_name = T("Work order component", "工单用料")
        verbose_name_plural = T("Work order components", "工单用料")
        constraints = [
            models.UniqueConstraint(fields=["work_order", "line_no"], name="work_order_component_once")
        ]


class Report(BaseModel):
    """A work report (报工): so many good, so many scrapped; corrected by a reversal, never edited."""

    work_order = c.to("shopfloor.WorkOrder", T("Work order", "工单"))
    good_quantity = c.quantity(T("Good", "合格数"))
    scrap_quantity = c.quantity(T("Scrap", "报废数"))
    scrap_reason = c.name(T("Scrap reason", "报废原因"))
    reported_at = c.moment(T("Reported at", "报工时间"))
    reported_by = c.name(T("Reported by", "报工人"))
    posting = c.to("stock.Posting", T("Posting", "记账凭证"), null=True)
    reverses = c.to("shopfloor.Report", T("Reverses", "冲销"), null=True)

    class Meta:
        verbose_name = T("Work report", "报工")
        verbose_name_plural = T("Work reports", "报工")
        constraints = [
            models.UniqueConstraint(
                fields=["reverses"], name="report_reversed_once", condition=Q(reverses__isnull=False)
            )
        ]
