"""Work out what every supplier has to deliver in which hour."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.planning.services import run


@register
class PlanRunStart(Action):
    key = "planning.planrun.start"
    entity = "planning.planrun"
    label = T("Plan now", "立即运算")
    icon = "player-play"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(
                "as_of",
                "datetime",
                T("As of", "基准时间"),
                help=T("Empty = now", "空=现在"),
            ),
            FieldSpec(
                "horizon_end",
                "datetime",
                T("Horizon", "计划截止"),
                help=T("Empty = 14 days", "空=14天"),
            ),
        )
    )

    def run(self, *, actor, record, values):
        made = run.run_request(
            actor=actor,
            as_of=values.get("as_of"),
            horizon_end=values.get("horizon_end"),
            trigger=actor.name,
        )
        return Result(record_id=made.pk, data={"number": made.number})
