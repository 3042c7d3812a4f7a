"""Give a plan back to be changed."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.planning.models import ProductionPlan
from jit.planning.services import plan


@register
class PlanReturn(Action):
    key = "planning.plan.return"
    entity = "planning.plan"
    label = T("Return", "退回")
    icon = "arrow-back"

    def available(self, *, actor, record):
        return record.state == ProductionPlan.State.SUBMITTED

    def run(self, *, actor, record, values):
        return plan.plan_return(actor=actor, plan=record)
