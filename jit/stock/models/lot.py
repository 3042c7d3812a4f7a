"""Lots and handling units."""

from django.db import models
from django.db.models import Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Lot(BaseModel):
    """A batch of one item that shares its origin and expiry."""

    class Status(Choices):
        AVAILABLE = "AVAILABLE", T("Available", "可用")
        INSPECTION = "INSPECTION", T("In inspection", "待检")
        BLOCKED = "BLOCKED", T("Blocked", "冻结")

    item = c.to("catalog.Item", T("Item", "物料"))
    code = c.code(T("Lot", "批号"))
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True)
    status = c.state(Status, Status.AVAILABLE, T("Status", "状态"))
    made_on = models.DateField(T("Made on", "生产日期"), null=True, blank=True)
    expires_at = c.moment(T("Expires", "到期"), null=True, blank=True)

    class Meta:
        verbose_name = T("Lot", "批次")
        verbose_name_plural = T("Lots", "批次")
        constraints = [models.UniqueConstraint(fields=["item", "code"], name="lot_once")]

    def __str__(self) -> str:
        return self.code


class HandlingUnit(BaseModel):
    """One labelled package; its licence plate is scanned once on the way in."""

    class State(Choices):
        PACKED = "PACKED", T("Packed", "已打包")
        IN_TRANSIT = "IN_TRANSIT", T("In transit", "在途")
        RECEIVED = "RECEIVED", T("Received", "已收货")
        EMPTY = "EMPTY", T("Empty", "已空")
        VOID = "VOID", T("Void", "作废")

    code = c.code(T("Licence plate", "箱码"), unique=True)
    # On the row itself: row-level security compares it with the supplier in context, no join (database.md 8).
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True)
    parent = c.to("stock.HandlingUnit", T("Inside", "上级包装"), null=True)
    packaging = c.to("catalog.Packaging", T("Packaging", "包装"), null=True)
    item = c.to("catalog.Item", T("Item", "物料"))
    lot_code = c.name(T("Lot", "批号"))
    quantity = c.quantity(T("Quantity", "数量"))
    state = c.state(State, State.PACKED)
    location = c.to("catalog.Location", T("Location", "库位"), null=True)
    # The shipment line that announced it; supply is a floor above, so it is held as a plain id.
    shipment_line_id = models.UUIDField(T("Shipment line", "发货行"), null=True, blank=True, db_index=True)
    received_at = c.moment(T("Received at", "收货时间"), null=True, blank=True)

    class Meta:
        verbose_name = T("Handling unit", "包装箱")
        verbose_name_plural = T("Handling units", "包装箱")
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=0), name="handling_unit_quantity")]

    def __str__(self) -> str:
        return self.code
