"""New call-offs: a proposal, and the emergency call of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.base import db
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, SourcingRule, Supplier
from jit.catalog.numbers import number_next
from jit.supply.models import CallOff
from jit.supply.services.call_off.row import CallOffRefused


@dataclass(frozen=True)
class CallOffDraft:
    """What a new call-off needs; the copies for the supplier are looked up here."""

    item: Item
    area: Location
    supplier: Supplier
    dock: Location
    window_start: datetime
    window_end: datetime
    quantity: Decimal
    ship_at: datetime | None = None
    pack_quantity: Decimal = Decimal(1)
    requirement_id: UUID | None = None
    run_id: UUID | None = None
    kind: str = CallOff.Kind.JIT.value


def calloff_built(draft: CallOffDraft, number: str, supplier_part: str = "") -> CallOff:
    """Return an unsaved proposal with everything its supplier may read on the row itself."""
    return CallOff(
        number=number,
        kind=draft.kind,
        plant_id=draft.dock.plant_id,
        item=draft.item,
        area=draft.area,
        dock=draft.dock,
        supplier=draft.supplier,
        window_start=draft.window_start,
        window_end=draft.window_end,
        quantity=draft.quantity,
        pack_quantity=draft.pack_quantity,
        ship_at=draft.ship_at,
        requirement_id=draft.requirement_id,
        run_id=draft.run_id,
        item_code=draft.item.code,
        item_name=draft.item.name,
        unit_code=draft.item.unit.code,
        unit_decimals=draft.item.unit.decimals,
        dock_name=draft.dock.name or draft.dock.code,
        area_name=draft.area.name or draft.area.code,
        supplier_part=supplier_part,
    )


def calloff_emergency(
    *,
    actor: Any,
    item: Item,
    area: Location,
    supplier: Supplier,
    dock: Location,
    window_start: datetime,
    window_end: datetime,
    quantity: Decimal,
    reason: str,
) -> CallOff:
    """Propose a call inside the frozen zone: a type of its own, released by a person (pull.md 23)."""
    if not quantity > 0:
        raise CallOffRefused(T("The quantity must be above zero.", "数量必须大于零。"), field="quantity")
    if not window_start < window_end:
        raise CallOffRefused(
            T("The window ends before it begins.", "时间窗结束早于开始。"), field="window_end"
        )
    rule = (
        SourcingRule.objects.filter(item=item, supplier=supplier, is_active=True).order_by("-area_id").first()
    )
    with db.atomic():
        row = calloff_built(
            CallOffDraft(
                item=item,
                area=area,
                supplier=supplier,
                dock=dock,
                window_start=window_start,
                window_end=window_end,
                quantity=quantity,
                kind=CallOff.Kind.EMERGENCY.value,
                pack_quantity=rule.pack_quantity if rule else Decimal(1),
            ),
            number_next("CO"),
            rule.supplier_part if rule else "",
        )
        row.reason = reason
        row.save(force_insert=True)
    return row
