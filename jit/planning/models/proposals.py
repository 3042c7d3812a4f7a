"""What a run proposes beyond call-offs: packed by the thousand, a row of its own once a person fixed it."""

from django.db import models

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Proposed(models.Model):
    """Whose proposal it is. No foreign key constraints: a run reads the very rows it points to."""

    class Kind(Choices):
        MAKE = "MAKE", T("Make", "生产")
        BUY = "BUY", T("Buy", "采购")
        TRANSFER = "TRANSFER", T("Transfer", "调拨")
        # A schedule line beyond the JIT horizon: the supplier's outlook, never a call (pull.md 21).
        FORECAST = "FORECAST", T("Forecast", "预测")

    kind = c.state(Kind, label=T("Kind", "类型"))
    plant = c.to("catalog.Plant", T("Plant", "工厂"), db_index=False, db_constraint=False)
    item = c.to("catalog.Item", T("Item", "物料"), db_index=False, db_constraint=False)
    area = c.to("catalog.Location", T("Area", "区域"), null=True, db_index=False, db_constraint=False)
    # Not named `supplier`: no supplier ever reads proposals, and a table with walls cannot be COPYed into.
    source = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True, db_index=False, db_constraint=False)
    is_blocked = models.BooleanField(T("Blocked", "受阻"), default=False)

    class Meta:
        abstract = True


class Order(Proposed):
    """How much of it, and when. float8: the planner rounds to six decimals."""

    quantity = models.FloatField(T("Start quantity", "投产数量"))
    good_quantity = models.FloatField(T("Good quantity", "合格数量"))
    start_at = c.moment(T("Start", "开始"))
    finish_at = c.moment(T("Finish", "完成"))
    need_at = c.moment(T("Needed at", "需求时间"))

    class Meta:
        abstract = True


class PlannedOrder(Order):
    """A supply the plan proposes beyond call-offs: make, buy or transfer; it keeps its id between runs.

    A view over `PlannedPack` and `FirmOrder` (`sql/planned_order.sql`). It may be written like a table, one
    order at a time: `is_firm` moves an order from its pack into a row of its own, or back.
    """

    id = models.BigAutoField(primary_key=True)
    is_firm = models.BooleanField(T("Firm", "已确定"), default=False)

    class Meta:
        managed = False
        db_table = "planning_plannedorder"
        verbose_name = T("Planned order", "计划订单")
        verbose_name_plural = T("Planned orders", "计划订单")


class FirmOrder(BaseModel, Proposed):
    """A planned order that a person fixed: supply that no run changes, it is never matched (pull.md 25)."""

    class State(Choices):
        FIRM = "FIRM", T("Firm", "已确定")
        # Among the proposals again: the next run may change it.
        GIVEN_BACK = "GIVEN_BACK", T("Given back to the run", "已退回计划")
        MADE = "MADE", T("Made into a work order", "已转工单")

    #: The id it has as a planned order.
    order_id = models.BigIntegerField(T("Planned order", "计划订单"))
    number = c.code(T("Number", "编号"))
    state = c.state(State, State.FIRM)
    work_order = c.to("shopfloor.WorkOrder", T("Work order", "工单"), null=True)
    quantity = c.quantity(T("Start quantity", "投产数量"))
    good_quantity = c.quantity(T("Good quantity", "合格数量"))
    start_at = c.moment(T("Start", "开始"))
    finish_at = c.moment(T("Finish", "完成"))
    need_at = c.moment(T("Needed at", "需求时间"))

    class Meta:
        verbose_name = T("Firm planned order", "已确定计划订单")
        verbose_name_plural = T("Firm planned orders", "已确定计划订单")
        indexes = [models.Index(fields=["item"], name="firm_order_item")]
        constraints = [
            models.UniqueConstraint(
                fields=["order_id"], name="firm_order_once", condition=models.Q(state="FIRM")
            )
        ]

    def __str__(self) -> str:
        return self.number


class PlannedPack(Proposed):
    """The proposals of one node from one source, by the run alone: records of `selectors.planned.RECORD`.

    Row by row they cost 1.6 µs each to store, packed 0.06 (performance.md), and a pack of the same bytes is
    not touched.
    """

    id = models.BigAutoField(primary_key=True)
    orders = models.BinaryField()

    class Meta:
        verbose_name = T("Packed proposals", "打包建议")
        verbose_name_plural = T("Packed proposals", "打包建议")
        indexes = [models.Index(fields=["item"], name="planned_pack_item")]
