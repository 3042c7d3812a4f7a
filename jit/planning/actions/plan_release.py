"""An approved plan becomes work orders, and a run starts."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.planning.models import ProductionPlan
from jit.planning.services import plan


@register
class PlanRelease(Action):
    key = "planning.plan.release"
    entity = "planning.plan"
    label = T("Release", "下达")
    icon = "check"

    def available(self, *, actor, record):
        return record.state == ProductionPlan.State.SUBMITTED

    def run(self, *, actor, record, values):
        return plan.plan_release(actor=actor, plan=record)
