"""The truck is at the gate."""

from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T
from jit.supply.models import Shipment
from jit.supply.services import receipt


@register
class ShipmentArrive(Action):
    key = "supply.shipment.arrive"
    entity = "supply.shipment"
    label = T("At the gate", "到厂登记")
    icon = "door-enter"

    def available(self, *, actor, record):
        return record.state in (Shipment.State.SUBMITTED, Shipment.State.LOADED, Shipment.State.DEPARTED)

    def run(self, *, actor, record, values):
        return receipt.shipment_arrive(actor=actor, shipment=record)
