"""Propose a call inside the frozen zone, a type of its own."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, Supplier
from jit.supply.services import call_off


@register
class CallOffEmergency(Action):
    key = "supply.calloff.emergency"
    entity = "supply.calloff"
    label = T("Emergency call", "紧急叫料")
    icon = "urgent"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec(
                "item", "reference", T("Item", "物料"), required=True, options={"target": "catalog.item"}
            ),
            FieldSpec(
                "supplier",
                "reference",
                T("Supplier", "供应商"),
                required=True,
                options={"target": "catalog.supplier"},
            ),
            FieldSpec(
                "area",
                "reference",
                T("Supply area", "供应区域"),
                required=True,
                options={"target": "catalog.location"},
            ),
            FieldSpec(
                "dock",
                "reference",
                T("Dock", "收货码头"),
                required=True,
                options={"target": "catalog.location"},
            ),
            FieldSpec(
                "quantity",
                "quantity",
                T("Quantity", "数量"),
                required=True,
                options={"unit_from": "item.unit"},
            ),
            FieldSpec("window_start", "datetime", T("Window from", "时间窗开始"), required=True),
            FieldSpec("window_end", "datetime", T("Window to", "时间窗结束"), required=True),
            FieldSpec("reason", "text", T("Reason", "原因"), required=True, options={"max_length": 200}),
        )
    )

    def run(self, *, actor, record, values):
        return call_off.calloff_emergency(
            actor=actor,
            item=Item.objects.select_related("unit").get(pk=values["item"]),
            area=Location.objects.get(pk=values["area"]),
            supplier=Supplier.objects.get(pk=values["supplier"]),
            dock=Location.objects.get(pk=values["dock"]),
            window_start=values["window_start"],
            window_end=values["window_end"],
            quantity=values["quantity"],
            reason=values["reason"],
        )
