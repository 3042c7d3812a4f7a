"""Who supplies, and in which share, pack and time."""

from django.db import models
from django.db.models import Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Supplier(BaseModel):
    """A partner organisation that delivers; its people see its own rows and nothing else."""

    class Status(Choices):
        NEW = "NEW", T("New", "待准入")
        APPROVED = "APPROVED", T("Approved", "已准入")
        BLOCKED = "BLOCKED", T("Blocked", "已冻结")

    code = c.code(T("Supplier code", "供应商编码"), unique=True)
    name = c.name(T("Name", "名称"))
    status = c.state(Status, Status.APPROVED, T("Status", "状态"))
    contact = c.name(T("Contact", "联系人"))
    phone = c.name(T("Phone", "电话"))
    email = models.EmailField(T("E-mail", "邮箱"), blank=True, default="")
    language = models.CharField(
        T("Language", "语言"),
        max_length=8,
        default="zh-hans",
        choices=[("zh-hans", T("Chinese", "中文")), ("en", T("English", "英文"))],
    )
    production_calendar = c.to("catalog.WorkCalendar", T("Production calendar", "生产日历"), null=True)
    shipping_calendar = c.to("catalog.WorkCalendar", T("Shipping calendar", "发货日历"), null=True)

    class Meta:
        verbose_name = T("Supplier", "供应商")
        verbose_name_plural = T("Suppliers", "供应商")

    def __str__(self) -> str:
        return self.code


class SourcingRule(BaseModel):
    """One supplier of one item (to one area, or to all): quota, lot limits, pack, preparation and transit."""

    item = c.to("catalog.Item", T("Item", "物料"))
    supplier = c.to("catalog.Supplier", T("Supplier", "供应商"))
    area = c.to("catalog.Location", T("For area", "供应区域"), null=True)
    dock = c.to("catalog.Location", T("Delivers to dock", "送货码头"), null=True)
    supplier_part = c.name(T("Supplier's part number", "供应商料号"))
    quota = c.ratio(T("Quota", "配额"), default=1)
    base_quantity = c.quantity(T("Quota base quantity", "配额基数"), unit_from="item.unit")
    quota_since = c.moment(T("Quota period began", "配额期开始"), null=True, blank=True)
    min_quantity = c.quantity(T("Smallest quantity", "最小订量"), unit_from="item.unit")
    max_quantity = c.quantity(
        T("Largest per supplier-day (0 = none)", "每日上限(0=不限)"), unit_from="item.unit"
    )
    pack_quantity = c.quantity(T("Pack quantity", "包装数量"), default=1, unit_from="item.unit")
    packaging = c.to("catalog.Packaging", T("Packaging", "包装"), null=True)
    prep_minutes = c.minutes(T("Preparation (working min)", "备货时间(工作分)"))
    transit_minutes = c.minutes(T("Transit (min)", "在途时间(分)"))
    priority = models.PositiveIntegerField(T("Priority", "优先级"), default=10)
    valid_from = c.moment(T("Valid from", "生效时间"), null=True, blank=True)
    valid_to = c.moment(T("Valid to", "失效时间"), null=True, blank=True)
    is_active = models.BooleanField(T("Active", "启用"), default=True)

    class Meta:
        verbose_name = T("Sourcing rule", "货源")
        verbose_name_plural = T("Sourcing rules", "货源")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "supplier", "area"], name="sourcing_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(quota__gt=0, pack_quantity__gt=0), name="sourcing_positive"),
        ]
