"""What was agreed with a supplier, and the control cycle by which an area is fed."""

from django.db import models
from django.db.models import Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Agreement(BaseModel):
    """A scheduling agreement: price, validity and the cumulative quantities both sides count by."""

    class Status(Choices):
        ACTIVE = "ACTIVE", T("Active", "生效")
        BLOCKED = "BLOCKED", T("Blocked", "冻结")
        ENDED = "ENDED", T("Ended", "终止")

    number = c.code(T("Agreement", "协议号"), unique=True)
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    item = c.to("catalog.Item", T("Item", "物料"))
    price = c.money(T("Price", "单价"))
    currency = models.CharField(T("Currency", "币种"), max_length=3, default="CNY")
    valid_from = c.moment(T("Valid from", "生效时间"), null=True, blank=True)
    valid_to = c.moment(T("Valid to", "失效时间"), null=True, blank=True)
    status = c.state(Status, Status.ACTIVE, T("Status", "状态"))
    # Cumulative quantities (Fortschrittszahlen) inside one epoch; they never fall (I6).
    epoch = models.PositiveIntegerField(T("Cumulative epoch", "累计周期"), default=1)
    cumulative_base_at = c.moment(T("Counting since", "累计起点"), null=True, blank=True)
    cumulative_shipped = c.quantity(T("Cumulative shipped", "累计发货"))
    cumulative_received = c.quantity(T("Cumulative received", "累计收货"))

    class Meta:
        verbose_name = T("Agreement", "供货协议")
        verbose_name_plural = T("Agreements", "供货协议")
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="agreement_price"),
            models.CheckConstraint(
                condition=Q(cumulative_shipped__gte=0, cumulative_received__gte=0),
                name="agreement_cumulative",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ControlCycle(BaseModel):
    """How one item reaches one supply area: trigger, window, cover, frozen zone, pack (pull.md 3, 21, 28)."""

    class Trigger(Choices):
        DEMAND = "DEMAND", T("Demand", "按需求")
        CONSUMPTION = "CONSUMPTION", T("Consumption", "按消耗")
        KANBAN = "KANBAN", T("Kanban", "看板")
        SEQUENCE = "SEQUENCE", T("Sequence", "按序列")
        MIN_MAX = "MIN_MAX", T("Min/max", "最小最大")

    class Status(Choices):
        PREPARED = "PREPARED", T("In preparation", "准备中")
        RELEASED = "RELEASED", T("Released", "已启用")
        LOCKED = "LOCKED", T("Locked", "已锁定")

    number = c.code(T("Control cycle", "控制循环"), unique=True)
    item = c.to("catalog.Item", T("Item", "物料"))
    area = c.to("catalog.Location", T("Supply area", "供应区域"))
    dock = c.to("catalog.Location", T("Dock", "收货码头"), null=True)
    trigger = c.state(Trigger, Trigger.DEMAND, T("Trigger", "触发方式"))
    status = c.state(Status, Status.RELEASED, T("Status", "状态"))
    window_calendar = c.to("catalog.WorkCalendar", T("Delivery hours", "送货时段日历"), null=True)
    window_minutes = c.minutes(T("Window (min)", "时间窗(分)"), default=60)
    cover_minutes = c.minutes(T("Cover (line working min)", "安全覆盖(工作分)"))
    frozen_minutes = c.minutes(T("Frozen zone (min)", "冻结期(分)"))
    handling_minutes = c.minutes(T("Dock to line (min)", "码头到线边(分)"))
    horizon_minutes = c.minutes(T("Call-off horizon (min)", "叫料范围(分)"), default=2880)
    pack_quantity = c.quantity(T("Pack quantity", "包装数量"), default=1, unit_from="item.unit")
    cards = models.PositiveIntegerField(T("Cards", "看板张数"), default=0)
    max_quantity = c.quantity(T("Room at the line (0 = any)", "线边最大量(0=不限)"), unit_from="item.unit")
    auto_release = models.BooleanField(T("Release by itself", "自动下达"), default=False)

    class Meta:
        verbose_name = T("Control cycle", "控制循环")
        verbose_name_plural = T("Control cycles", "控制循环")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "area"], name="control_cycle_once", condition=Q(archived_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(pack_quantity__gt=0, window_minutes__gte=5), name="control_cycle_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LineCover(BaseModel):
    """How long the stock at a line lasts, as planning last worked it out; boards and the dock read it."""

    item = c.to("catalog.Item", T("Item", "物料"))
    area = c.to("catalog.Location", T("Supply area", "供应区域"))
    stock = c.quantity(T("Line stock", "线边库存"))
    burn_per_hour = c.quantity(T("Burn per hour", "每小时耗用"))
    stock_out_at = c.moment(T("Runs out at", "断料时间"), null=True, blank=True)
    next_arrival_at = c.moment(T("Next arrival", "下次到货"), null=True, blank=True)
    next_arrival_quantity = c.quantity(T("Next quantity", "下次数量"))
    computed_at = c.moment(T("As of", "计算时间"))

    class Meta:
        verbose_name = T("Line cover", "线边覆盖")
        verbose_name_plural = T("Line covers", "线边覆盖")
        constraints = [models.UniqueConstraint(fields=["item", "area"], name="line_cover_once")]
