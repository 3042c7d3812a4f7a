"""The journal: row changes written by triggers, entries with a reason, the outbox and its deliveries."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T


class RowChange(models.Model):
    """One row of one table changed. Only the trigger functions of `tables.triggers` write here.

    `new` of an insert is the whole row without empty columns, `old` of a delete likewise; an update holds
    just the columns that changed. `version` and `updated_at` are left out.
    """

    class Verb(Choices):
        INSERTED = "I", T("Created", "新建")
        UPDATED = "U", T("Changed", "修改")
        DELETED = "D", T("Deleted", "删除")

    id = models.BigAutoField(primary_key=True)
    entity_table = models.CharField(max_length=63, verbose_name=T("Table", "数据表"))
    record_id = models.UUIDField(verbose_name=T("Record", "记录"))
    verb = models.CharField(max_length=1, choices=Verb.choices, verbose_name=T("Kind", "类型"))
    old = models.JSONField(null=True, verbose_name=T("Before", "原值"))
    new = models.JSONField(null=True, verbose_name=T("After", "新值"))
    actor_id = models.CharField(max_length=64, null=True, verbose_name=T("Actor id", "操作者标识"))
    actor_name = models.CharField(max_length=200, null=True, verbose_name=T("By", "操作者"))
    request_id = models.CharField(max_length=64, null=True, verbose_name=T("Request", "请求"))
    action = models.CharField(max_length=100, null=True, verbose_name=T("Action", "动作"))
    txid = models.BigIntegerField(verbose_name=T("Transaction", "事务"))
    at = models.DateTimeField(verbose_name=T("At", "时间"))

    class Meta:
        verbose_name = T("Row change", "行变更")
        verbose_name_plural = T("Row changes", "行变更")
        indexes = [
            models.Index(fields=["record_id", "id"], name="journal_rowchange_record"),
            BrinIndex(fields=["txid"], name="journal_rowchange_txid", pages_per_range=16),
            models.Index(
                fields=["entity_table"], name="journal_rowchange_gone", condition=models.Q(verb="D")
            ),
        ]


class Entry(models.Model):
    """Why something was done, or one doing that touched several records; joined to row changes by `txid`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    action = models.CharField(max_length=100, verbose_name=T("Action", "动作"))
    reason = models.TextField(blank=True, verbose_name=T("Reason", "原因"))
    records = models.JSONField(default=list, verbose_name=T("Records", "涉及记录"))
    actor = models.JSONField(default=dict, verbose_name=T("Actor", "操作者"))
    request_id = models.CharField(max_length=64, blank=True, verbose_name=T("Request", "请求"))
    txid = models.BigIntegerField(db_index=True, verbose_name=T("Transaction", "事务"))
    at = models.DateTimeField(db_default=Now(), verbose_name=T("At", "时间"))

    class Meta:
        verbose_name = T("Journal entry", "日志条目")
        verbose_name_plural = T("Journal entries", "日志条目")


class OutboxEvent(models.Model):
    """A published event, in the commit of what it tells of. `fanned`: its deliveries are laid out."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=100, verbose_name=T("Topic", "主题"))
    record_id = models.UUIDField(db_index=True, verbose_name=T("Record", "记录"))
    payload = models.JSONField(default=dict, verbose_name=T("Content", "内容"))
    actor = models.JSONField(default=dict, verbose_name=T("Actor", "操作者"))
    txid = models.BigIntegerField(verbose_name=T("Transaction", "事务"))
    at = models.DateTimeField(db_default=Now(), verbose_name=T("At", "时间"))
    fanned = models.BooleanField(db_default=False)

    class Meta:
        verbose_name = T("Event", "事件")
        verbose_name_plural = T("Events", "事件")
        indexes = [
            models.Index(fields=["id"], name="journal_outbox_waiting", condition=models.Q(fanned=False)),
        ]


class Delivery(models.Model):
    """One event on its way to one subscriber; unique, so an effect keyed by it happens once."""

    class State(Choices):
        WAITING = "WAITING", T("Waiting", "等待")
        DONE = "DONE", T("Done", "完成")
        DEAD = "DEAD", T("Given up", "已放弃")

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, models.CASCADE, related_name="+", verbose_name=T("Event", "事件"))
    subscriber = models.CharField(max_length=100, verbose_name=T("Subscriber", "订阅者"))
    record_id = models.UUIDField(verbose_name=T("Record", "记录"))
    state = models.CharField(
        max_length=8, choices=State.choices, db_default=State.WAITING, verbose_name=T("State", "状态")
    )
    attempts = models.IntegerField(db_default=0, verbose_name=T("Attempts", "尝试次数"))
    run_after = models.DateTimeField(db_default=Now(), verbose_name=T("Not before", "最早执行"))
    claimed_until = models.DateTimeField(null=True, verbose_name=T("Leased until", "占用至"))
    done_at = models.DateTimeField(null=True, verbose_name=T("Finished", "完成时间"))
    error = models.TextField(blank=True, db_default="", verbose_name=T("Last error", "最近错误"))
    alarm = models.BooleanField(db_default=False, verbose_name=T("Alarm", "告警"))

    class Meta:
        verbose_name = T("Delivery", "投递")
        verbose_name_plural = T("Deliveries", "投递")
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="journal_delivery_once")]
        indexes = [
            models.Index(
                fields=["subscriber", "record_id", "event"],
                name="journal_delivery_heads",
                condition=models.Q(state="WAITING"),
            ),
            models.Index(
                fields=["run_after"], name="journal_delivery_due", condition=models.Q(state="WAITING")
            ),
            models.Index(fields=["id"], name="journal_delivery_alarm", condition=models.Q(alarm=True)),
        ]


class DeadLetter(BaseModel):
    """A delivery that was given up: somebody has to look. The alarm stays on until he says that he has."""

    delivery = models.OneToOneField(
        Delivery, models.CASCADE, related_name="dead_letter", verbose_name=T("Delivery", "投递")
    )
    topic = models.CharField(max_length=100, verbose_name=T("Topic", "主题"))
    subscriber = models.CharField(max_length=100, verbose_name=T("Subscriber", "订阅者"))
    record_id = models.UUIDField(verbose_name=T("Record", "记录"))
    error = models.TextField(blank=True, verbose_name=T("Last error", "最近错误"))
    alarm = models.BooleanField(default=True, verbose_name=T("Alarm", "告警"))
    retried_at = models.DateTimeField(null=True, blank=True, verbose_name=T("Sent again", "重新投递时间"))

    class Meta:
        verbose_name = T("Dead letter", "死信")
        verbose_name_plural = T("Dead letters", "死信")
        indexes = [
            models.Index(
                fields=["-created_at"], name="journal_deadletter_alarm", condition=models.Q(alarm=True)
            )
        ]


class Seal(models.Model):
    """One link of the hash chain over the row changes of a span of finished transactions."""

    id = models.BigAutoField(primary_key=True)
    from_txid = models.BigIntegerField()
    to_txid = models.BigIntegerField()
    rows = models.BigIntegerField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["previous"], name="journal_seal_chain")]
