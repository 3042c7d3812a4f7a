"""A supplier packs for call-offs: the notice (ASN) and its labelled packages."""

from forms_engine.core.action import Action, Result, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.services import shipment


@register
class ShipmentAnnounce(Action):
    key = "supply.shipment.announce"
    entity = "supply.shipment"
    label = T("Ship", "发货")
    icon = "truck"
    record_needed = False
    inputs = Schema(
        (
            FieldSpec("delivery_note", "text", T("Delivery note", "送货单号"), options={"max_length": 80}),
            FieldSpec("carrier", "text", T("Carrier", "承运商"), options={"max_length": 80}),
            FieldSpec("plate", "text", T("Plate", "车牌"), options={"max_length": 40}),
            FieldSpec("driver_phone", "text", T("Driver's phone", "司机电话"), options={"max_length": 40}),
            FieldSpec("arrives_at", "datetime", T("Arrives at", "预计到达")),
            FieldSpec("departs_now", "boolean", T("Leaves now", "立即发车")),
            FieldSpec(
                "lines",
                "table",
                T("Packed", "装箱明细"),
                required=True,
                options={"entity": "supply.shipmentline", "fk": "shipment"},
            ),
        )
    )

    def run(self, *, actor, record, values):
        lines = [
            shipment.PackedLine(
                calloff_id=line["calloff"],
                quantity=line["quantity"],
                lot_code=line.get("lot_code") or "",
                expires_at=line.get("expires_at"),
                packages=line.get("packages") or 0,
            )
            for line in values["lines"]
        ]
        made = shipment.shipment_announce(
            actor=actor,
            lines=lines,
            delivery_note=values.get("delivery_note") or "",
            carrier=values.get("carrier") or "",
            plate=values.get("plate") or "",
            driver_phone=values.get("driver_phone") or "",
            arrives_at=values.get("arrives_at"),
        )
        if values.get("departs_now"):
            made = shipment.shipment_depart(actor=actor, shipment=made)
        return Result(record_id=made.pk, data={"number": made.number, "state": str(made.state)})
