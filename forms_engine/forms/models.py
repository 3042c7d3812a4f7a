"""Forms as tables: what a sheet lays over an entity or an action, and its published versions."""

from __future__ import annotations

from django.db import models

from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class FormDefinition(BaseModel):
    """A named sheet over one entity or one action; `version_no` is the published version in use."""

    slug = models.SlugField(T("Address", "地址"), max_length=60, unique=True)
    entity = models.CharField(T("Entity", "实体"), max_length=80, blank=True, default="")
    action = models.CharField(T("Action", "动作"), max_length=120, blank=True, default="")
    title_en = models.CharField(T("Title (English)", "标题(英文)"), max_length=120)
    title_zh = models.CharField(T("Title (Chinese)", "标题(中文)"), max_length=120)
    version_no = models.PositiveIntegerField(T("Published version", "发布版本"), default=0)
    is_default = models.BooleanField(T("Used by lists", "列表默认使用"), default=False)

    class Meta:
        verbose_name = T("Form", "表单")
        verbose_name_plural = T("Forms", "表单")
        constraints = [
            models.UniqueConstraint(
                fields=["entity"], name="form_one_default", condition=models.Q(is_default=True, action="")
            ),
            models.CheckConstraint(condition=~models.Q(entity="", action=""), name="form_over_something"),
        ]

    @property
    def title(self) -> T:
        """The title in both languages."""
        return T(self.title_en, self.title_zh)

    def __str__(self) -> str:
        return self.slug


class FormVersion(models.Model):
    """One published layout; never changed (a trigger refuses it), so that running cases keep theirs."""

    id = models.BigAutoField(primary_key=True)
    form = models.ForeignKey(FormDefinition, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    layout = models.JSONField()
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="form_version_once")]
