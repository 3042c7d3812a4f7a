"""Agree to an extra truck."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.text import Text as T
from jit.supply.models import PlannedTruck
from jit.supply.services import inbound


@register
class TruckApprove(Action):
    key = "supply.plannedtruck.approve"
    entity = "supply.plannedtruck"
    label = T("Approve extra truck", "批准加车")
    icon = "check"

    def available(self, *, actor, record):
        return record.state == PlannedTruck.State.TO_APPROVE

    def run(self, *, actor, record, values):
        row = inbound.truck_approve(truck=record)
        return Result(record_id=row.pk, data={"state": str(row.state)})
