"""A planning run: its inputs by hash, its exceptions, and the rows a grid is drawn from."""

from django.db import models

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T

#: References of what a run finds: it has just read the rows they point to, and the next run replaces them.
FOUND = {"db_constraint": False, "db_index": False}


class PlanRun(BaseModel):
    """One run over one snapshot; `as_of` is an input and never the clock (pull.md 9)."""

    class State(Choices):
        RUNNING = "RUNNING", T("Running", "运行中")
        DONE = "DONE", T("Done", "完成")
        FAILED = "FAILED", T("Failed", "失败")

    class Reason(Choices):
        PERSON = "PERSON", T("A person asked for it", "人工发起")
        PLAN = "PLAN", T("A plan was released", "计划已下达")
        REPLIED = "REPLIED", T("A supplier answered", "供应商已答复")
        ORDER_RELEASED = "ORDER_RELEASED", T("A work order was released", "工单已下达")
        ORDER_DONE = "ORDER_DONE", T("A work order is done", "工单已完工")
        RECEIVED = "RECEIVED", T("A delivery was received", "送货已收货")
        VARIANCE = "VARIANCE", T("A difference was found", "发现库存差异")

    number = c.code(T("Run", "运行号"), unique=True)
    plant = c.to("catalog.Plant", T("Plant", "工厂"), null=True)
    state = c.state(State, State.RUNNING)
    as_of = c.moment(T("As of", "基准时间"))
    horizon_end = c.moment(T("Horizon", "计划截止"))
    reason = c.state(Reason, Reason.PERSON, T("Reason", "原因"))
    # Who asked, or the number of the plan; empty for a run that began by itself.
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


class PlanException(models.Model):
    """Something a person has to look at, with the quantity, the minute and the orders that it hurts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(
        "planning.PlanRun",
        models.CASCADE,
        related_name="exceptions",
        verbose_name=T("Run", "计划运行"),
        **FOUND,
    )
    kind = models.CharField(T("Kind", "类型"), max_length=32)
    severity = models.PositiveSmallIntegerField(T("Severity (1 = worst)", "严重度(1最高)"), default=3)
    item = c.to("catalog.Item", T("Item", "物料"), **FOUND)
    area = c.to("catalog.Location", T("Area", "区域"), null=True, **FOUND)
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"), null=True, **FOUND)
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
    """The netting of one (item, plant, area) as the last run left it, packed; `selectors.netting` reads it.

    `requirements`, `supplies`: records in the order the run pegs by (pull.md 29). The first `hard` of the one
    are settled by the first `hard` of the other, one by one: hard reservations. A lot stands among the
    supplies with what the run takes of it; `opening` has all of it, so lots are left out of a stock line.
    A run touches only the rows whose `digest` differs.
    """

    CALL, ORDER, RECEIPT, LOT, KINDS = 0, 1, 2, 3, 4

    id = models.BigAutoField(primary_key=True)
    item = c.to("catalog.Item", T("Item", "物料"), **FOUND)
    plant = c.to("catalog.Plant", T("Plant", "工厂"), **FOUND)
    area = c.to("catalog.Location", T("Area", "区域"), null=True, **FOUND)
    opening = models.FloatField(T("Opening stock", "期初库存"), default=0)
    safety_stock = models.FloatField(T("Safety stock", "安全库存"), default=0)
    hard = models.PositiveIntegerField(default=0)
    requirements = models.BinaryField(default=b"")
    supplies = models.BinaryField(default=b"")
    # What the records' sources are called, one after the other, each ended by U+001F.
    labels = models.TextField(default="")
    digest = models.BinaryField(default=b"")

    class Meta:
        verbose_name = T("Netting", "净需求明细")
        verbose_name_plural = T("Nettings", "净需求明细")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "plant", "area"], name="plan_run_node_once", nulls_distinct=False
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
