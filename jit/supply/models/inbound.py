"""Inbound requirements given from outside, the trucks planned for them, and what is loaded where."""

from django.db import models
from django.db.models import F, Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class InboundRequirement(BaseModel):
    """A quantity that has to arrive inside a window, both ends included, as another system states it."""

    external_id = c.code(T("External id", "外部标识"), unique=True)
    batch = c.code(T("Data set", "数据集"), default="", blank=True)
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    supplier_dock = c.code(T("Supplier dock", "供应商码头"), default="", blank=True)
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    dock = c.to("catalog.Location", T("Dock", "收货码头"))
    item = c.to("catalog.Item", T("Item", "物料"))
    packaging = c.to("catalog.Packaging", T("Packaging", "包装"), null=True)
    quantity = c.quantity(T("Quantity", "数量"))
    unit_weight_grams = models.PositiveBigIntegerField(T("Weight of one (g)", "单件重量(克)"), default=0)
    earliest = c.moment(T("Earliest", "最早到达"))
    latest = c.moment(T("Latest", "最晚到达"))
    calloff = c.to("supply.CallOff", T("Call-off", "叫料单"), null=True)

    class Meta:
        verbose_name = T("Inbound requirement", "入厂需求")
        verbose_name_plural = T("Inbound requirements", "入厂需求")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inbound_quantity"),
            models.CheckConstraint(condition=Q(earliest__lte=F("latest")), name="inbound_window"),
        ]
        indexes = [models.Index(fields=["batch", "latest"], name="inbound_batch_latest")]

    def __str__(self) -> str:
        return self.external_id


class PlannedTruck(BaseModel):
    """A truck that is planned to arrive; extra ones are exceptions that a person approves."""

    class State(Choices):
        PLANNED = "PLANNED", T("Planned", "已计划")
        TO_APPROVE = "TO_APPROVE", T("Extra, to approve", "加车待批")
        APPROVED = "APPROVED", T("Extra, approved", "加车已批")
        ARRIVED = "ARRIVED", T("Arrived", "已到厂")
        CANCELLED = "CANCELLED", T("Cancelled", "已取消")

    number = c.code(T("Truck", "车次"), unique=True)
    batch = c.code(T("Data set", "数据集"), default="", blank=True)
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    arrives_at = c.moment(T("Arrives at", "到达时间"))
    max_weight_grams = models.PositiveBigIntegerField(T("Payload (g)", "载重(克)"))
    length_mm = models.PositiveIntegerField(T("Length (mm)", "长(毫米)"), default=0)
    width_mm = models.PositiveIntegerField(T("Width (mm)", "宽(毫米)"), default=0)
    height_mm = models.PositiveIntegerField(T("Height (mm)", "高(毫米)"), default=0)
    cost = c.money(T("Cost", "费用"), default=0)
    state = c.state(State, State.PLANNED)
    copy_of = c.to("supply.PlannedTruck", T("Copy of", "复制自"), null=True)

    class Meta:
        verbose_name = T("Planned truck", "计划车次")
        verbose_name_plural = T("Planned trucks", "计划车次")
        indexes = [models.Index(fields=["batch", "arrives_at"], name="truck_batch_arrival")]

    def __str__(self) -> str:
        return self.number


class TruckLane(BaseModel):
    """A lane the truck may carry: supplier, its dock, our dock, product; with the unloading order."""

    truck = c.part_of("supply.PlannedTruck", T("Truck", "车次"), "lanes")
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    supplier_dock = c.code(T("Supplier dock", "供应商码头"), default="", blank=True)
    dock = c.to("catalog.Location", T("Dock", "收货码头"))
    item = c.to("catalog.Item", T("Item", "物料"))
    supplier_loading_order = models.PositiveIntegerField(
        T("Supplier loading order", "供应商装车顺序"), default=0
    )
    dock_loading_order = models.PositiveIntegerField(T("Dock loading order", "码头装车顺序"), default=0)
    unloading_order = models.PositiveIntegerField(T("Unloading order", "卸货顺序"), default=0)

    class Meta:
        verbose_name = T("Truck lane", "车次线路")
        verbose_name_plural = T("Truck lanes", "车次线路")
        constraints = [
            models.UniqueConstraint(
                fields=["truck", "supplier", "supplier_dock", "dock", "item"], name="truck_lane_once"
            )
        ]


class LoadLine(BaseModel):
    """So many packages of one requirement on one truck."""

    requirement = c.to("supply.InboundRequirement", T("Requirement", "入厂需求"))
    truck = c.to("supply.PlannedTruck", T("Truck", "车次"))
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    packages = models.PositiveIntegerField(T("Packages", "箱数"))
    grams = models.PositiveBigIntegerField(T("Weight (g)", "重量(克)"))
    shipment_line = c.to("supply.ShipmentLine", T("Shipment line", "送货单行"), null=True)

    class Meta:
        verbose_name = T("Load line", "装车行")
        verbose_name_plural = T("Load lines", "装车行")
        constraints = [
            models.UniqueConstraint(fields=["requirement", "truck"], name="load_line_once"),
            models.CheckConstraint(condition=Q(packages__gt=0), name="load_line_packages"),
        ]
