"""Take a notice back before it leaves."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.kernel.text import Text as T
from jit.supply.models import Shipment
from jit.supply.services import shipment


@register
class ShipmentCancel(Action):
    key = "supply.shipment.cancel"
    entity = "supply.shipment"
    label = T("Cancel", "取消")
    icon = "ban"
    confirm = T("Take this notice back?", "确定撤销该送货单？")
    inputs = Schema((FieldSpec("reason", "text", T("Reason", "原因"), options={"max_length": 200}),))

    def available(self, *, actor, record):
        return record.state in (Shipment.State.DRAFT, Shipment.State.SUBMITTED, Shipment.State.LOADED)

    def run(self, *, actor, record, values):
        return shipment.shipment_cancel(actor=actor, shipment=record, reason=values.get("reason") or "")
