"""The dock counts: a receipt posts stock, moves the call-offs on and records every difference."""

from jit.supply.services.receipt.block import receipt_block
from jit.supply.services.receipt.blocked import Blocked
from jit.supply.services.receipt.booking import ReceiptRefused
from jit.supply.services.receipt.package import PackageRefused, package_receive
from jit.supply.services.receipt.shipment import ShipmentReceivedBefore, shipment_arrive, shipment_receive
from jit.supply.services.receipt.totals import agreement_recount, calloffs_of
from jit.supply.services.receipt.unannounced import receipt_unannounced

__all__ = [
    "Blocked",
    "PackageRefused",
    "ReceiptRefused",
    "ShipmentReceivedBefore",
    "agreement_recount",
    "calloffs_of",
    "package_receive",
    "receipt_block",
    "receipt_unannounced",
    "shipment_arrive",
    "shipment_receive",
]
