"""The real inbound loads: every figure of the specification's table, and the proofs from the raw files."""

import json
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal

import pytest

from jit.algorithms.docks.slots import DockVisit, doors_needed, slots_assign
from jit.algorithms.routes.load_trucks import LoadNeed, Truck, trucks_load
from jit.exchange.formats.renault import items_read, trucks_read
from tests.shared_data import plain_rows, shared_folder

TABLE = {
    "CC6": {
        "rows": 2138, "packages": 15617, "kg": Decimal("8113187.166"), "suppliers": 21, "supplier docks": 21,
        "products": 94, "supplier products": 95, "package codes": 13, "empty supplier dock": 2031,
        "rows by dock": {"1GRA": 1735, "3GRA": 403}, "trucks": 464, "truck rows": 2676, "call-offs": 2138,
        "heavier": 14, "planned used": 451, "extra": 27, "load lines": 2285, "ASN": 586, "slots": 622,
        "doors": {"1GRA": 5, "3GRA": 3},
    },
    "FS2": {
        "rows": 2808, "packages": 18419, "kg": Decimal("7768263.118"), "suppliers": 28, "supplier docks": 31,
        "products": 223, "supplier products": 223, "package codes": 13, "empty supplier dock": 1559,
        "rows by dock": {"175GR1": 737, "175GR2": 1478, "175GR3": 36, "175GR4": 469, "175GR-PANT": 88},
        "trucks": 425, "truck rows": 4222, "call-offs": 2807,
        "heavier": 25, "planned used": 405, "extra": 40, "load lines": 2931, "ASN": 640, "slots": 666,
        "doors": {"175GR1": 4, "175GR2": 4, "175GR3": 1, "175GR4": 3, "175GR-PANT": 2},
    },
}  # fmt: skip


def minute(at: datetime) -> int:
    return int((at - datetime(2023, 1, 1)).total_seconds()) // 60


@pytest.fixture(scope="module", params=["CC6", "FS2"])
def load(request):
    """Read one instance with our codec and load its trucks."""
    folder = shared_folder("renault_inbound") / request.param
    raw = {name: plain_rows(folder / f"input_{name}.csv", ";") for name in ("items", "trucks")}
    items, item_faults = items_read(enumerate(raw["items"], start=2))
    trucks, truck_faults = trucks_read(enumerate(raw["trucks"], start=2))
    assert item_faults == truck_faults == []
    needs = [
        LoadNeed(i.ident, i.lane, i.packages, i.package_grams, minute(i.earliest), minute(i.latest))
        for i in items
    ]
    carriers = [
        Truck(t.ident, minute(t.arrival), t.max_grams, frozenset(s.lane for s in t.stops)) for t in trucks
    ]
    facts = json.loads((folder / "facts.json").read_text())
    return request.param, raw, items, trucks, trucks_load(needs, carriers), facts


def test_the_rows_are_those_of_the_table_and_the_facts(load):
    name, raw, items, trucks, _plan, facts = load
    want = TABLE[name]
    assert len(items) == want["rows"] == facts["item_rows"]
    assert sum(i.packages for i in items) == want["packages"] == facts["packages"]
    kilograms = Decimal(sum(i.packages * i.package_grams for i in items)) / 1000
    assert kilograms == want["kg"] == Decimal(str(facts["total_weight_kg"]))
    assert len({i.lane.supplier for i in items}) == want["suppliers"] == facts["suppliers"]
    assert len({(i.lane.supplier, i.lane.supplier_dock) for i in items}) == want["supplier docks"]
    assert len({i.lane.product for i in items}) == want["products"] == facts["products"]
    assert len({(i.lane.supplier, i.lane.product) for i in items}) == want["supplier products"]
    assert len({i.package for i in items}) == want["package codes"]
    assert sum(i.lane.supplier_dock == "" for i in items) == want["empty supplier dock"]
    assert Counter(i.lane.plant_dock for i in items) == want["rows by dock"]
    assert len({i.lane.plant for i in items}) == facts["plants"]
    assert len(want["rows by dock"]) == facts["plant_docks"]
    assert len(trucks) == want["trucks"] == facts["planned_trucks"]
    assert (
        len(raw["trucks"]) == sum(len(t.stops) for t in trucks) == want["truck rows"] == facts["truck_rows"]
    )
    assert min(i.earliest for i in items).strftime("%Y%m%d%H%M") == facts["window_first"]
    assert max(i.latest for i in items).strftime("%Y%m%d%H%M") == facts["window_last"]
    calls = {(i.lane, i.package, i.earliest, i.latest) for i in items}
    assert len(calls) == want["call-offs"]


def test_leading_zeros_and_empty_docks_survive(load):
    _name, raw, items, _trucks, _plan, _facts = load
    assert [i.lane.supplier for i in items] == [row["Supplier code"] for row in raw["items"]]
    assert all(len(i.lane.supplier) == 10 for i in items)
    assert [i.lane.supplier_dock for i in items] == [row["Supplier dock"] for row in raw["items"]]


def test_the_loads_are_those_of_the_table(load):
    name, _raw, items, trucks, plan, facts = load
    want = TABLE[name]
    planned = {t.ident: t for t in trucks}
    used = {line.truck for line in plan.lines}
    assert plan.too_heavy_for_one == want["heavier"]
    assert len(used & planned.keys()) == want["planned used"]
    assert len(plan.extra_trucks) == want["extra"] == len(used - planned.keys())
    assert len(plan.lines) == want["load lines"]
    assert sum(line.packages for line in plan.lines) == want["packages"]
    covered = {line.need for line in plan.lines}
    assert len(covered) == facts["item_rows_with_a_planned_truck_in_window"]
    assert len(items) - len(covered) == facts["item_rows_without"] == len(plan.uncovered)

    lane = {i.ident: i.lane for i in items}
    asns = {(x.truck, lane[x.need].supplier, lane[x.need].supplier_dock) for x in plan.lines}
    assert len(asns) == want["ASN"]
    arrival = {t.ident: minute(t.arrival) for t in trucks} | {x.ident: x.arrival for x in plan.extra_trucks}
    stops = {(x.truck, lane[x.need].plant_dock) for x in plan.lines}
    visits = [DockVisit(truck, dock, arrival[truck]) for truck, dock in stops]
    assert len(visits) == want["slots"]
    assert doors_needed(visits) == want["doors"]
    slots = slots_assign(visits, want["doors"])
    assert len(slots) == want["slots"] and all(slot.waits == 0 for slot in slots)


def test_the_proofs_hold_against_the_raw_files(load):
    """Recomputed from the files' text, without our codec: conserved, on the lane, in time, not too heavy."""
    _name, raw, _items, _trucks, plan, _facts = load
    fields = ("Supplier code", "Supplier dock", "Plant code", "Plant dock", "Product code")
    may, arrival, limit = defaultdict(set), {}, {}
    for row in raw["trucks"]:
        may[row["Id truck"]].add(tuple(row[f] for f in fields))
        arrival[row["Id truck"]] = row["Arrival time"]
        limit[row["Id truck"]] = Decimal(row["Max weight"].replace(",", "."))
    model = {extra.ident: extra.copy_of for extra in plan.extra_trucks}
    rest = {row["Item ident"]: int(row["Number of items"]) for row in raw["items"]}
    rows = {row["Item ident"]: row for row in raw["items"]}
    weight = defaultdict(Decimal)
    outside = 0
    for line in plan.lines:
        row, planned = rows[line.need], model.get(line.truck, line.truck)
        rest[line.need] -= line.packages
        weight[line.truck] += line.packages * Decimal(row["Weight"].replace(",", "."))
        assert tuple(row[f] for f in fields) in may[planned]
        outside += not row["Earliest arrival time"] <= arrival[planned] <= row["Latest arrival time"]
    assert outside == 0
    assert set(rest.values()) == {0}
    assert [t for t, kg in weight.items() if kg > limit[model.get(t, t)]] == []
