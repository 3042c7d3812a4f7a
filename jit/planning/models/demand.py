"""What is wanted (demand) and what the plant has decided to make (production plan)."""

from django.db import models
from django.db.models import F, Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Demand(BaseModel):
    """An independent requirement: a customer order line, or a requirement from another system."""

    class State(Choices):
        OPEN = "OPEN", T("Open", "未交")
        DONE = "DONE", T("Delivered", "已交")
        CANCELLED = "CANCELLED", T("Cancelled", "已取消")

    number = c.code(T("Demand", "需求号"), unique=True)
    customer = c.name(T("Customer", "客户"))
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    item = c.to("catalog.Item", T("Item", "物料"))
    quantity = c.quantity(T("Quantity", "数量"), unit_from="item.unit")
    delivered_quantity = c.quantity(T("Delivered", "已交数量"))
    due_at = c.moment(T("Due", "需求时间"))
    priority = models.PositiveIntegerField(T("Priority (1 = first)", "优先级(1最高)"), default=10)
    state = c.state(State, State.OPEN)

    class Meta:
        verbose_name = T("Demand", "需求")
        verbose_name_plural = T("Demands", "需求")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, delivered_quantity__gte=0), name="demand_quantity"
            )
        ]
        indexes = [models.Index(fields=["item", "due_at"], name="demand_item_due")]

    def __str__(self) -> str:
        return self.number


class ProductionPlan(BaseModel):
    """A plan that a planner fills in; approval releases it into work orders and starts a run."""

    class State(Choices):
        DRAFT = "DRAFT", T("Draft", "草稿")
        SUBMITTED = "SUBMITTED", T("Waiting for approval", "待审批")
        RELEASED = "RELEASED", T("Released", "已下达")
        RETURNED = "RETURNED", T("Returned", "已退回")
        REJECTED = "REJECTED", T("Rejected", "已驳回")
        CLOSED = "CLOSED", T("Closed", "已关闭")

    number = c.code(T("Plan", "计划号"), unique=True)
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    title = c.name(T("Title", "标题"))
    state = c.state(State, State.DRAFT)
    remark = c.note(T("Remark", "备注"))
    submitted_by_id = models.UUIDField(T("Submitted by", "提交人"), null=True, blank=True)
    released_at = c.moment(T("Released at", "下达时间"), null=True, blank=True)

    class Meta:
        verbose_name = T("Production plan", "生产计划")
        verbose_name_plural = T("Production plans", "生产计划")

    def __str__(self) -> str:
        return self.number


class ProductionPlanLine(BaseModel):
    """Make this quantity on this work centre from start to end (START quantity)."""

    plan = c.part_of("planning.ProductionPlan", T("Plan", "生产计划"), "lines")
    line_no = models.PositiveIntegerField(T("Line", "行号"), default=10)
    item = c.to("catalog.Item", T("Item", "物料"))
    work_centre = c.to("catalog.WorkCentre", T("Work centre", "工作中心"))
    quantity = c.quantity(T("Quantity", "数量"), unit_from="item.unit")
    start_at = c.moment(T("Start", "开工"))
    end_at = c.moment(T("End", "完工"))

    class Meta:
        verbose_name = T("Plan line", "计划行")
        verbose_name_plural = T("Plan lines", "计划行")
        constraints = [
            models.UniqueConstraint(fields=["plan", "line_no"], name="plan_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="plan_line_quantity"),
            models.CheckConstraint(condition=Q(start_at__lt=F("end_at")), name="plan_line_times"),
        ]
