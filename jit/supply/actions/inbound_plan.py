"""Call off a data set of inbound requirements and load its planned trucks."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.services import inbound


@register
class InboundPlanned(Action):
    key = "supply.inboundrequirement.plan"
    entity = "supply.inboundrequirement"
    label = T("Plan the loads", "排装车计划")
    icon = "truck-loading"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec("batch", "text", T("Data set", "数据集"), required=True, options={"max_length": 80}),
            FieldSpec("doors_as_needed", "boolean", T("Open as many doors as needed", "按需增开卸货门")),
        )
    )

    def run(self, *, actor, record, values):
        plan = inbound.inbound_plan(
            batch=values["batch"], doors_as_needed=bool(values.get("doors_as_needed"))
        )
        return Result(
            data={
                "calloffs": plan.calloffs,
                "load_lines": plan.load_lines,
                "planned_used": plan.planned_used,
                "extra_trucks": plan.extra_trucks,
                "uncovered": str(plan.uncovered),
                "slots": plan.slots,
                "waiting": plan.waiting,
                "too_heavy_for_one": plan.too_heavy_for_one,
                "doors_needed": dict(plan.doors_needed),
            }
        )
