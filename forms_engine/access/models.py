"""Users, roles, grants, tokens, signed links, and the counters that limit guessing."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text


class User(AbstractUser):
    """Somebody who can log in; `supplier_id` set = belongs to that supplier and never sees another's data."""

    class Theme(Choices):
        AUTO = "auto", Text("Like the system", "跟随系统")
        LIGHT = "light", Text("Light", "浅色")
        DARK = "dark", Text("Dark", "深色")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    language = models.CharField(Text("language", "语言"), max_length=16, default="zh-hans")
    theme = models.CharField(Text("theme", "主题"), max_length=8, choices=Theme, default=Theme.AUTO)
    supplier_id = models.UUIDField(Text("supplier", "供应商"), null=True, blank=True, db_index=True)
    department = models.CharField(Text("department", "部门"), max_length=120, blank=True, default="")
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=Text("manager", "上级")
    )
    phone = models.CharField(Text("phone", "电话"), max_length=40, blank=True, default="")
    roles = models.ManyToManyField("access.Role", through="access.UserRole", related_name="users", blank=True)

    class Meta:
        verbose_name = Text("user", "用户")
        verbose_name_plural = Text("users", "用户")


class Role(BaseModel):
    """A named bundle of grants; `label` is {"en", "zh"}."""

    key = models.SlugField(max_length=60, unique=True)
    label = models.JSONField(default=dict)

    class Meta:
        verbose_name = Text("role", "角色")
        verbose_name_plural = Text("roles", "角色")

    def __str__(self) -> str:
        return str(Text.of(self.label or self.key))


class UserRole(models.Model):
    """Who has which role."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="user_roles")
    role = models.ForeignKey(Role, models.CASCADE, related_name="user_roles")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "role"), name="access_userrole_once")]


class Grant(BaseModel):
    """What a role may do with an entity, on which rows, and which fields stay closed.

    `entity`: an entity key, a prefix (`supply.*`) or `*`. `actions`: `*`, `read`, `create`, `update`,
    `archive`, the verb of an action or its whole key. `condition`: an fx over the record's fields;
    empty = every row.
    """

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    entity = models.CharField(max_length=120)
    actions = ArrayField(models.CharField(max_length=160), default=list)
    condition = models.TextField(blank=True, default="")
    hidden_fields = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    read_only_fields = ArrayField(models.CharField(max_length=120), default=list, blank=True)

    class Meta:
        verbose_name = Text("grant", "授权")
        verbose_name_plural = Text("grants", "授权")
        indexes = [models.Index(fields=("entity",), name="access_grant_entity")]


class PolicyStamp(models.Model):
    """One row: the version of all roles and grants, moved by a trigger; processes drop their cache by it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="access_policystamp_one")]


class Token(BaseModel):
    """A secret for programs: only its SHA-256 is stored; the words are shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120, blank=True, default="")
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=16)
    scopes = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = Text("API token", "接口令牌")
        verbose_name_plural = Text("API tokens", "接口令牌")


class AccessLink(BaseModel):
    """A signed link for a supplier without a login: bound to him, a purpose and maybe one record."""

    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=16)
    supplier_id = models.UUIDField(db_index=True)
    supplier_name = models.CharField(max_length=200, blank=True, default="")
    purpose = models.CharField(max_length=60)
    entity = models.CharField(max_length=120, blank=True, default="")
    record_id = models.UUIDField(null=True, blank=True)
    scopes = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    roles = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    language = models.CharField(max_length=16, default="zh-hans")
    expires_at = models.DateTimeField()
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = Text("supplier link", "供应商链接")
        verbose_name_plural = Text("supplier links", "供应商链接")
        indexes = [models.Index(fields=("supplier_id", "purpose"), name="access_link_supplier")]


class RateCounter(models.Model):
    """How often a key was seen in one window of time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=200)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("key", "window"), name="access_ratecounter_once")]
