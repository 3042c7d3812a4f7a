"""The base of every table, background jobs and the slots of schedules."""

from __future__ import annotations

from django.db import models

from forms_engine.base.choices import Choices
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T


class BaseModel(models.Model):
    """Identity, times and the row version; the trigger `takt_touch` moves `version`, `updated_at`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False, verbose_name=T("Id", "标识"))
    created_at = models.DateTimeField(
        default=clock.now, editable=False, verbose_name=T("Created", "创建时间")
    )
    updated_at = models.DateTimeField(
        default=clock.now, editable=False, verbose_name=T("Changed", "更新时间")
    )
    version = models.IntegerField(default=1, editable=False, verbose_name=T("Row version", "行版本"))
    archived_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=T("Archived", "归档时间")
    )

    class Meta:
        abstract = True


class Job(BaseModel):
    """One piece of background work: the truth about it is this row, a queue message is only a hint."""

    class State(Choices):
        QUEUED = "QUEUED", T("Queued", "排队中")
        RUNNING = "RUNNING", T("Running", "进行中")
        DONE = "DONE", T("Done", "已完成")
        FAILED = "FAILED", T("Failed", "失败")
        CANCELLED = "CANCELLED", T("Cancelled", "已取消")

    kind = models.CharField(max_length=100, verbose_name=T("Kind", "类型"))
    params = models.JSONField(default=dict, blank=True, verbose_name=T("Parameters", "参数"))
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.QUEUED, verbose_name=T("State", "状态")
    )
    done_units = models.BigIntegerField(default=0, verbose_name=T("Done", "已完成数"))
    total_units = models.BigIntegerField(default=0, verbose_name=T("Total", "总数"))
    step = models.JSONField(default=dict, blank=True, verbose_name=T("Step", "当前步骤"))
    result = models.JSONField(null=True, blank=True, verbose_name=T("Result", "结果"))
    error = models.JSONField(null=True, blank=True, verbose_name=T("Error", "错误"))
    owner_id = models.UUIDField(null=True, blank=True, db_index=True, verbose_name=T("Owner", "所有者"))
    actor = models.JSONField(default=dict, blank=True, verbose_name=T("Actor", "操作者"))
    attempts = models.IntegerField(default=0, verbose_name=T("Attempts", "尝试次数"))
    run_after = models.DateTimeField(default=clock.real_now, verbose_name=T("Not before", "最早执行"))
    claimed_until = models.DateTimeField(null=True, blank=True, verbose_name=T("Leased until", "占用至"))
    cancel_asked = models.BooleanField(default=False, verbose_name=T("Cancel asked", "已请求取消"))

    class Meta:
        verbose_name = T("Job", "后台任务")
        verbose_name_plural = T("Jobs", "后台任务")
        indexes = [
            models.Index(
                fields=["run_after"],
                name="base_job_open",
                condition=models.Q(state__in=["QUEUED", "RUNNING"]),
            ),
        ]


class JobSlot(models.Model):
    """One due moment of one schedule. Whoever inserts the row owns the slot; any number may try."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.CharField(max_length=100)
    slot = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(default=clock.real_now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "slot"], name="base_jobslot_once")]
        indexes = [models.Index(fields=["job", "-due_at"], name="base_jobslot_last")]
