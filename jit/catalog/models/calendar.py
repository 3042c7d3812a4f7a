"""Working time: weekly shifts with exceptions (holidays and 调休 make-up days), in a zone of its own."""

from django.db import models
from django.db.models import F, Q

from forms_engine.base import columns as c
from forms_engine.base.models import BaseModel
from forms_engine.kernel.text import Text as T


class WorkCalendar(BaseModel):
    """A named pattern of open hours; used by plants, docks, work centres and suppliers alike."""

    code = c.code(T("Code", "编码"), unique=True)
    name = c.name(T("Name", "名称"))
    zone = models.CharField(T("Time zone", "时区"), max_length=64, default="Asia/Shanghai")
    follows_cn_holidays = models.BooleanField(
        T("Follows Chinese public holidays", "按中国法定节假日"), default=False
    )

    class Meta:
        verbose_name = T("Work calendar", "工作日历")
        verbose_name_plural = T("Work calendars", "工作日历")

    def __str__(self) -> str:
        return self.code


class WorkShift(BaseModel):
    """Open from `start` to `end` local time on one weekday (0 = Monday); end ≤ start runs past midnight."""

    calendar = c.part_of("catalog.WorkCalendar", T("Calendar", "日历"), "shifts")
    weekday = models.PositiveSmallIntegerField(T("Weekday (0 = Monday)", "星期(0=周一)"))
    start = models.TimeField(T("From", "开始"))
    end = models.TimeField(T("To", "结束"))

    class Meta:
        verbose_name = T("Shift", "班次")
        verbose_name_plural = T("Shifts", "班次")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="shift_weekday"),
            models.UniqueConstraint(fields=["calendar", "weekday", "start"], name="shift_once"),
        ]


class CalendarDay(BaseModel):
    """An exception: a day off, or a make-up day that works the hours given (none given: Monday's shifts)."""

    calendar = c.part_of("catalog.WorkCalendar", T("Calendar", "日历"), "days")
    day = models.DateField(T("Day", "日期"))
    is_working = models.BooleanField(T("Working day", "工作日"), default=False)
    start = models.TimeField(T("From", "开始"), null=True, blank=True)
    end = models.TimeField(T("To", "结束"), null=True, blank=True)
    reason = c.name(T("Reason", "原因"))

    class Meta:
        verbose_name = T("Calendar day", "日历例外")
        verbose_name_plural = T("Calendar days", "日历例外")
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day", "start"], name="calendar_day_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | ~Q(start=F("end")),
                name="calendar_day_hours",
            ),
        ]
