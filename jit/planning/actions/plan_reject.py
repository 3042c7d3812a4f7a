"""Refuse a plan for good."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.planning.models import ProductionPlan
from jit.planning.services import plan


@register
class PlanReject(Action):
    key = "planning.plan.reject"
    entity = "planning.plan"
    label = T("Reject", "驳回")
    icon = "x"

    def available(self, *, actor, record):
        return record.state == ProductionPlan.State.SUBMITTED

    def run(self, *, actor, record, values):
        return plan.plan_reject(actor=actor, plan=record)
