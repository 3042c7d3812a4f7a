"""What packages put into the plant that no other room keeps: menus, and which package is installed."""

from __future__ import annotations

from django.db import models

from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class MenuItem(BaseModel):
    """One entry of the app menu, for whoever has one of its roles (none: all) and may read its entity."""

    key = models.CharField(T("Key", "键"), max_length=80, unique=True)
    group_en = models.CharField(T("Group (English)", "分组(英文)"), max_length=60, blank=True, default="")
    group_zh = models.CharField(T("Group (Chinese)", "分组(中文)"), max_length=60, blank=True, default="")
    label_en = models.CharField(T("Label (English)", "名称(英文)"), max_length=80)
    label_zh = models.CharField(T("Label (Chinese)", "名称(中文)"), max_length=80)
    url = models.CharField(T("Address", "地址"), max_length=300)
    icon = models.CharField(T("Icon", "图标"), max_length=40, default="box")
    entity = models.CharField(T("Entity", "实体"), max_length=80, blank=True, default="")
    roles = models.JSONField(T("Roles", "角色"), default=list, blank=True)
    position = models.PositiveIntegerField(T("Position", "顺序"), default=100)
    on_phone = models.BooleanField(T("On the phone's bottom bar", "手机底栏"), default=False)
    is_home = models.BooleanField(T("Home page of its roles", "角色首页"), default=False)

    class Meta:
        verbose_name = T("Menu entry", "菜单项")
        verbose_name_plural = T("Menu entries", "菜单")


class InstalledPackage(BaseModel):
    """A package as it was installed: the files' hash, so that the same files again change nothing."""

    name = models.CharField(T("Package", "应用包"), max_length=80, unique=True)
    release = models.CharField(T("Release", "发布号"), max_length=40, blank=True, default="")
    digest = models.CharField(T("Files' hash", "文件指纹"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = T("Installed package", "已安装应用包")
        verbose_name_plural = T("Installed packages", "已安装应用包")


class InstalledPart(BaseModel):
    """One file of a package as it was last installed: what three-way upgrades compare with."""

    package = models.CharField(T("Package", "应用包"), max_length=80)
    path = models.CharField(T("File", "文件"), max_length=200)
    content = models.JSONField(T("As installed", "安装内容"))

    class Meta:
        verbose_name = T("Installed part", "已安装部件")
        verbose_name_plural = T("Installed parts", "已安装部件")
        constraints = [models.UniqueConstraint(fields=["package", "path"], name="package_part_once")]
