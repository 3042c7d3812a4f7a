"""A buyer releases all proposals of a supplier, or all there are, up to a moment."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.services import call_off

NONE = T("No proposal waits for release.", "没有待下达的建议。")


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
                help=T("Empty: of all suppliers.", "留空：全部供应商。"),
            ),
            FieldSpec(
                "until",
                "datetime",
                T("Windows up to", "时间窗截止"),
                help=T("Empty: all proposals there are.", "留空：全部建议。"),
            ),
        )
    )

    def said(self, data):
        done, refused = data.get("released", 0), data.get("refused") or []
        if refused:
            return T(
                "%(n)s released, %(m)s not: %(number)s: %(why)s",
                "已下达 %(n)s 单，%(m)s 单未下达：%(number)s：%(why)s",
                n=done,
                m=data.get("left", len(refused)),
                **refused[0],
            )
        return T("%(n)s call-offs released.", "已下达 %(n)s 单。", n=done) if done else NONE

    def run(self, *, actor, record, values):
        rows = call_off.proposals(supplier_id=values.get("supplier"), until=values.get("until"))
        released, refused = call_off.calloff_release_many(actor=actor, calloffs=rows)
        return Result(
            data={
                "released": len(released),
                "left": len(refused),
                "refused": [{"number": row.number, "why": why} for row, why in refused[:50]],
            }
        )
