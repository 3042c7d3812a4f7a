"""A buyer releases all proposals of a supplier, or all there are, up to a moment."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.services import call_off


@register
class CallOffReleaseAll(Action):
    key = "supply.calloff.release_all"
    entity = "supply.calloff"
    label = T("Release proposals", "批量下达")
    icon = "send"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(
                "supplier",
                "reference",
                T("Only this supplier", "仅此供应商"),
                options={"target": "catalog.supplier"},
            ),
            FieldSpec("until", "datetime", T("Windows up to", "时间窗截止")),
        )
    )

    def run(self, *, actor, record, values):
        rows = call_off.proposals(supplier_id=values.get("supplier"), until=values.get("until"))
        released, refused = call_off.calloff_release_many(actor=actor, calloffs=rows)
        return Result(
            data={
                "released": len(released),
                "refused": [{"number": row.number, "why": why} for row, why in refused[:50]],
            }
        )
