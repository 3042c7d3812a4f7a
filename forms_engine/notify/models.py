"""What people are told, by which channels it reached them, and what they do not want to hear."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Notification(BaseModel):
    """One message to one person; unique by its key, however often it is asked for.

    `title` and `body` are in the language the person had then, `texts` holds both languages.
    `supplier_id` is the person's supplier, so that row-level security knows whose it is.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=T("For", "接收人")
    )
    supplier_id = models.UUIDField(null=True, blank=True, verbose_name=T("Supplier", "供应商"))
    key = models.CharField(max_length=200, verbose_name=T("Key", "键"))
    title = models.CharField(max_length=300, verbose_name=T("Title", "标题"))
    body = models.TextField(blank=True, verbose_name=T("Text", "内容"))
    texts = models.JSONField(default=dict, verbose_name=T("Texts", "双语内容"))
    link = models.CharField(max_length=500, blank=True, verbose_name=T("Link", "链接"))
    read_at = models.DateTimeField(null=True, blank=True, verbose_name=T("Read", "已读时间"))

    class Meta:
        verbose_name = T("Notification", "通知")
        verbose_name_plural = T("Notifications", "通知")
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notify_notification_once")]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notify_notification_newest"),
            models.Index(
                fields=["recipient"], name="notify_notification_unread", condition=models.Q(read_at=None)
            ),
        ]


class Delivery(BaseModel):
    """One notification on one channel. A row in state FAILED says why in `error`."""

    class State(Choices):
        WAITING = "WAITING", T("Waiting", "等待")
        SENT = "SENT", T("Sent", "已发送")
        FAILED = "FAILED", T("Failed", "失败")

    notification = models.ForeignKey(
        Notification, models.CASCADE, related_name="deliveries", verbose_name=T("Notification", "通知")
    )
    recipient_id = models.UUIDField(verbose_name=T("For", "接收人"))
    key = models.CharField(max_length=200, verbose_name=T("Key", "键"))
    channel = models.CharField(max_length=40, verbose_name=T("Channel", "渠道"))
    state = models.CharField(
        max_length=8, choices=State.choices, default=State.WAITING, verbose_name=T("State", "状态")
    )
    attempts = models.IntegerField(default=0, verbose_name=T("Attempts", "尝试次数"))
    sent_at = models.DateTimeField(null=True, blank=True, verbose_name=T("Sent", "发送时间"))
    reference = models.CharField(max_length=200, blank=True, verbose_name=T("Reference", "外部编号"))
    error = models.CharField(max_length=300, blank=True, verbose_name=T("Error", "错误"))

    class Meta:
        verbose_name = T("Message sent", "消息发送")
        verbose_name_plural = T("Messages sent", "消息发送")
        constraints = [
            models.UniqueConstraint(fields=["recipient_id", "key", "channel"], name="notify_delivery_once")
        ]


class Preference(BaseModel):
    """Whether somebody wants to hear by a channel; without a row he does. The bell cannot be switched off."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=T("Person", "人员")
    )
    supplier_id = models.UUIDField(null=True, blank=True, verbose_name=T("Supplier", "供应商"))
    channel = models.CharField(max_length=40, verbose_name=T("Channel", "渠道"))
    enabled = models.BooleanField(default=True, verbose_name=T("Wanted", "接收"))

    class Meta:
        verbose_name = T("Preference", "通知偏好")
        verbose_name_plural = T("Preferences", "通知偏好")
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="notify_preference_once")]
