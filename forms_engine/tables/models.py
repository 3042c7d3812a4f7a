"""Values that a new schema could not take over: kept as text, never lost."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T


class Quarantine(models.Model):
    """One value of one record that could not become the new type of its field."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entity_table = models.CharField(max_length=63, verbose_name=T("Table", "数据表"))
    record_id = models.UUIDField(verbose_name=T("Record", "记录"))
    field_id = models.CharField(max_length=100, verbose_name=T("Field id", "字段标识"))
    field_name = models.CharField(max_length=63, verbose_name=T("Field", "字段"))
    old_type = models.CharField(max_length=60, verbose_name=T("Old type", "原类型"))
    new_type = models.CharField(max_length=60, verbose_name=T("New type", "新类型"))
    value = models.TextField(verbose_name=T("Value", "值"))
    at = models.DateTimeField(db_default=Now(), verbose_name=T("At", "时间"))
    resolved_at = models.DateTimeField(null=True, verbose_name=T("Resolved", "处理时间"))

    class Meta:
        verbose_name = T("Value in quarantine", "隔离值")
        verbose_name_plural = T("Values in quarantine", "隔离值")
        indexes = [models.Index(fields=["entity_table", "record_id"], name="tables_quarantine_record")]
