"""Alerts as tables: the rules that watch, and what they found, with its life."""

from __future__ import annotations

from django.db import models

from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class AlertRule(BaseModel):
    """A watch: which type with which settings, how often, and who is told."""

    key = models.CharField(T("Key", "键"), max_length=80, unique=True)
    type = models.CharField(T("Type", "类型"), max_length=80)
    title = models.JSONField(T("Title", "标题"), default=dict)
    options = models.JSONField(T("Settings", "设置"), default=dict, blank=True)
    roles = models.JSONField(T("Told roles", "通知角色"), default=list, blank=True)
    every_seconds = models.PositiveIntegerField(T("Looks every (s)", "检查间隔(秒)"), default=60)
    is_active = models.BooleanField(T("Active", "启用"), default=True)
    checked_at = models.DateTimeField(T("Checked at", "上次检查"), null=True, blank=True)

    class Meta:
        verbose_name = T("Alert rule", "预警规则")
        verbose_name_plural = T("Alert rules", "预警规则")

    def __str__(self) -> str:
        return self.key


class Alert(BaseModel):
    """One thing that is wrong: open, acknowledged by somebody, resolved when it is gone."""

    class State(Choices):
        OPEN = "OPEN", T("Open", "未处理")
        ACKNOWLEDGED = "ACKNOWLEDGED", T("Acknowledged", "已知悉")
        RESOLVED = "RESOLVED", T("Resolved", "已解除")

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="alerts", verbose_name=T("Rule", "规则"))
    cause = models.CharField(T("Cause", "原因键"), max_length=200)
    state = models.CharField(T("State", "状态"), max_length=14, choices=State.choices, default=State.OPEN)
    severity = models.PositiveSmallIntegerField(T("Severity (1 = worst)", "严重度(1最高)"), default=2)
    title_en = models.CharField(T("What (English)", "内容(英文)"), max_length=300)
    title_zh = models.CharField(T("What (Chinese)", "内容(中文)"), max_length=300)
    link = models.CharField(T("Link", "链接"), max_length=300, blank=True, default="")
    opened_at = models.DateTimeField(T("Opened", "发生时间"))
    acknowledged_at = models.DateTimeField(T("Acknowledged at", "知悉时间"), null=True, blank=True)
    acknowledged_by = models.CharField(T("Acknowledged by", "知悉人"), max_length=200, blank=True, default="")
    resolved_at = models.DateTimeField(T("Resolved at", "解除时间"), null=True, blank=True)

    class Meta:
        verbose_name = T("Alert", "预警")
        verbose_name_plural = T("Alerts", "预警")
        constraints = [
            # One alert per cause while it lives: no flapping, no second bell for the same thing.
            models.UniqueConstraint(
                fields=["rule", "cause"], condition=~models.Q(state="RESOLVED"), name="alert_once_per_cause"
            )
        ]
        indexes = [models.Index(fields=["state", "severity", "opened_at"], name="alert_worst_first")]
