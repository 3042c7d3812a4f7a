"""The shipment notice (ASN): what left, in which packages, for which call-offs."""

from django.db import models
from django.db.models import Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Shipment(BaseModel):
    """One delivery note of one supplier to one dock; its packages are `stock.HandlingUnit` rows."""

    class State(Choices):
        DRAFT = "DRAFT", T("Draft", "草稿")
        SUBMITTED = "SUBMITTED", T("Announced", "已预报")
        LOADED = "LOADED", T("Loaded", "已装车")
        DEPARTED = "DEPARTED", T("Departed", "已发车")
        ARRIVED = "ARRIVED", T("Arrived", "已到厂")
        RECEIVING = "RECEIVING", T("Receiving", "收货中")
        RECEIVED = "RECEIVED", T("Received", "已收货")
        DISCREPANT = "DISCREPANT", T("With differences", "有差异")
        CLOSED = "CLOSED", T("Closed", "已关闭")
        CANCELLED = "CANCELLED", T("Cancelled", "已取消")

    number = c.code(T("ASN", "送货单号"), unique=True)
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    delivery_note = c.code(T("Delivery note", "供应商送货单"))
    state = c.state(State, State.SUBMITTED)
    plant = c.to("catalog.Plant", T("Plant", "工厂"), null=True)
    dock = c.to("catalog.Location", T("Dock", "收货码头"))
    dock_name = c.name(T("Dock name", "码头名称"))
    supplier_dock = c.code(T("Ships from", "发货码头"), default="", blank=True)
    truck = c.to("supply.PlannedTruck", T("Truck", "车次"), null=True)
    carrier = c.name(T("Carrier", "承运商"))
    plate = c.name(T("Plate", "车牌"))
    driver_phone = models.CharField(T("Driver's phone", "司机电话"), max_length=40, blank=True, default="")
    departs_at = c.moment(T("Departs at", "发车时间"), null=True, blank=True)
    arrives_at = c.moment(T("Arrives at", "预计到达"), null=True, blank=True)
    departed_at = c.moment(T("Departed at", "实际发车"), null=True, blank=True)
    # Left without network and told only when there was some again: the dock heard of it late.
    reported_late = models.BooleanField(T("Departure reported late", "发车补报"), default=False)
    arrived_at = c.moment(T("Arrived at", "实际到达"), null=True, blank=True)
    received_at = c.moment(T("Received at", "收货时间"), null=True, blank=True)

    class Meta:
        verbose_name = T("Shipment notice", "送货单")
        verbose_name_plural = T("Shipment notices", "送货单")
        constraints = [
            # With the supplier in the key: a clash never shows another supplier's numbers.
            models.UniqueConstraint(fields=["supplier", "delivery_note"], name="shipment_note_once")
        ]
        indexes = [models.Index(fields=["supplier", "created_at"], name="shipment_supplier_time")]

    def __str__(self) -> str:
        return self.number


class ShipmentLine(BaseModel):
    """One item (and lot) on a shipment, delivered against one call-off."""

    shipment = c.part_of("supply.Shipment", T("Shipment", "送货单"), "lines")
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    line_no = models.PositiveIntegerField(T("Line", "行号"), default=10)
    calloff = c.to("supply.CallOff", T("Call-off", "叫料单"), null=True)
    item = c.to("catalog.Item", T("Item", "物料"))
    item_code = c.code(T("Item code", "物料编码"), default="", blank=True)
    item_name = c.name(T("Item name", "物料名称"))
    unit_code = c.code(T("Unit", "单位"), default="", blank=True)
    lot_code = c.name(T("Lot", "批号"))
    expires_at = c.moment(T("Expires", "到期"), null=True, blank=True)
    quantity = c.quantity(T("Quantity", "数量"))
    packages = models.PositiveIntegerField(T("Packages", "箱数"), default=1)
    received_quantity = c.quantity(T("Received", "已收货"))

    class Meta:
        verbose_name = T("Shipment line", "送货单行")
        verbose_name_plural = T("Shipment lines", "送货单行")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line_no"], name="shipment_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, received_quantity__gte=0), name="shipment_line_quantity"
            ),
        ]
