"""A folder of an InvenTree database: items, effective BOMs, suppliers, stock, orders both ways.

A part's minimum stock is not taken over: it is a hint of the source's screens, and as a safety stock it would
make supply that no order asks for.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from decimal import Decimal

from jit.exchange.formats.inventree import (
    FILES,
    PRICES,
    InvenTree,
    InvenTreeFault,
    SupplierPart,
    inventree_read,
)
from jit.exchange.layouts.step import Plan, Refusal, Setting, Step

NAMES = tuple(name.removesuffix(".csv") for name in (*FILES, PRICES))
PIECES = "pcs"
STORE = "STORE"

Rows = Iterable[tuple[int, Mapping[str, str]]]


def plan_make(files: Mapping[str, Rows], setting: Setting) -> Plan:
    """Turn the files of the set, by name without `.csv`, into steps in the order of their references."""
    try:
        shop = inventree_read({f"{name}.csv": [row for _n, row in rows] for name, rows in files.items()})
    except InvenTreeFault as fault:
        return Plan("inventree", [], [Refusal("", 0, "", "inventree", str(fault))])
    plan = Plan(
        "inventree",
        [
            *_masters(shop, setting),
            _step("bom", _bom(shop), "bom_lines"),
            _step("stock", _stock(shop, setting), "stock_items"),
            _step("planning.demand", _demand(shop, setting), "sales_orders"),
            _step("firm", _firm(shop, setting), "purchase_orders"),
        ],
    )
    plan.facts = {
        "parts": len(shop.parts),
        "BOM lines, inherited ones included": len(shop.lines),
        "supplier parts": len(shop.supplier_parts),
        "stock rows": len(shop.stock),
        "open sales lines": len(shop.sales),
        "open purchase lines": len(shop.purchases),
    }
    return plan


def is_this(names: Iterable[str]) -> bool:
    """Whether a folder's file names (without ending) are those of the set."""
    return {name.removesuffix(".csv") for name in FILES} <= set(names)


def _masters(shop: InvenTree, setting: Setting) -> list[Step]:
    plant = setting.plant
    units = sorted({part.unit or PIECES for part in shop.parts.values()})
    made = {line.parent for line in shop.lines}
    places = sorted({line.location or STORE for line in shop.stock} | {STORE})
    dock = f"{plant}-DOCK"
    return [
        _step(
            "catalog.unit", [{"code": u, "name": u, "decimals": "0" if u == PIECES else "6"} for u in units]
        ),
        _step("catalog.plant", [{"code": plant, "name": "InvenTree", "zone": setting.zone_name}]),
        _step(
            "catalog.location",
            [
                *({"code": place, "name": place, "kind": "STORE", "plant": plant} for place in places),
                {"code": dock, "name": dock, "kind": "DOCK", "plant": plant},
            ],
        ),
        _step("catalog.supplier", [{"code": name, "name": name} for name in shop.suppliers], "companies"),
        _step(
            "catalog.item",
            [
                {
                    "code": part.code,
                    "name": part.name,
                    "specification": part.description,
                    "group": part.category[:200],
                    "unit": part.unit or PIECES,
                    "mode": "MAKE" if part.id in made else "BATCH",
                }
                for part in shop.parts.values()
            ],
            "parts",
        ),
        _step("catalog.sourcingrule", _sourcing(shop, dock), "supplier_parts"),
        _step("supply.agreement", _agreements(shop), "price_breaks"),
    ]


def _chosen(shop: InvenTree) -> list[SupplierPart]:
    """Return one offer for a part and a supplier: of several packs the smallest, which rounds the least."""
    best: dict[tuple[str, str], SupplierPart] = {}
    for sold in shop.supplier_parts:
        other = best.get((sold.part, sold.supplier))
        if other is None or (sold.pack, int(sold.id)) < (other.pack, int(other.id)):
            best[sold.part, sold.supplier] = sold
    return list(best.values())


def _sourcing(shop: InvenTree, dock: str) -> list[dict[str, object]]:
    return [
        {
            "item": shop.parts[sold.part].code,
            "supplier": sold.supplier,
            "dock": dock,
            "supplier_part": sold.sku,
            "pack_quantity": format(sold.pack, "f"),
        }
        for sold in _chosen(shop)
    ]


def _agreements(shop: InvenTree) -> list[dict[str, object]]:
    """Make an agreement for each offer; one stock unit costs a pack's price by its content."""
    return [
        {
            "number": f"IT-{sold.id}",
            "supplier": sold.supplier,
            "item": shop.parts[sold.part].code,
            "price": format((sold.price / sold.pack).quantize(Decimal("0.000001")), "f"),
            "currency": sold.currency or "USD",
        }
        for sold in _chosen(shop)
    ]


def _bom(shop: InvenTree) -> list[dict[str, object]]:
    numbers: dict[str, int] = defaultdict(int)
    rows: list[dict[str, object]] = []
    for line in shop.lines:
        numbers[line.parent] += 10
        rows.append(
            {
                "item": shop.parts[line.parent].code,
                "line_no": str(numbers[line.parent]),
                "component": shop.parts[line.child].code,
                "quantity_per": format(line.quantity, "f"),
            }
        )
    return rows


def _stock(shop: InvenTree, setting: Setting) -> list[dict[str, object]]:
    """Add up the stock by part, place and lot; a serial number counts as a lot of its own."""
    held: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for line in shop.stock:
        lot = line.batch or (f"SN{line.serial}" if line.serial else "")
        held[shop.parts[line.part].code, line.location or STORE, lot] += line.quantity
    return [
        {"item": item, "location": place, "lot": lot, "quantity": format(quantity, "f")}
        for (item, place, lot), quantity in sorted(held.items())
    ]


def _demand(shop: InvenTree, setting: Setting) -> list[dict[str, object]]:
    return [
        {
            "number": f"{line.order}-{line.id}",
            "customer": line.customer,
            "plant": setting.plant,
            "item": shop.parts[line.part].code,
            "quantity": format(line.quantity, "f"),
            "due_at": _due(line.due, setting),
        }
        for line in shop.sales
    ]


def _firm(shop: InvenTree, setting: Setting) -> list[dict[str, object]]:
    return [
        {
            "number": f"{line.order}-{line.id}",
            "supplier": line.supplier,
            "plant": setting.plant,
            "area": STORE,
            "dock": f"{setting.plant}-DOCK",
            "item": shop.parts[line.part].code,
            "quantity": format(line.quantity, "f"),
            "due_at": _due(line.due, setting),
        }
        for line in shop.purchases
    ]


def _due(day: str, setting: Setting) -> str:
    """Return the start of a day in the plant, or `as_of` when the order names none."""
    if not day:
        return setting.as_of.isoformat()
    return datetime.combine(datetime.fromisoformat(day).date(), time(), setting.zone).isoformat()


def _step(target: str, rows: list[dict[str, object]], source: str = "") -> Step:
    return Step(target, [(0, row) for row in rows], source)
