"""Definitions of entities, receipts of the door, counters of business numbers, files."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from forms_engine.base.models import BaseModel
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T


class EntityDefinition(BaseModel):
    """An admin-made entity, or the fields an admin has added to a typed one (`is_typed`)."""

    key = models.CharField(T("Key", "标识"), max_length=80, unique=True)
    is_typed = models.BooleanField(T("Typed", "内置"), default=False)
    label = models.JSONField(T("Label", "名称"), default=dict)
    plural = models.JSONField(T("Plural", "复数名称"), default=dict)
    icon = models.CharField(T("Icon", "图标"), max_length=60, default="box")
    scope = models.CharField(T("Scope", "范围"), max_length=20, blank=True, default="")
    title = models.CharField(T("Title field", "标题字段"), max_length=60, blank=True, default="")
    business_key = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    search = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    columns = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    sort = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    current = models.PositiveIntegerField(T("Published version", "已发布版本"), default=0)

    class Meta:
        verbose_name = T("Entity", "实体")
        verbose_name_plural = T("Entities", "实体")


class SchemaVersion(BaseModel):
    """One published schema; immutable. `plan` is what its publication did to the table."""

    definition = models.ForeignKey(EntityDefinition, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    schema = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    published_by = models.CharField(max_length=64, blank=True, default="")
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="core_schemaversion_once")
        ]


class SchemaStamp(models.Model):
    """One row: the global version of all published schemas. The door reads it in its first statement."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="core_schemastamp_one")]


class RunReceipt(models.Model):
    """What a key of an actor did: the same key with the same body is answered from here, byte for byte."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    actor_id = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    action = models.CharField(max_length=160)
    digest = models.BinaryField(max_length=32)
    record_id = models.UUIDField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="core_runreceipt_once")]
        indexes = [models.Index(fields=["created_at"], name="core_runreceipt_age")]


class SerialCounter(models.Model):
    """The last count of one pattern of business numbers in one period."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=160)
    period = models.CharField(max_length=10, blank=True, default="")
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "period"], name="core_serialcounter_once")]


class Attachment(BaseModel):
    """A stored file. It belongs to the field of a record once that is written; until then to who sent it."""

    entity = models.CharField(max_length=80, blank=True, default="")
    record_id = models.UUIDField(null=True, blank=True, db_index=True)
    field = models.CharField(max_length=60, blank=True, default="")
    name = models.CharField(T("File name", "文件名"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(T("Size", "大小"))
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    supplier_id = models.UUIDField(null=True, blank=True)
    uploaded_by = models.CharField(max_length=64)

    class Meta:
        verbose_name = T("File", "文件")
        verbose_name_plural = T("Files", "文件")
        indexes = [models.Index(fields=["supplier_id", "created_at"], name="core_attachment_supplier")]
