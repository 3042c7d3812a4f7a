"""A supplier has been told and says nothing: somebody has to pick up the phone (I10)."""

from datetime import timedelta

from forms_engine.alerts.base import AlertType, Violation, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import CallOff


@register
class UnansweredCallOff(AlertType):
    key = "supply.unanswered_call_off"
    label = T("Call-off without an answer", "叫料未回复")
    options = Schema(
        (FieldSpec("after_minutes", "integer", T("Minutes after sending", "发送后分钟数"), default=10),)
    )

    def find(self, options, now):
        limit = now - timedelta(minutes=int(options.get("after_minutes", 10)))
        rows = (
            CallOff.objects.select_related("supplier")
            .filter(
                state__in=(CallOff.State.RELEASED, CallOff.State.SENT, CallOff.State.ACKED),
                released_at__lte=limit,
            )
            .order_by("window_end")[:500]
        )
        for row in rows:
            yield Violation(
                key=f"{row.number}/{row.revision}",
                title=T(
                    "%(supplier)s has not answered %(number)s (%(item)s)",
                    "%(supplier)s 未回复叫料单 %(number)s（%(item)s）",
                    supplier=row.supplier.name or row.supplier.code,
                    number=row.number,
                    item=row.item_code,
                ),
                link=f"/e/supply.calloff/{row.pk}/",
                severity=2,
                since=row.released_at,
            )
