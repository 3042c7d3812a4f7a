"""The call-off: which quantity of which item, in which window, at which dock, for which area."""

from django.db import models
from django.db.models import F, Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class CallOff(BaseModel):
    """One line of just-in-time demand on one supplier. What a supplier may read stands on the row itself."""

    class State(Choices):
        DRAFT = "DRAFT", T("Proposed", "建议")
        RELEASED = "RELEASED", T("Released", "已下达")
        SENT = "SENT", T("Sent", "已发送")
        ACKED = "ACKED", T("Seen", "已查看")
        CONFIRMED = "CONFIRMED", T("Confirmed", "已确认")
        PARTIAL = "PARTIAL", T("Partly confirmed", "部分确认")
        DECLINED = "DECLINED", T("Declined", "已拒绝")
        PREP = "PREP", T("In preparation", "备货中")
        PACKED = "PACKED", T("Packed", "已打包")
        SHIPPED = "SHIPPED", T("Shipped", "已发货")
        AT_GATE = "AT_GATE", T("At the gate", "已到厂")
        UNLOADED = "UNLOADED", T("Unloaded", "已卸货")
        RECEIVED = "RECEIVED", T("Received", "已收货")
        CLOSED = "CLOSED", T("Closed", "已关闭")
        HOLD = "HOLD", T("On hold", "暂停")
        CANCELLED = "CANCELLED", T("Cancelled", "已取消")
        SHORT_CLOSED = "SHORT_CLOSED", T("Short closed", "短缺关闭")

    class Kind(Choices):
        JIT = "JIT", T("Call-off", "叫料")
        FORECAST = "FORECAST", T("Forecast", "预测")
        EMERGENCY = "EMERGENCY", T("Emergency", "紧急")

    #: States in which the quantity counts: it still comes, or has come.
    LIVE = (
        State.DRAFT,
        State.RELEASED,
        State.SENT,
        State.ACKED,
        State.CONFIRMED,
        State.PARTIAL,
        State.PREP,
        State.PACKED,
        State.SHIPPED,
        State.AT_GATE,
        State.UNLOADED,
        State.RECEIVED,
        State.HOLD,
    )
    #: What the supplier may still answer, and what may still be changed by a new version.
    OPEN = (State.RELEASED, State.SENT, State.ACKED, State.CONFIRMED, State.PARTIAL, State.PREP, State.PACKED)
    BEFORE_SHIPPED = (State.DRAFT, *OPEN, State.HOLD)

    number = c.code(T("Call-off", "叫料单号"), unique=True)
    revision = models.PositiveIntegerField(T("Version", "版次"), default=1)
    kind = c.state(Kind, Kind.JIT, T("Type", "类型"))
    state = c.state(State, State.DRAFT)
    held_from = models.CharField(T("Held from", "暂停前状态"), max_length=24, blank=True, default="")
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    item = c.to("catalog.Item", T("Item", "物料"))
    area = c.to("catalog.Location", T("Supply area", "供应区域"))
    dock = c.to("catalog.Location", T("Dock", "收货码头"))
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    agreement = c.to("supply.Agreement", T("Agreement", "供货协议"), null=True)
    window_start = c.moment(T("Window from", "时间窗开始"))
    window_end = c.moment(T("Window to", "时间窗结束"))
    quantity = c.quantity(T("Quantity", "数量"))
    previous_quantity = models.DecimalField(
        T("Quantity before", "变更前数量"), max_digits=18, decimal_places=6, null=True, blank=True
    )
    pack_quantity = c.quantity(T("Pack quantity", "包装数量"), default=1)
    ship_at = c.moment(T("Ship at", "应发时间"), null=True, blank=True)
    confirmed_quantity = models.DecimalField(
        T("Confirmed", "确认数量"), max_digits=18, decimal_places=6, null=True, blank=True
    )
    promised_at = c.moment(T("Promised for", "承诺到达"), null=True, blank=True)
    packed_quantity = c.quantity(T("Packed", "已打包数量"))
    shipped_quantity = c.quantity(T("Shipped", "已发货数量"))
    received_quantity = c.quantity(T("Received", "已收货数量"))
    reason = c.note(T("Reason", "原因"))
    released_at = c.moment(T("Released at", "下达时间"), null=True, blank=True)
    sent_at = c.moment(T("Sent at", "发送时间"), null=True, blank=True)
    acked_at = c.moment(T("Seen at", "查看时间"), null=True, blank=True)
    replied_at = c.moment(T("Answered at", "回复时间"), null=True, blank=True)
    received_at = c.moment(T("Received at", "收货时间"), null=True, blank=True)
    run_id = models.UUIDField(T("Plan run", "计划运行"), null=True, blank=True)
    requirement_id = models.UUIDField(
        T("Inbound requirement", "入厂需求"), null=True, blank=True, db_index=True
    )
    # Copies for the supplier, who may read no master data of ours.
    item_code = c.code(T("Item code", "物料编码"), default="", blank=True)
    item_name = c.name(T("Item name", "物料名称"))
    unit_code = c.code(T("Unit", "单位"), default="", blank=True)
    unit_decimals = models.PositiveSmallIntegerField(T("Decimals of the unit", "单位小数位"), default=6)
    dock_name = c.name(T("Dock name", "码头名称"))
    area_name = c.name(T("Area name", "区域名称"))
    supplier_part = c.name(T("Supplier's part number", "供应商料号"))

    class Meta:
        verbose_name = T("Call-off", "叫料单")
        verbose_name_plural = T("Call-offs", "叫料单")
        constraints = [
            # One live call a key (pull.md 25). What was received is not live: if less came than was called,
            # and before its window ended, the rest may be called for the same window.
            models.UniqueConstraint(
                fields=["plant", "item", "area", "supplier", "dock", "window_end"],
                name="call_off_one_live_per_key",
                condition=Q(
                    kind="JIT",
                    requirement_id__isnull=True,
                    state__in=[
                        "DRAFT",
                        "RELEASED",
                        "SENT",
                        "ACKED",
                        "CONFIRMED",
                        "PARTIAL",
                        "PREP",
                        "PACKED",
                        "SHIPPED",
                        "AT_GATE",
                        "UNLOADED",
                        "HOLD",
                    ],
                ),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, pack_quantity__gt=0), name="call_off_quantity"
            ),
            models.CheckConstraint(condition=Q(window_start__lte=F("window_end")), name="call_off_window"),
            models.CheckConstraint(
                condition=Q(packed_quantity__gte=0, shipped_quantity__gte=0, received_quantity__gte=0),
                name="call_off_progress",
            ),
        ]
        indexes = [
            models.Index(fields=["supplier", "window_end"], name="call_off_supplier_window"),
            models.Index(fields=["item", "window_end"], name="call_off_item_window"),
            models.Index(fields=["state", "window_end"], name="call_off_state_window"),
        ]

    def __str__(self) -> str:
        return self.number


class CallOffVersion(BaseModel):
    """What a call-off said before and after a change; the supplier sees the signed difference."""

    calloff = c.part_of("supply.CallOff", T("Call-off", "叫料单"), "versions")
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    revision = models.PositiveIntegerField(T("Version", "版次"))
    quantity = c.quantity(T("Quantity", "数量"))
    delta = c.quantity(T("Difference", "差异"))
    window_start = c.moment(T("Window from", "时间窗开始"))
    window_end = c.moment(T("Window to", "时间窗结束"))
    reason = c.note(T("Reason", "原因"))

    class Meta:
        verbose_name = T("Call-off version", "叫料版次")
        verbose_name_plural = T("Call-off versions", "叫料版次")
        constraints = [models.UniqueConstraint(fields=["calloff", "revision"], name="call_off_version_once")]


class CallOffReply(BaseModel):
    """A supplier's answer: yes, less, later or no, with the reason."""

    class Kind(Choices):
        CONFIRM = "CONFIRM", T("Confirmed", "确认")
        LESS = "LESS", T("Less", "少发")
        LATER = "LATER", T("Later", "改时间")
        REFUSE = "REFUSE", T("Refused", "拒绝")

    calloff = c.part_of("supply.CallOff", T("Call-off", "叫料单"), "replies")
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    revision = models.PositiveIntegerField(T("Version answered", "回复版次"))
    kind = c.state(Kind, label=T("Answer", "回复"))
    quantity = c.quantity(T("Quantity", "数量"))
    promised_at = c.moment(T("Promised for", "承诺到达"))
    reason = c.note(T("Reason", "原因"))
    by_name = c.name(T("By", "回复人"))

    class Meta:
        verbose_name = T("Supplier's answer", "供应商回复")
        verbose_name_plural = T("Suppliers' answers", "供应商回复")
