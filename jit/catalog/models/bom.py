"""Bills of material: revisions with effectivity, lines with scrap, fixed quantities, offsets and phantoms."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from forms_engine.base import columns as c
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class EffectiveRange(Func):
    """tstzrange(from, to, '[)'); NULL ends are open."""

    function = "TSTZRANGE"


class Bom(BaseModel):
    """One revision of what goes into an item; revisions of one item may not overlap in time."""

    item = c.to("catalog.Item", T("Item", "物料"))
    revision = c.code(T("Revision", "版本"), default="A")
    effective_from = c.moment(T("Effective from", "生效时间"), null=True, blank=True)
    effective_to = c.moment(T("Effective to", "失效时间"), null=True, blank=True)
    base_quantity = c.quantity(T("Base quantity", "基准数量"), default=1, unit_from="item.unit")
    is_released = models.BooleanField(T("Released", "已发布"), default=True)

    class Meta:
        verbose_name = T("Bill of material", "物料清单")
        verbose_name_plural = T("Bills of material", "物料清单")
        constraints = [
            models.UniqueConstraint(fields=["item", "revision"], name="bom_once"),
            models.CheckConstraint(condition=Q(base_quantity__gt=0), name="bom_base_quantity"),
            ExclusionConstraint(
                name="bom_no_overlap",
                expressions=[
                    (F("item"), RangeOperators.EQUAL),
                    (
                        EffectiveRange("effective_from", "effective_to", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_released=True, archived_at__isnull=True),
            ),
        ]


class BomLine(BaseModel):
    """One component: quantity per base quantity, plus a fixed quantity per order, plus planned scrap."""

    bom = c.part_of("catalog.Bom", T("Bill of material", "物料清单"), "lines")
    line_no = models.PositiveIntegerField(T("Line", "行号"), default=10)
    component = c.to("catalog.Item", T("Component", "子件"))
    quantity_per = c.quantity(T("Quantity per base", "单位用量"), unit_from="component.unit")
    fixed_quantity = c.quantity(T("Fixed per order", "每单固定用量"), unit_from="component.unit")
    scrap_ratio = c.ratio(T("Scrap ratio", "损耗率"), default=0)
    operation_sequence = models.PositiveIntegerField(T("Operation", "工序"), default=10)
    offset_minutes = models.IntegerField(T("Offset from start (min)", "相对开工偏移(分)"), default=0)
    area = c.to("catalog.Location", T("Taken from", "取料库位"), null=True)
    is_phantom = models.BooleanField(T("Phantom", "虚拟件"), default=False)

    class Meta:
        verbose_name = T("BOM line", "清单行")
        verbose_name_plural = T("BOM lines", "清单行")
        constraints = [
            models.UniqueConstraint(fields=["bom", "line_no"], name="bom_line_once"),
            models.CheckConstraint(condition=Q(scrap_ratio__gte=0, scrap_ratio__lt=1), name="bom_line_scrap"),
            models.CheckConstraint(
                condition=Q(quantity_per__gte=0, fixed_quantity__gte=0), name="bom_line_quantity"
            ),
        ]
