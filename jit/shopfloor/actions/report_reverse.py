"""Take a report back; the same lots return."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.shopfloor.services import report


@register
class ReportReverse(Action):
    key = "shopfloor.report.reverse"
    entity = "shopfloor.report"
    label = T("Reverse", "冲销")
    icon = "arrow-back-up"
    confirm = T("Take this report back?", "确定冲销该报工？")
    inputs = Schema((FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),))

    def available(self, *, actor, record):
        return record.reverses_id is None and record.good_quantity + record.scrap_quantity > 0

    def run(self, *, actor, record, values):
        return report.report_reverse(actor=actor, report=record, reason=values.get("reason") or "")
