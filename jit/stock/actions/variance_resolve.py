"""Settle a variance by counting what is really there."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.stock import services
from jit.stock.models import Variance


@register
class VarianceResolve(Action):
    key = "stock.variance.resolve"
    entity = "stock.variance"
    label = T("Settle", "处理")
    icon = "check"
    inputs = Schema(
        (
            FieldSpec(
                "counted", "quantity", T("Counted now", "当前实盘数量"), required=True, options={"min": 0}
            ),
            FieldSpec("resolution", "long_text", T("What was found", "处理说明"), required=True),
        )
    )

    def available(self, *, actor, record):
        return record.state == Variance.State.OPEN

    def run(self, *, actor, record, values):
        return services.variance_resolve(
            actor=actor, variance=record, counted=values["counted"], resolution=values["resolution"]
        )
