"""The dock: slots, receipts and their differences."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class DockSlot(BaseModel):
    """A door of a dock for a while; two trucks never hold the same door at the same time."""

    dock = c.to("catalog.Location", T("Dock", "码头"))
    door = models.PositiveSmallIntegerField(T("Door", "门"), default=1)
    during = DateTimeRangeField(T("During", "时段"))
    shipment = c.to("supply.Shipment", T("Shipment", "送货单"), null=True)
    truck = c.to("supply.PlannedTruck", T("Truck", "车次"), null=True)

    class Meta:
        verbose_name = T("Dock slot", "码头时段")
        verbose_name_plural = T("Dock slots", "码头时段")
        constraints = [
            ExclusionConstraint(
                name="dock_slot_no_overlap",
                expressions=[
                    (F("dock"), RangeOperators.EQUAL),
                    (F("door"), RangeOperators.EQUAL),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            )
        ]


class Receipt(BaseModel):
    """What was really counted at the dock."""

    class State(Choices):
        COUNTED = "COUNTED", T("Counted", "已点收")
        ACCEPTED = "ACCEPTED", T("Accepted", "已接收")
        DISCREPANT = "DISCREPANT", T("With differences", "有差异")

    number = c.code(T("Receipt", "收货单号"), unique=True)
    shipment = c.to("supply.Shipment", T("Shipment", "送货单"), null=True)
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True)
    dock = c.to("catalog.Location", T("Dock", "码头"))
    state = c.state(State, State.COUNTED)
    received_at = c.moment(T("Received at", "收货时间"))
    received_by = c.name(T("Received by", "收货人"))
    posting = c.to("stock.Posting", T("Posting", "记账凭证"), null=True)
    remark = c.note(T("Remark", "备注"))

    class Meta:
        verbose_name = T("Receipt", "收货单")
        verbose_name_plural = T("Receipts", "收货单")

    def __str__(self) -> str:
        return self.number


class ReceiptLine(BaseModel):
    """Expected against counted, how much of that was good, where the good ones went.

    What is blocked came and was counted, and lies in the plant's quarantine: no plan uses it.
    """

    class Blocked(Choices):
        DAMAGED = "DAMAGED", T("Damaged", "破损")
        WRONG_ITEM = "WRONG_ITEM", T("Wrong item", "错料")
        QUALITY = "QUALITY", T("Quality", "质量问题")
        WET = "WET", T("Wet or dirty", "受潮或脏污")
        LABEL = "LABEL", T("Label wrong or missing", "标签错误或缺失")
        EXPIRED = "EXPIRED", T("Expired", "已过期")
        OTHER = "OTHER", T("Other", "其他")

    class Difference(Choices):
        NONE = "NONE", T("As announced", "一致")
        SHORT = "SHORT", T("Short", "少件")
        OVER = "OVER", T("Over", "多件")
        UNKNOWN = "UNKNOWN", T("Not announced", "未预报")

    receipt = c.part_of("supply.Receipt", T("Receipt", "收货单"), "lines")
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True)
    shipment_line = c.to("supply.ShipmentLine", T("Shipment line", "送货单行"), null=True)
    calloff = c.to("supply.CallOff", T("Call-off", "叫料单"), null=True)
    item = c.to("catalog.Item", T("Item", "物料"))
    lot = c.to("stock.Lot", T("Lot", "批次"), null=True)
    expected_quantity = c.quantity(T("Announced", "预报数量"))
    counted_quantity = c.quantity(T("Counted", "实收数量"))
    difference = c.state(Difference, Difference.NONE, T("Difference", "差异"))
    blocked_quantity = c.quantity(T("Of it not good", "其中不合格"))
    blocked_reason = c.state(Blocked, label=T("Why not good", "不合格原因"), blank=True)
    to_location = c.to("catalog.Location", T("Put to", "去向"))
    goes_to_line = models.BooleanField(T("Straight to line", "直送线边"), default=False)
    remark = c.note(T("Remark", "备注"))

    class Meta:
        verbose_name = T("Receipt line", "收货单行")
        verbose_name_plural = T("Receipt lines", "收货单行")
        constraints = [
            models.CheckConstraint(
                condition=Q(counted_quantity__gte=0, expected_quantity__gte=0), name="receipt_line_quantity"
            ),
            models.CheckConstraint(
                condition=Q(blocked_quantity=0, blocked_reason="")
                | Q(blocked_quantity__gt=0, blocked_quantity__lte=F("counted_quantity"))
                & ~Q(blocked_reason=""),
                name="receipt_line_blocked",
            ),
        ]

    @property
    def is_different(self) -> bool:
        """True when something was not as announced: the count, or what was counted."""
        return self.difference != self.Difference.NONE or self.blocked_quantity > 0

    @property
    def gap(self) -> Decimal:
        """How far the count is from the notice, without a sign."""
        return abs(self.counted_quantity - self.expected_quantity)
