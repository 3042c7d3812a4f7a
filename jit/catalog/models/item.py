"""Items, their units and their packagings."""

from django.db import models
from django.db.models import Q

from forms_engine.base import columns as c
from forms_engine.base.choices import Choices
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class Unit(BaseModel):
    """A unit of measure; `decimals` is how finely it may be divided (0 = pieces)."""

    code = c.code(T("Code", "编码"), unique=True)
    name = c.name(T("Name", "名称"))
    dimension = c.name(T("Dimension", "量纲"))
    decimals = models.PositiveSmallIntegerField(T("Decimals", "小数位"), default=0)

    class Meta:
        verbose_name = T("Unit", "单位")
        verbose_name_plural = T("Units", "单位")
        constraints = [models.CheckConstraint(condition=Q(decimals__lte=6), name="unit_decimals")]

    def __str__(self) -> str:
        return self.code


class UnitConversion(BaseModel):
    """1 `from_unit` = numerator / denominator `to_unit`, exactly; for one item, or for all without one."""

    item = c.to("catalog.Item", T("Item", "物料"), null=True)
    from_unit = c.to("catalog.Unit", T("From unit", "源单位"))
    to_unit = c.to("catalog.Unit", T("To unit", "目标单位"))
    numerator = models.BigIntegerField(T("Numerator", "分子"))
    denominator = models.BigIntegerField(T("Denominator", "分母"), default=1)

    class Meta:
        verbose_name = T("Unit conversion", "单位换算")
        verbose_name_plural = T("Unit conversions", "单位换算")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "from_unit", "to_unit"], name="conversion_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0), name="conversion_positive"
            ),
        ]


class Packaging(BaseModel):
    """A container type: outer size in millimetres, empty weight in grams."""

    code = c.code(T("Code", "编码"), unique=True)
    name = c.name(T("Name", "名称"))
    length_mm = models.PositiveIntegerField(T("Length (mm)", "长(毫米)"), default=0)
    width_mm = models.PositiveIntegerField(T("Width (mm)", "宽(毫米)"), default=0)
    height_mm = models.PositiveIntegerField(T("Height (mm)", "高(毫米)"), default=0)
    tare_grams = models.PositiveIntegerField(T("Empty weight (g)", "皮重(克)"), default=0)

    class Meta:
        verbose_name = T("Packaging", "包装")
        verbose_name_plural = T("Packagings", "包装")

    def __str__(self) -> str:
        return self.code


class Item(BaseModel):
    """Anything that is bought, made, stored or sold, with the rules by which it is planned."""

    class Mode(Choices):
        JIT = "JIT", T("Just in time", "准时制")
        BATCH = "BATCH", T("Batch", "批量采购")
        MAKE = "MAKE", T("Made here", "自制")
        PHANTOM = "PHANTOM", T("Phantom", "虚拟件")

    class LotRule(Choices):
        L4L = "L4L", T("Lot for lot", "按需")
        FOQ = "FOQ", T("Fixed quantity", "固定批量")
        POQ = "POQ", T("Period quantity", "周期批量")

    class Criticality(Choices):
        A = "A", T("Line stopper", "停线件")
        B = "B", T("Important", "重要")
        C = "C", T("Normal", "一般")

    code = c.code(T("Item code", "物料编码"), unique=True)
    name = c.name(T("Name", "名称"))
    specification = c.name(T("Specification", "规格型号"))
    unit = c.to("catalog.Unit", T("Unit", "单位"))
    group = c.name(T("Group", "分类"))
    mode = c.state(Mode, Mode.BATCH, T("Supply mode", "供应方式"))
    criticality = c.state(Criticality, Criticality.B, T("Criticality", "重要度"))
    is_active = models.BooleanField(T("Active", "启用"), default=True)
    is_lot_tracked = models.BooleanField(T("Lot tracked", "批次管理"), default=False)
    shelf_life_days = models.PositiveIntegerField(T("Shelf life (days)", "保质期(天)"), null=True, blank=True)
    min_remaining_days = models.PositiveIntegerField(
        T("Least remaining life (days)", "最短剩余效期(天)"), default=0
    )
    standard_cost = c.money(T("Standard cost", "标准成本"), default=0)
    weight_grams = models.PositiveIntegerField(T("Weight (g)", "单重(克)"), default=0)
    lot_rule = c.state(LotRule, LotRule.L4L, T("Lot rule", "批量规则"))
    planning_window_minutes = models.PositiveIntegerField(
        T("Planning window (min)", "计划窗口(分)"),
        null=True,
        blank=True,
        help_text=T(
            "Empty: 60 for JIT, one shift for made, one day for batch", "空=准时制60、自制一个班、批量一天"
        ),
    )
    min_lot = c.quantity(T("Smallest lot", "最小批量"))
    lot_multiple = c.quantity(T("Lot multiple", "批量倍数"))
    max_lot = c.quantity(T("Largest lot (0 = none)", "最大批量(0=不限)"))
    fixed_lot = c.quantity(T("Fixed lot", "固定批量"))
    period_minutes = c.minutes(T("Lot period (min)", "批量周期(分)"))
    safety_stock = c.quantity(T("Safety stock", "安全库存"))
    lead_minutes = c.minutes(T("Make lead time (working min)", "制造提前期(工作分)"))
    handling_minutes = c.minutes(T("Handling after arrival (min)", "到货处理(分)"))
    yield_ratio = c.ratio(T("Yield", "成品率"), default=1)
    reschedule_minutes = models.PositiveIntegerField(T("Pull-in reach (min)", "可提前范围(分)"), default=1440)

    class Meta:
        verbose_name = T("Item", "物料")
        verbose_name_plural = T("Items", "物料")
        constraints = [
            models.CheckConstraint(condition=Q(yield_ratio__gt=0, yield_ratio__lte=1), name="item_yield"),
            models.CheckConstraint(
                condition=Q(min_lot__gte=0, lot_multiple__gte=0, max_lot__gte=0, safety_stock__gte=0),
                name="item_lots",
            ),
        ]

    def __str__(self) -> str:
        return self.code
