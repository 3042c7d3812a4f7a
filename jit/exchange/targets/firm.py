"""Open purchase orders of another system, as confirmed call-offs: firm supply that the plan counts with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from forms_engine.access.actor import Actor
from forms_engine.access.policy import require
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Item, Location, Supplier
from jit.exchange.targets.base import ImportTarget, Note, Outcome, RowFault, Rows, TargetField
from jit.exchange.texts import cell_text
from jit.supply.models import CallOff

REFERENCES = (("item", Item), ("supplier", Supplier), ("area", Location), ("dock", Location))


class FirmTarget(ImportTarget):
    """One row = what a supplier has still to deliver on an order line, due at the plant."""

    key = "firm"
    label = T("Open purchase lines", "在途采购")
    key_fields = ("number",)
    fields: Sequence[TargetField] = (
        TargetField("number", "text", T("Order line", "订单行号"), True),
        TargetField("supplier", "reference", T("Supplier", "供应商"), True),
        TargetField("item", "reference", T("Item", "物料"), True),
        TargetField("quantity", "decimal", T("Open quantity", "未交数量"), True),
        TargetField("due_at", "datetime", T("Due", "交货时间"), True),
        TargetField("area", "reference", T("For area", "供应区域"), True),
        TargetField("dock", "reference", T("Dock", "收货码头"), True),
    )

    def write(self, *, actor: Actor, rows: Rows, note: Note, source: str = "") -> Outcome:
        require(actor, "supply.calloff.create", "supply.calloff")
        outcome, taken = Outcome(), list(rows)
        found = {name: _by_code(model, name, taken) for name, model in REFERENCES}
        stored = {
            row.number: row
            for row in CallOff.objects.select_for_update(of=("self",)).filter(
                number__in=[str(raw.get("number") or "") for _n, raw in taken]
            )
        }
        new: list[CallOff] = []
        seen: set[str] = set()
        for number, raw in taken:
            faults = _faults(number, raw, found, seen)
            outcome.faults += faults
            if faults:
                continue
            seen.add(str(raw["number"]))
            values = _values(raw, found)
            old = stored.get(str(raw["number"]))
            if old is None:
                new.append(CallOff(number=str(raw["number"]), **values))
                outcome.created += 1
            elif any(getattr(old, name) != value for name, value in values.items() if name in _COMPARED):
                for name in _COMPARED:
                    setattr(old, name, values[name])
                old.save(update_fields=[*_COMPARED])
                outcome.updated += 1
            else:
                outcome.unchanged += 1
        CallOff.objects.bulk_create(new, batch_size=1_000)
        note(len(taken))
        return outcome


_COMPARED = (
    "supplier_id",
    "item_id",
    "area_id",
    "dock_id",
    "plant_id",
    "window_start",
    "window_end",
    "quantity",
)


def _by_code(model: Any, name: str, rows: Sequence[tuple[int, Mapping[str, object]]]) -> dict[str, Any]:
    codes = {str(raw.get(name) or "") for _n, raw in rows}
    rows_ = model.objects.filter(code__in=codes, archived_at=None)
    return {row.code: row for row in (rows_.select_related("unit") if model is Item else rows_)}


def _faults(
    number: int, raw: Mapping[str, object], found: Mapping[str, dict[str, Any]], seen: set[str]
) -> list[RowFault]:
    faults = []
    for name in ("number", "quantity", "due_at"):
        if raw.get(name) in (None, ""):
            faults.append(RowFault(number, name, "required", cell_text("required")))
    if str(raw.get("number") or "") in seen:
        faults.append(RowFault(number, "number", "duplicate", cell_text("duplicate"), str(raw["number"])))
    for name, _model in REFERENCES:
        value = str(raw.get(name) or "")
        if value not in found[name]:
            code = "unknown" if value else "required"
            faults.append(RowFault(number, name, code, cell_text(code, value=value), value))
    if raw.get("quantity") not in (None, "") and Decimal(str(raw["quantity"])) <= 0:
        faults.append(RowFault(number, "quantity", "negative", cell_text("negative"), str(raw["quantity"])))
    return faults


def _values(raw: Mapping[str, object], found: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    item: Item = found["item"][str(raw["item"])]
    dock: Location = found["dock"][str(raw["dock"])]
    area: Location = found["area"][str(raw["area"])]
    supplier: Supplier = found["supplier"][str(raw["supplier"])]
    due = datetime.fromisoformat(str(raw["due_at"]))
    ids: dict[str, UUID] = {
        "supplier_id": supplier.pk,
        "item_id": item.pk,
        "area_id": area.pk,
        "dock_id": dock.pk,
        "plant_id": area.plant_id,
    }
    return {
        **ids,
        "window_start": due,
        "window_end": due,
        "quantity": Decimal(str(raw["quantity"])),
        "state": CallOff.State.CONFIRMED.value,
        "confirmed_quantity": Decimal(str(raw["quantity"])),
        "promised_at": due,
        "released_at": clock.now(),
        "item_code": item.code,
        "item_name": item.name,
        "unit_code": item.unit.code,
        "unit_decimals": item.unit.decimals,
        "dock_name": dock.name or dock.code,
        "area_name": area.name or area.code,
    }
