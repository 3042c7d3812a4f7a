"""Inbound requirements of another system: call-offs, loads on planned trucks, door slots, approvals."""

from jit.supply.services.inbound.calls import NoStore
from jit.supply.services.inbound.loads import TruckNotWaiting, truck_approve
from jit.supply.services.inbound.plan import BatchAnnounced, BatchUnknown, InboundPlan, inbound_plan
from jit.supply.services.inbound.release import inbound_release

__all__ = [
    "BatchAnnounced",
    "BatchUnknown",
    "InboundPlan",
    "NoStore",
    "TruckNotWaiting",
    "inbound_plan",
    "inbound_release",
    "truck_approve",
]
