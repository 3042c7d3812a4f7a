"""The line will run out before the next delivery: "X at L1-A: stock-out in 49 min"."""

from datetime import timedelta

from forms_engine.alerts.base import AlertType, Violation, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import LineCover


@register
class StockOut(AlertType):
    key = "supply.stock_out"
    label = T("Line runs out", "线边断料")
    options = Schema(
        (
            FieldSpec(
                "within_minutes", "integer", T("Warn this many minutes before", "提前预警分钟数"), default=120
            ),
            FieldSpec("red_minutes", "integer", T("Red below", "红色阈值(分)"), default=60),
        )
    )

    def find(self, options, now):
        within = int(options.get("within_minutes", 120))
        red = int(options.get("red_minutes", 60))
        rows = (
            LineCover.objects.select_related("item", "area")
            .filter(stock_out_at__lte=now + timedelta(minutes=within))
            .order_by("stock_out_at")[:500]
        )
        for row in rows:
            left = max(0, int((row.stock_out_at - now).total_seconds() // 60))
            yield Violation(
                key=f"{row.item.code}@{row.area.code}",
                title=T(
                    "%(item)s at %(area)s: stock-out in %(left)s min",
                    "%(area)s 的 %(item)s：%(left)s 分钟后断料",
                    item=row.item.code,
                    area=row.area.name or row.area.code,
                    left=left,
                ),
                link="/board/live/",
                severity=1 if left < red else 2,
            )
