"""What stands on the labels of a shipment: read as its supplier may read it, coded as the dock scans it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.core.query import reading
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text as T
from jit.catalog.label_code import label_fitting
from jit.stock.models import HandlingUnit
from jit.supply.models import CallOff, Shipment, ShipmentLine


@dataclass(frozen=True)
class PackageLabel:
    """One package: its licence plate, content and way. `code` is the text of its QR code."""

    plate: str
    code: str
    item_code: str
    item_name: str
    quantity: Decimal
    unit: str
    lot: str
    dock: str
    area: str
    window_start: datetime | None
    window_end: datetime | None
    number: int
    count: int


@dataclass(frozen=True)
class ShipmentLabels:
    """The label of a notice and some of its packages' labels, in the order of the lines."""

    number: str
    code: str
    delivery_note: str
    plate: str
    dock: str
    arrives_at: datetime | None
    lines: int
    total: int
    packages: list[PackageLabel]


def labels_of(
    *, actor: Actor, shipment_id: UUID, supplier_code: str, first: int = 0, most: int = 500
) -> ShipmentLabels:
    """Return the labels of a notice, packages `first` to `first + most` of it.

    Raises:
        NotFound: no such notice, a cancelled one, or one the actor may not see.
    """
    with reading(actor):
        shipment = (
            Shipment.objects.filter(policy.visible(actor, entity("supply.shipment")).q(), pk=shipment_id)
            .exclude(state=Shipment.State.CANCELLED)
            .first()
        )
        if shipment is None:
            raise NotFound(T("There is no such record.", "找不到该记录。"))
        lines = list(
            ShipmentLine.objects.filter(
                policy.visible(actor, entity("supply.shipmentline")).q(), shipment_id=shipment.pk
            ).order_by("line_no")
        )
        calls = CallOff.objects.filter(policy.visible(actor, entity("supply.calloff")).q()).in_bulk(
            [line.calloff_id for line in lines if line.calloff_id]
        )
        units = list(
            HandlingUnit.objects.filter(
                policy.visible(actor, entity("stock.handlingunit")).q(),
                shipment_line_id__in=[line.pk for line in lines],
            )
            .exclude(state=HandlingUnit.State.VOID)
            .order_by("code")
        )
    by_line = {line.pk: line for line in lines}
    packages = [
        _package(unit, by_line[unit.shipment_line_id], calls, shipment, index, len(units))
        for index, unit in enumerate(units[first : first + most], start=first + 1)
    ]
    return ShipmentLabels(
        number=shipment.number,
        code=label_fitting(
            "A",
            spare=("supplier",),
            shipment=shipment.number,
            supplier=supplier_code,
            packages=str(len(units)),
        ),
        delivery_note=shipment.delivery_note,
        plate=shipment.plate,
        dock=shipment.dock_name,
        arrives_at=shipment.arrives_at,
        lines=len(lines),
        total=len(units),
        packages=packages,
    )


def _package(
    unit: HandlingUnit,
    line: ShipmentLine,
    calls: dict[UUID, CallOff],
    shipment: Shipment,
    number: int,
    count: int,
) -> PackageLabel:
    call = calls.get(line.calloff_id) if line.calloff_id else None
    text = f"{unit.quantity.normalize():f}"
    return PackageLabel(
        plate=unit.code,
        code=label_fitting(
            "P",
            spare=("lot", "item"),
            package=unit.code,
            shipment=shipment.number,
            item=line.item_code,
            quantity=text,
            lot=unit.lot_code,
        ),
        item_code=line.item_code,
        item_name=line.item_name,
        quantity=unit.quantity,
        unit=line.unit_code,
        lot=unit.lot_code,
        dock=shipment.dock_name,
        area=call.area_name if call else "",
        window_start=call.window_start if call else None,
        window_end=call.window_end if call else None,
        number=number,
        count=count,
    )
