"""Announce the loads of a data set: notices, packages and labels for every agreed truck."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.services import announcement


@register
class LoadsAnnounced(Action):
    key = "supply.inboundrequirement.announce"
    entity = "supply.inboundrequirement"
    label = T("Announce the loads", "预报发货")
    icon = "package-export"
    record_needed = False
    inputs = Schema(
        (FieldSpec("batch", "text", T("Data set", "数据集"), required=True, options={"max_length": 80}),)
    )

    def run(self, *, actor, record, values):
        made = announcement.loads_announce(actor=actor, batch=values["batch"])
        return Result(
            data={
                "shipments": made.shipments,
                "lines": made.lines,
                "packages": made.packages,
                "waiting": made.waiting,
            }
        )
