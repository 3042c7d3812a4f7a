"""A folder with `input_items` and `input_trucks`: inbound requirements and the trucks planned for them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from jit.exchange.formats.renault import InboundItem, InboundTruck, Lane, items_read, trucks_read
from jit.exchange.layouts.step import Plan, Refusal, Setting, Step

FILES = ("input_items", "input_trucks")
UNIT = "PACKAGE"

Rows = Iterable[tuple[int, Mapping[str, str]]]


def dock_code(lane: Lane) -> str:
    """Return our location code of a plant's dock; docks of two plants may share a name."""
    return f"{lane.plant}-{lane.plant_dock or '0'}"


def plan_make(files: Mapping[str, Rows], setting: Setting) -> Plan:
    """Turn {"input_items": rows, "input_trucks": rows} into masters, requirements, trucks and lanes."""
    items, item_faults = items_read(files["input_items"])
    trucks, truck_faults = trucks_read(files["input_trucks"])
    lanes = sorted(
        {item.lane for item in items} | {stop.lane for truck in trucks for stop in truck.stops},
        key=lambda lane: (lane.plant, lane.plant_dock, lane.supplier, lane.supplier_dock, lane.product),
    )
    plan = Plan(
        "renault", [*_masters(lanes, items, setting), *_wanted(items, setting), *_trucks(trucks, setting)]
    )
    for source, faults in (("input_items", item_faults), ("input_trucks", truck_faults)):
        plan.refusals += [Refusal(source, f.row, f.column, f.code, f.value) for f in faults]
    plan.facts = {
        "requirements": len(items),
        "packages": sum(item.packages for item in items),
        "grams": sum(item.packages * item.package_grams for item in items),
        "trucks": len(trucks),
        "truck rows": sum(len(truck.stops) for truck in trucks),
    }
    return plan


def _masters(lanes: list[Lane], items: list[InboundItem], setting: Setting) -> list[Step]:
    plants = sorted({lane.plant for lane in lanes})
    docks = {dock_code(lane): lane for lane in lanes}
    places: list[dict[str, object]] = [
        {"code": f"{plant}-STORE", "name": f"{plant} store", "kind": "STORE", "plant": plant}
        for plant in plants
    ]
    places += [
        {"code": code, "name": lane.plant_dock or "0", "kind": "DOCK", "plant": lane.plant}
        for code, lane in docks.items()
    ]
    sizes: dict[str, list[int]] = {}
    for item in items:
        size = sizes.setdefault(item.package, [0, 0, 0])
        for axis, length in enumerate((item.length_mm, item.width_mm, item.height_mm)):
            size[axis] = max(size[axis], length)
    pairs = {(lane.product, lane.supplier): lane for lane in reversed(lanes)}
    return [
        _step("catalog.unit", [{"code": UNIT, "name": "Package", "decimals": "0"}]),
        _step(
            "catalog.plant", [{"code": p, "name": f"Plant {p}", "zone": setting.zone_name} for p in plants]
        ),
        _step("catalog.location", places),
        _step(
            "catalog.packaging",
            [
                {"code": code, "name": code, "length_mm": str(x), "width_mm": str(y), "height_mm": str(z)}
                for code, (x, y, z) in sorted(sizes.items())
            ],
        ),
        _step(
            "catalog.supplier", [{"code": c, "name": c} for c in sorted({lane.supplier for lane in lanes})]
        ),
        _step(
            "catalog.item",
            [
                {"code": c, "name": c, "unit": UNIT, "mode": "BATCH"}
                for c in sorted({lane.product for lane in lanes})
            ],
        ),
        _step(
            "catalog.sourcingrule",
            [
                {"item": product, "supplier": supplier, "dock": dock_code(lane)}
                for (product, supplier), lane in sorted(pairs.items())
            ],
        ),
        _step(
            "supply.agreement",
            [
                # The files state no price; the plan of the plant is the agreement.
                {
                    "number": f"{supplier}-{product}",
                    "supplier": supplier,
                    "item": product,
                    "price": "0",
                    "currency": "EUR",
                }
                for product, supplier in sorted(pairs)
            ],
        ),
    ]


def _wanted(items: list[InboundItem], setting: Setting) -> list[Step]:
    rows = [
        (
            item.row,
            {
                "external_id": item.ident,
                "batch": setting.batch,
                "supplier": item.lane.supplier,
                "supplier_dock": item.lane.supplier_dock,
                "plant": item.lane.plant,
                "dock": dock_code(item.lane),
                "item": item.lane.product,
                "packaging": item.package,
                "quantity": str(item.packages),
                "unit_weight_grams": str(item.package_grams),
                "earliest": _moment(item.earliest, setting),
                "latest": _moment(item.latest, setting),
            },
        )
        for item in items
    ]
    return [Step("supply.inboundrequirement", rows, "input_items")]


def _trucks(trucks: list[InboundTruck], setting: Setting) -> list[Step]:
    heads = [
        {
            "number": truck.ident,
            "batch": setting.batch,
            "plant": truck.stops[0].lane.plant,
            "arrives_at": _moment(truck.arrival, setting),
            "max_weight_grams": str(truck.max_grams),
            "length_mm": str(truck.length_mm),
            "width_mm": str(truck.width_mm),
            "height_mm": str(truck.height_mm),
        }
        for truck in trucks
    ]
    lanes = [
        {
            "truck": truck.ident,
            "supplier": stop.lane.supplier,
            "supplier_dock": stop.lane.supplier_dock,
            "dock": dock_code(stop.lane),
            "item": stop.lane.product,
            "supplier_loading_order": str(stop.supplier_order),
            "dock_loading_order": str(stop.supplier_dock_order),
            "unloading_order": str(stop.plant_dock_order),
        }
        for truck in trucks
        for stop in truck.stops
    ]
    return [
        _step("supply.plannedtruck", heads, "input_trucks"),
        _step("supply.trucklane", lanes, "input_trucks"),
    ]


def _step(target: str, rows: list[dict[str, object]], source: str = "") -> Step:
    return Step(target, [(0, row) for row in rows], source)


def _moment(wall: datetime, setting: Setting) -> str:
    """Return a wall time of the plant as an ISO instant."""
    return wall.replace(tzinfo=setting.zone).isoformat()
