"""Supply, as tables: agreements, control cycles, call-offs, shipments, receipts, inbound loads."""

from jit.supply.models.agreement import Agreement, ControlCycle, LineCover
from jit.supply.models.call_off import CallOff, CallOffReply, CallOffVersion
from jit.supply.models.inbound import InboundRequirement, LoadLine, PlannedTruck, TruckLane
from jit.supply.models.receipt import DockSlot, Receipt, ReceiptLine
from jit.supply.models.shipment import Shipment, ShipmentLine

__all__ = [
    "Agreement",
    "CallOff",
    "CallOffReply",
    "CallOffVersion",
    "ControlCycle",
    "DockSlot",
    "InboundRequirement",
    "LineCover",
    "LoadLine",
    "PlannedTruck",
    "Receipt",
    "ReceiptLine",
    "Shipment",
    "ShipmentLine",
    "TruckLane",
]
