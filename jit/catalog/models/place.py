"""Places: plants, locations of every kind, work centres and the routings over them."""

from django.db import models
from django.db.models import Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Plant(BaseModel):
    """A site with its own zone and calendar."""

    code = c.code(T("Code", "编码"), unique=True)
    name = c.name(T("Name", "名称"))
    zone = models.CharField(T("Time zone", "时区"), max_length=64, default="Asia/Shanghai")
    calendar = c.to("catalog.WorkCalendar", T("Calendar", "日历"), null=True)
    store = c.to("catalog.Location", T("Main store", "主仓库"), null=True)

    class Meta:
        verbose_name = T("Plant", "工厂")
        verbose_name_plural = T("Plants", "工厂")

    def __str__(self) -> str:
        return self.code


class Location(BaseModel):
    """Where stock can be; virtual kinds are the other side of a posting (supplier, production, scrap, …)."""

    class Kind(Choices):
        STORE = "STORE", T("Store", "仓库")
        LINE_SIDE = "LINE_SIDE", T("Line side", "线边")
        DOCK = "DOCK", T("Dock", "收货码头")
        BIN = "BIN", T("Bin", "库位")
        IN_TRANSIT = "IN_TRANSIT", T("In transit", "在途")
        INSPECTION = "INSPECTION", T("Inspection", "待检")
        QUARANTINE = "QUARANTINE", T("Quarantine", "隔离")
        SUPPLIER = "SUPPLIER", T("Supplier", "供应商")
        PRODUCTION = "PRODUCTION", T("Production", "生产")
        CUSTOMER = "CUSTOMER", T("Customer", "客户")
        SCRAP = "SCRAP", T("Scrap", "报废")
        ADJUSTMENT = "ADJUSTMENT", T("Adjustment", "盘盈盘亏")

    USABLE = (Kind.STORE, Kind.LINE_SIDE, Kind.BIN)
    VIRTUAL = (Kind.SUPPLIER, Kind.PRODUCTION, Kind.CUSTOMER, Kind.SCRAP, Kind.ADJUSTMENT)

    code = c.code(T("Code", "编码"), unique=True)
    name = c.name(T("Name", "名称"))
    kind = c.state(Kind, label=T("Kind", "类型"))
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    parent = c.to("catalog.Location", T("Inside", "上级"), null=True)
    line = c.name(T("Line", "产线"))
    station = c.name(T("Station", "工位"))
    calendar = c.to("catalog.WorkCalendar", T("Opening hours", "开放时间"), null=True)
    doors = models.PositiveSmallIntegerField(T("Doors", "门数"), default=1)
    allow_negative = models.BooleanField(T("May go negative", "允许负数"), default=False)

    class Meta:
        verbose_name = T("Location", "库位")
        verbose_name_plural = T("Locations", "库位")
        constraints = [
            # Only the other side of a posting may go below zero; a shelf never holds less than nothing.
            models.CheckConstraint(
                condition=Q(allow_negative=False)
                | Q(kind__in=["SUPPLIER", "PRODUCTION", "CUSTOMER", "SCRAP", "ADJUSTMENT"]),
                name="location_negative_only_virtual",
            )
        ]

    def __str__(self) -> str:
        return self.code


class WorkCentre(BaseModel):
    """A line or machine: when it works and from which line side it draws its parts."""

    code = c.code(T("Code", "编码"), unique=True)
    name = c.name(T("Name", "名称"))
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    calendar = c.to("catalog.WorkCalendar", T("Calendar", "日历"), null=True)
    line_side = c.to("catalog.Location", T("Line side", "线边"), null=True)
    output = c.to("catalog.Location", T("Puts finished goods to", "完工入库到"), null=True)
    units_per_hour = c.quantity(T("Units per hour", "小时产能"), default=0)

    class Meta:
        verbose_name = T("Work centre", "工作中心")
        verbose_name_plural = T("Work centres", "工作中心")

    def __str__(self) -> str:
        return self.code


class Routing(BaseModel):
    """The operations that make an item."""

    item = c.to("catalog.Item", T("Item", "物料"))
    revision = c.code(T("Revision", "版本"), default="A")

    class Meta:
        verbose_name = T("Routing", "工艺路线")
        verbose_name_plural = T("Routings", "工艺路线")
        constraints = [models.UniqueConstraint(fields=["item", "revision"], name="routing_once")]


class RoutingOperation(BaseModel):
    """One step of a routing: where, how long to set up, how long a unit takes."""

    routing = c.part_of("catalog.Routing", T("Routing", "工艺路线"), "operations")
    sequence = models.PositiveIntegerField(T("Sequence", "序号"), default=10)
    work_centre = c.to("catalog.WorkCentre", T("Work centre", "工作中心"))
    setup_minutes = c.minutes(T("Set-up (min)", "准备时间(分)"))
    seconds_per_unit = c.quantity(T("Seconds per unit", "单件工时(秒)"))

    class Meta:
        verbose_name = T("Operation", "工序")
        verbose_name_plural = T("Operations", "工序")
        constraints = [models.UniqueConstraint(fields=["routing", "sequence"], name="operation_once")]
