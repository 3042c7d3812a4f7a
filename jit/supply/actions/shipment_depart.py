"""The truck has left; who drives it and when it will be there may be known only now."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import Shipment
from jit.supply.services import shipment


@register
class ShipmentDepart(Action):
    key = "supply.shipment.depart"
    entity = "supply.shipment"
    label = T("Departed", "已发车")
    icon = "truck-delivery"
    inputs = Schema(
        (
            FieldSpec("plate", "text", T("Plate", "车牌"), options={"max_length": 40}),
            FieldSpec("driver_phone", "text", T("Driver's phone", "司机电话"), options={"max_length": 40}),
            FieldSpec("arrives_at", "datetime", T("Arrives at", "预计到达")),
            FieldSpec("departed_at", "datetime", T("Left at, if not now", "实际发车（非现在时填）")),
        )
    )

    def available(self, *, actor, record):
        return record.state in (Shipment.State.SUBMITTED, Shipment.State.LOADED)

    def run(self, *, actor, record, values):
        return shipment.shipment_depart(
            actor=actor,
            shipment=record,
            plate=values.get("plate") or "",
            driver_phone=values.get("driver_phone") or "",
            arrives_at=values.get("arrives_at"),
            departed_at=values.get("departed_at"),
        )
