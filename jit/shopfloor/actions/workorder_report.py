"""Report good and scrapped units (报工); components are backflushed."""

from decimal import Decimal

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.services import report


@register
class WorkOrderReport(Action):
    key = "shopfloor.workorder.report"
    entity = "shopfloor.workorder"
    label = T("Report", "报工")
    icon = "clipboard-check"
    inputs = Schema(
        (
            FieldSpec("good", "quantity", T("Good", "合格数"), required=True, options={"min": 0}),
            FieldSpec("scrap", "quantity", T("Scrap", "报废数"), options={"min": 0}),
            FieldSpec("scrap_reason", "text", T("Scrap reason", "报废原因"), options={"max_length": 200}),
        )
    )

    def available(self, *, actor, record):
        return record.state in (WorkOrder.State.RELEASED, WorkOrder.State.STARTED, WorkOrder.State.PAUSED)

    def run(self, *, actor, record, values):
        made = report.report_make(
            actor=actor,
            work_order=record,
            good=values["good"],
            scrap=values.get("scrap") or Decimal(0),
            scrap_reason=values.get("scrap_reason") or "",
        )
        return Result(record_id=record.pk, data={"report": str(made.pk)})
