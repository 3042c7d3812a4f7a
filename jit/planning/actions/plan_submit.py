"""A planner hands a plan in for approval."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.planning.models import ProductionPlan
from jit.planning.services import plan


@register
class PlanSubmit(Action):
    key = "planning.plan.submit"
    entity = "planning.plan"
    label = T("Submit", "提交审批")
    icon = "send"

    def available(self, *, actor, record):
        return record.state in (ProductionPlan.State.DRAFT, ProductionPlan.State.RETURNED)

    def run(self, *, actor, record, values):
        return plan.plan_submit(actor=actor, plan=record)
