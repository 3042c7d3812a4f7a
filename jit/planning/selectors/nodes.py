"""Netting nodes: which (item, plant, area) a plan looks at, and how each gets its supply (pull.md 10, 11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from forms_engine.base.aside import Aside
from jit.planning.selectors import rows as r
from jit.planning.selectors.planned import READ, Planned, halves, planned_of
from jit.planning.selectors.reading import Index, Packed, columns_of, spread

LINE_SIDE = "LINE_SIDE"
MAKE, BUY, JIT, TRANSFER, PHANTOM = range(5)
#: Planning windows of items by the first letter of their mode, minutes (pull.md 17).
DEFAULT_WINDOW = {"J": 60, "B": 1440, "M": 480, "P": 480}

#: (item id, plant id, area id); area "" is the plant's store.
NodeKey = tuple[str, str, str]


#: Statements in the order they are needed, so that the first can be worked on while the others are read.
STATEMENTS = {
    "plants": r.PLANTS,
    "places": r.PLACES,
    "centres": r.CENTRES,
    "items": r.ITEMS.sql,
    "operations": r.OPERATIONS.sql,
    "boms": r.BOMS.sql,
    "lines": r.LINES.sql,
    "orders": r.ORDERS,
    "components": r.COMPONENTS,
    "cycles": r.CYCLES,
    "calls": r.CALLS,
    "firm": r.FIRM,
    "demands": r.DEMANDS.sql,
    "stock": r.STOCK.sql,
    "sources": r.SOURCES,
    "reserved": r.RESERVED,
    "proposals": READ,
}


class Rows:
    """Everything read from the tables: large ones as columns, the others by what they are looked up with.

    All of it is asked for at once and each table unpacked when it is first wanted.
    """

    def __init__(self, as_of: object, horizon: object, aside: Aside) -> None:
        between = {"as_of": as_of, "horizon": horizon}
        self._asked = {
            name: aside.fetch(sql, between if name == "sources" else None) for name, sql in STATEMENTS.items()
        }

    def _columns(self, name: str, table: Packed) -> Any:
        return columns_of(table, self._asked[name].result()[0])

    def _rows(self, name: str, kind: Any) -> list[Any]:
        return list(map(kind._make, self._asked[name].result()))

    @cached_property
    def items(self) -> Any:
        return self._columns("items", r.ITEMS)

    @cached_property
    def operations(self) -> Any:
        return self._columns("operations", r.OPERATIONS)

    @cached_property
    def boms(self) -> Any:
        return self._columns("boms", r.BOMS)

    @cached_property
    def lines(self) -> Any:
        return self._columns("lines", r.LINES)

    @cached_property
    def demands(self) -> Any:
        return self._columns("demands", r.DEMANDS)

    @cached_property
    def stock(self) -> Any:
        return self._columns("stock", r.STOCK)

    @cached_property
    def plants(self) -> dict[str, r.PlantRow]:
        return {row.id: row for row in self._rows("plants", r.PlantRow)}

    @cached_property
    def places(self) -> dict[str, r.PlaceRow]:
        return {row.id: row for row in self._rows("places", r.PlaceRow)}

    @cached_property
    def centres(self) -> dict[str, r.CentreRow]:
        return {row.id: row for row in self._rows("centres", r.CentreRow)}

    @cached_property
    def cycles(self) -> dict[tuple[str, str], r.CycleRow]:
        return {(row.item, row.area): row for row in self._rows("cycles", r.CycleRow)}

    @cached_property
    def orders(self) -> list[r.OrderRow]:
        return self._rows("orders", r.OrderRow)

    @cached_property
    def components(self) -> dict[str, list[r.ComponentRow]]:
        return _group(self._rows("components", r.ComponentRow), "order")

    @cached_property
    def reserved(self) -> list[r.ReservedRow]:
        return self._rows("reserved", r.ReservedRow)

    @cached_property
    def sources(self) -> dict[str, list[r.SourceRow]]:
        return _group(self._rows("sources", r.SourceRow), "item")

    @cached_property
    def calls(self) -> list[r.CallRow]:
        return self._rows("calls", r.CallRow)

    @cached_property
    def firm(self) -> list[r.FirmRow]:
        return self._rows("firm", r.FirmRow)

    @cached_property
    def proposals(self) -> Planned:
        return planned_of(self._asked["proposals"].result()[0])

    def area_of(self, place: str) -> str:
        """Return the area a place belongs to: itself for a line side, "" (the store) for all else."""
        found = self.places.get(place)
        return place if found is not None and found.kind == LINE_SIDE else ""


def _group(rows: Iterable[Any], attribute: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, attribute)].append(row)
    return found


class Plant:
    """The rows' pointers as numbers: items, plants, places and centres by their row, in the order of codes.

    A node is one number, (item * plants + plant) * areas + area, where area 0 is the plant's store; so nodes
    in the order of their numbers stand in the order of their business keys, or nearly.
    """

    def __init__(self, data: Rows) -> None:
        self.data = data
        self.plants = sorted(data.plants.values(), key=lambda row: row.code)
        self.places = sorted(data.places.values(), key=lambda row: row.code)
        self.item_of, self.plant_of = Index(data.items.key), Index(halves(row.id for row in self.plants))
        self.place_of = Index(halves(row.id for row in self.places))
        self.item_row = {key: row for row, key in enumerate(data.items.id)}
        self.plant_row = {plant.id: row for row, plant in enumerate(self.plants)}
        #: The area of each place, 0 for all that is no line side; the last stands for "no such place" (-1).
        self.area_no = np.array(
            [row + 1 if place.kind == LINE_SIDE else 0 for row, place in enumerate(self.places)] + [0]
        )
        self.place_plant = np.array([self.plant_row.get(place.plant, -1) for place in self.places] + [-1])
        self.place_row = {place.id: row for row, place in enumerate(self.places)}
        self._centres()
        self._boms()

    def _centres(self) -> None:
        """Where each item's components are drawn from when its BOM does not say: its centre's line side."""
        self.centres = sorted(self.data.centres.values(), key=lambda row: row.code)
        operations, items = self.data.operations, len(self.data.items.key)
        at = self.item_of.find(operations.item)
        known = at >= 0
        centre = Index(halves(row.id for row in self.centres)).find(operations.centre)
        self.centre, self.setup, self.seconds = np.full(items, -1), np.zeros(items, "i8"), np.zeros(items)
        self.centre[at[known]], self.setup[at[known]] = centre[known], operations.setup[known]
        self.seconds[at[known]] = operations.seconds[known]
        side = np.array([self.area(row.line_side) for row in self.centres] + [0])
        plant = np.array([self.plant_row.get(row.plant, -1) for row in self.centres] + [-1])
        self.side, self.side_plant = side[self.centre], plant[self.centre]

    def area(self, place: str | None) -> int:
        """Return the number of the area a place belongs to."""
        return int(self.area_no[self.place_row.get(place or "", -1)])

    def _boms(self) -> None:
        """BOMs by item, lines by BOM; those of no item, or of no BOM that counts, are left out."""
        boms, lines, items = self.data.boms, self.data.lines, len(self.data.items.key)
        item = self.item_of.find(boms.item)
        order = np.argsort(item, kind="stable")
        order = order[item[order] >= 0]
        self.bom_row, self.bom_item = order, item[order]
        self.bom_first = np.searchsorted(self.bom_item, np.arange(items))
        self.bom_count = np.bincount(self.bom_item, minlength=items)
        bom = Index(boms.key[order]).find(lines.bom)
        order = np.lexsort((lines.line_no, bom))
        order = order[bom[order] >= 0]
        self.line_row, self.line_bom = order, bom[order]
        self.line_first = np.searchsorted(self.line_bom, np.arange(len(self.bom_row)))
        self.line_count = np.bincount(self.line_bom, minlength=len(self.bom_row))
        self.line_item = self.item_of.find(lines.component[order])
        place = self.place_of.find(lines.area[order])
        self.line_given, self.line_area = lines.area[order] != 0, self.area_no[place]

    def code(self, item: Any, plant: Any, area: Any) -> Any:
        """Return the numbers of nodes."""
        return (item * len(self.plants) + plant) * (len(self.places) + 1) + area

    def parts(self, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return item, plant and area of the numbers of nodes."""
        rest, area = np.divmod(codes, len(self.places) + 1)
        item, plant = np.divmod(rest, max(len(self.plants), 1))
        return item, plant, area

    def targets(self, lines: np.ndarray, plant: np.ndarray) -> np.ndarray:
        """Return the nodes that BOM lines draw from: the named area, the parent's line side, or the store."""
        parent = self.bom_item[self.line_bom[lines]]
        side = np.where(self.side_plant[parent] == plant, self.side[parent], 0)
        area = np.where(self.line_given[lines], self.line_area[lines], side)
        return np.where(self.line_item[lines] >= 0, self.code(self.line_item[lines], plant, area), -1)

    def explodes(self, item: np.ndarray) -> np.ndarray:
        """Return whether items are made of others in their plant's store."""
        return np.isin(self.data.items.mode[item], (ord("M"), ord("P")))


@dataclass
class NodeSet:
    """The nodes of a run in the order of their numbers; `index` finds a row by its key."""

    codes: np.ndarray
    item: np.ndarray
    plant: np.ndarray
    area: np.ndarray
    keys: list[NodeKey]
    index: dict[NodeKey, int]

    def rows(self, codes: np.ndarray) -> np.ndarray:
        """Return the row of each number, -1 = no node of this run."""
        if not len(self.codes):
            return np.full(len(codes), -1)
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[at] == codes, at, -1)


def nodes_found(given: Plant) -> NodeSet:
    """Return every node that demand, orders, stock, cycles, calls or a BOM above it touches."""
    known = fresh = np.unique(_seeds(given))
    while len(fresh):
        item, plant, area = given.parts(fresh)
        # Every line side can be fed from the store.
        above = given.code(item[area > 0], plant[area > 0], 0)
        made = (area == 0) & given.explodes(item)
        boms, owner = spread(given.bom_first[item[made]], given.bom_count[item[made]])
        lines, bom = spread(given.line_first[boms], given.line_count[boms])
        below = given.targets(lines, plant[made][owner][bom])
        met = np.unique(np.concatenate((above, below[below >= 0])))
        fresh = met[~np.isin(met, known)]
        known = np.union1d(known, fresh)
    item, plant, area = given.parts(known)
    ids, plants = given.data.items.id, [row.id for row in given.plants]
    areas = ["", *(row.id for row in given.places)]
    keys = [
        (ids[i], plants[p], areas[a])
        for i, p, a in zip(item.tolist(), plant.tolist(), area.tolist(), strict=True)
    ]
    return NodeSet(known, item, plant, area, keys, {key: row for row, key in enumerate(keys)})


def _seeds(given: Plant) -> np.ndarray:
    data, demands, stock = given.data, given.data.demands, given.data.stock
    places = given.place_of.find(stock.place)
    met = [(order.item, order.plant, output_area(data, order)) for order in data.orders]
    met += [
        (part.item, order.plant, data.area_of(part.area))
        for order in data.orders
        for part in data.components.get(order.id, ())
    ]
    met += [(firm.item, firm.plant, firm.area) for firm in data.firm]
    lanes = [*data.cycles, *((call.item, call.area) for call in data.calls)]
    met += [
        (item, data.places[area].plant, data.area_of(area)) for item, area in lanes if area in data.places
    ]
    few = np.array(
        [
            (given.item_row.get(item, -1), given.plant_row.get(plant, -1), given.area(area))
            for item, plant, area in met
        ]
        or [(-1, -1, 0)]
    )
    item = np.concatenate((given.item_of.find(demands.item), given.item_of.find(stock.item), few[:, 0]))
    plant = np.concatenate((given.plant_of.find(demands.plant), given.place_plant[places], few[:, 1]))
    area = np.concatenate((np.zeros(len(demands.item), "i8"), given.area_no[places], few[:, 2]))
    there = (item >= 0) & (plant >= 0)
    return given.code(item, plant, area)[there]


def output_area(data: Rows, order: r.OrderRow) -> str:
    centre = data.centres.get(order.centre)
    return data.area_of(centre.output) if centre is not None and centre.output else ""


def output_node(data: Rows, order: r.OrderRow) -> NodeKey:
    """Return the node a work order's goods arrive at."""
    return (order.item, order.plant, output_area(data, order))
