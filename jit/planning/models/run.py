"""A planning run: its inputs by hash, its orders, its exceptions, and the rows a grid is drawn from."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T


class PlanRun(BaseModel):
    """One run over one snapshot; `as_of` is an input and never the clock (pull.md 9)."""

    class State(Choices):
        RUNNING = "RUNNING", T("Running", "运行中")
        DONE = "DONE", T("Done", "完成")
        FAILED = "FAILED", T("Failed", "失败")

    number = c.code(T("Run", "运行号"), unique=True)
    plant = c.to("catalog.Plant", T("Plant", "工厂"), null=True)
    state = c.state(State, State.RUNNING)
    as_of = c.moment(T("As of", "基准时间"))
    horizon_end = c.moment(T("Horizon", "计划截止"))
    trigger = c.name(T("Started by", "触发"))
    input_hash = c.name(T("Input hash", "输入指纹"))
    output_hash = c.name(T("Output hash", "输出指纹"))
    started_at = c.moment(T("Started at", "开始"), null=True, blank=True)
    finished_at = c.moment(T("Finished at", "结束"), null=True, blank=True)
    # Counts of what the run saw and changed: {"requirements": n, "orders": n, "new": n, "changed": n, ...}
    counts = models.JSONField(T("Counts", "统计"), default=dict, blank=True)
    error = c.note(T("Error", "错误"))

    class Meta:
        verbose_name = T("Plan run", "计划运行")
        verbose_name_plural = T("Plan runs", "计划运行")
        indexes = [models.Index(fields=["-created_at"], name="plan_run_newest")]

    def __str__(self) -> str:
        return self.number


class PlannedOrder(models.Model):
    """A supply the plan proposes beyond call-offs: make, buy or transfer; upserted by key.

    Written by the hundred thousand with COPY: float8 quantities (the planner rounds them to six decimals)
    and no foreign key constraints, because a run reads the very rows it points to in the same transaction.
    """

    class Kind(Choices):
        MAKE = "MAKE", T("Make", "生产")
        BUY = "BUY", T("Buy", "采购")
        TRANSFER = "TRANSFER", T("Transfer", "调拨")
        # A schedule line beyond the JIT horizon: the supplier's outlook, never a call (pull.md 21).
        FORECAST = "FORECAST", T("Forecast", "预测")

    id = models.BigAutoField(primary_key=True)
    kind = c.state(Kind, label=T("Kind", "类型"))
    plant = c.to("catalog.Plant", T("Plant", "工厂"), db_index=False, db_constraint=False)
    item = c.to("catalog.Item", T("Item", "物料"), db_index=False, db_constraint=False)
    area = c.to("catalog.Location", T("Area", "区域"), null=True, db_index=False, db_constraint=False)
    # Not named `supplier`: no supplier ever reads proposals, and a table with walls cannot be COPYed into.
    source = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True, db_index=False, db_constraint=False)
    quantity = models.FloatField(T("Start quantity", "投产数量"))
    good_quantity = models.FloatField(T("Good quantity", "合格数量"))
    start_at = c.moment(T("Start", "开始"))
    finish_at = c.moment(T("Finish", "完成"))
    need_at = c.moment(T("Needed at", "需求时间"))
    is_firm = models.BooleanField(T("Firm", "已确定"), default=False)
    is_blocked = models.BooleanField(T("Blocked", "受阻"), default=False)

    class Meta:
        verbose_name = T("Planned order", "计划订单")
        verbose_name_plural = T("Planned orders", "计划订单")
        # Block ranges: a B-tree cost more per run than all of its COPY; rows of an item stand together.
        indexes = [
            BrinIndex(
                fields=["item"], opclasses=["uuid_bloom_ops"], name="planned_order_item", pages_per_range=16
            ),
        ]


class PlanException(models.Model):
    """Something a person has to look at, with the quantity, the minute and the orders that it hurts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(
        "planning.PlanRun", models.CASCADE, related_name="exceptions", verbose_name=T("Run", "计划运行")
    )
    kind = models.CharField(T("Kind", "类型"), max_length=32)
    severity = models.PositiveSmallIntegerField(T("Severity (1 = worst)", "严重度(1最高)"), default=3)
    item = c.to("catalog.Item", T("Item", "物料"))
    area = c.to("catalog.Location", T("Area", "区域"), null=True)
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True)
    quantity = c.quantity(T("Quantity", "数量"))
    at = c.moment(T("At", "时间"), null=True, blank=True)
    minutes = models.IntegerField(T("Minutes", "分钟"), default=0)
    document = c.name(T("Document", "单据"))
    hurts = models.JSONField(T("Hurts", "受影响"), default=list, blank=True)

    class Meta:
        verbose_name = T("Plan exception", "计划例外")
        verbose_name_plural = T("Plan exceptions", "计划例外")
        indexes = [models.Index(fields=["run", "severity", "at"], name="plan_exception_worst")]


class PlanRunNode(models.Model):
    """The netting of one (item, area) in one run, packed: little-endian arrays of one length each.

    `requirement_at`, `supply_at` are int64 minutes UTC, `.._quantity` float64 stock units.
    `requirement_source` int32 indexes into `labels`: demand or work order, parent item, or the line it feeds.
    `supply_source` int32: index into `labels` * KINDS + one of CALL, ORDER, RECEIPT, LOT. A lot stands with
    what the run takes of it; `opening` has all of it, so lots are left out of a stock line.
    Rows stand in the order the run pegs by (pull.md 29). `requirement_priority` int16, empty = all 0.
    `supply_wanted` int64: the minute a supply is meant for, empty = `supply_at`.
    The first `hard` requirements are settled by the first `hard` supplies, one by one: hard reservations.
    """

    CALL, ORDER, RECEIPT, LOT, KINDS = 0, 1, 2, 3, 4

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(
        "planning.PlanRun", models.CASCADE, related_name="nodes", verbose_name=T("Run", "计划运行")
    )
    item = c.to("catalog.Item", T("Item", "物料"))
    plant = c.to("catalog.Plant", T("Plant", "工厂"))
    area = c.to("catalog.Location", T("Area", "区域"), null=True)
    opening = models.FloatField(T("Opening stock", "期初库存"), default=0)
    safety_stock = models.FloatField(T("Safety stock", "安全库存"), default=0)
    requirement_at = models.BinaryField()
    requirement_quantity = models.BinaryField()
    requirement_source = models.BinaryField()
    requirement_priority = models.BinaryField(default=b"")
    supply_at = models.BinaryField()
    supply_quantity = models.BinaryField()
    supply_source = models.BinaryField()
    supply_wanted = models.BinaryField(default=b"")
    hard = models.PositiveIntegerField(default=0)
    labels = models.JSONField(default=list)

    class Meta:
        verbose_name = T("Netting", "净需求明细")
        verbose_name_plural = T("Nettings", "净需求明细")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "item", "plant", "area"], name="plan_run_node_once", nulls_distinct=False
            )
        ]


class CallOffPeg(models.Model):
    """Which demand a released call-off serves, stored when it is released (pull.md 29)."""

    id = models.BigAutoField(primary_key=True)
    calloff = models.ForeignKey(
        "supply.CallOff", models.CASCADE, related_name="+", verbose_name=T("Call-off", "叫料单")
    )
    demand = models.CharField(T("Serves", "服务于"), max_length=120)
    need_at = c.moment(T("Needed at", "需求时间"))
    quantity = c.quantity(T("Quantity", "数量"))

    class Meta:
        verbose_name = T("Peg", "需求追溯")
        verbose_name_plural = T("Pegs", "需求追溯")
        indexes = [models.Index(fields=["calloff"], name="call_off_peg_call")]
