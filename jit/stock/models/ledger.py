"""Postings, their signed moves, the balances they add up to, and reservations.

Only the database function `stock_post` writes moves and balances (see the migration); everything else reads.
"""

from django.db import models
from django.db.models import Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T


class Posting(models.Model):
    """One balanced change of stock. Its id is chosen by the caller, so that a repeat is recognised."""

    class Kind(Choices):
        RECEIPT = "RECEIPT", T("Receipt", "收货")
        TRANSFER = "TRANSFER", T("Transfer", "移库")
        BACKFLUSH = "BACKFLUSH", T("Backflush", "倒冲")
        COMPLETION = "COMPLETION", T("Completion", "完工入库")
        SCRAP = "SCRAP", T("Scrap", "报废")
        ISSUE = "ISSUE", T("Issue", "发料")
        SHIPMENT = "SHIPMENT", T("Customer shipment", "销售出库")
        ADJUSTMENT = "ADJUSTMENT", T("Adjustment", "盘点调整")
        OPENING = "OPENING", T("Opening balance", "期初")
        REVERSAL = "REVERSAL", T("Reversal", "冲销")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = c.state(Kind, label=T("Kind", "类型"))
    occurred_at = c.moment(T("Happened at", "发生时间"))
    recorded_at = c.moment(T("Recorded at", "记账时间"), auto_now_add=True)
    document = c.code(T("Document", "单据"), default="", blank=True)
    document_id = models.UUIDField(T("Document id", "单据标识"), null=True, blank=True, db_index=True)
    reason = c.name(T("Reason", "原因"))
    actor_name = c.name(T("By", "操作人"))
    reverses = models.OneToOneField(
        "stock.Posting",
        verbose_name=T("Reverses", "冲销"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
    )

    class Meta:
        verbose_name = T("Posting", "记账凭证")
        verbose_name_plural = T("Postings", "记账凭证")


class StockMove(models.Model):
    """One signed line: plus at the place that gains, minus at the place that loses."""

    id = models.BigAutoField(primary_key=True)
    posting = models.ForeignKey(
        "stock.Posting", models.PROTECT, related_name="moves", verbose_name=T("Posting", "凭证")
    )
    line_no = models.PositiveIntegerField(T("Line", "行号"))
    item = c.to("catalog.Item", T("Item", "物料"))
    location = c.to("catalog.Location", T("Location", "库位"))
    lot = c.to("stock.Lot", T("Lot", "批次"), null=True)
    owner = c.to("catalog.Supplier", T("Owner (empty = own)", "货主(空=自有)"), null=True)
    quantity = c.quantity(T("Quantity", "数量"), default=None)

    class Meta:
        verbose_name = T("Stock move", "库存流水")
        verbose_name_plural = T("Stock moves", "库存流水")
        constraints = [
            models.UniqueConstraint(fields=["posting", "line_no"], name="stock_move_once"),
            models.CheckConstraint(condition=~Q(quantity=0), name="stock_move_not_zero"),
        ]
        indexes = [models.Index(fields=["item", "location"], name="stock_move_item_place")]


class Balance(models.Model):
    """What is where: the sum of the moves of one (item, location, lot, owner)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = c.to("catalog.Item", T("Item", "物料"))
    location = c.to("catalog.Location", T("Location", "库位"))
    lot = c.to("stock.Lot", T("Lot", "批次"), null=True)
    owner = c.to("catalog.Supplier", T("Owner (empty = own)", "货主(空=自有)"), null=True)
    quantity = c.quantity(T("On hand", "现存量"))
    reserved = c.quantity(T("Reserved", "已预留"))
    allow_negative = models.BooleanField(T("May go negative", "允许负数"), default=False)
    updated_at = c.moment(T("Changed at", "更新时间"), auto_now=True)

    class Meta:
        verbose_name = T("Stock balance", "库存余额")
        verbose_name_plural = T("Stock balances", "库存余额")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "location", "lot", "owner"], name="balance_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(allow_negative=True) | Q(quantity__gte=models.F("reserved"), reserved__gte=0),
                name="balance_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["location"], name="balance_place")]


class Reservation(BaseModel):
    """A hard claim on stock by a document."""

    item = c.to("catalog.Item", T("Item", "物料"))
    location = c.to("catalog.Location", T("Location", "库位"))
    lot = c.to("stock.Lot", T("Lot", "批次"), null=True)
    quantity = c.quantity(T("Quantity", "数量"))
    document = c.code(T("Document", "单据"))
    document_id = models.UUIDField(T("Document id", "单据标识"), null=True, blank=True)

    class Meta:
        verbose_name = T("Reservation", "预留")
        verbose_name_plural = T("Reservations", "预留")
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_quantity")]
