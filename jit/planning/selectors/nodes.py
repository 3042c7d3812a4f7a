"""Netting nodes: which (item, plant, area) a plan looks at, and how each gets its supply (pull.md 10, 11)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from jit.planning.selectors import rows as r
from jit.planning.selectors.planned import Planned, planned_read

LINE_SIDE = "LINE_SIDE"
MAKE, BUY, JIT, TRANSFER, PHANTOM = range(5)
DEFAULT_WINDOW = {"JIT": 60, "BATCH": 1440, "MAKE": 480, "PHANTOM": 480}

#: (item id, plant id, area id); area "" is the plant's store.
NodeKey = tuple[str, str, str]


@dataclass
class Rows:
    """Everything read from the tables, by what it is looked up with."""

    items: dict[str, r.ItemRow]
    places: dict[str, r.PlaceRow]
    plants: dict[str, r.PlantRow]
    centres: dict[str, r.CentreRow]
    operations: dict[str, r.OperationRow]
    cycles: dict[tuple[str, str], r.CycleRow]
    boms: dict[str, list[r.BomRow]]
    lines: dict[str, list[r.LineRow]]
    demands: list[r.DemandRow]
    orders: list[r.OrderRow]
    components: dict[str, list[r.ComponentRow]]
    stock: list[r.StockRow]
    reserved: list[r.ReservedRow]
    sources: dict[str, list[r.SourceRow]]
    calls: list[r.CallRow]
    proposals: Planned

    def area_of(self, place: str) -> str:
        """Return the area a place belongs to: itself for a line side, "" (the store) for all else."""
        found = self.places.get(place)
        return place if found is not None and found.kind == LINE_SIDE else ""

    def draw_area(self, parent: str, plant: str, component: str, given: str | None) -> str:
        """Return the area a BOM line draws from: the named one, the parent's line side, or the store."""
        if given:
            return self.area_of(given)
        operation = self.operations.get(parent)
        centre = self.centres.get(operation.centre) if operation else None
        if centre is not None and centre.plant == plant and centre.line_side:
            return self.area_of(centre.line_side)
        return ""


@dataclass
class NodeSet:
    """Nodes in the order they were met; `index` finds a row by its key."""

    keys: list[NodeKey] = field(default_factory=list)
    index: dict[NodeKey, int] = field(default_factory=dict)

    def add(self, key: NodeKey) -> bool:
        """Return True if the node is new."""
        if key in self.index:
            return False
        self.index[key] = len(self.keys)
        self.keys.append(key)
        return True


def _group(rows: Iterable[object], attribute: str) -> dict[str, list[object]]:
    found: dict[str, list[object]] = defaultdict(list)
    for row in rows:
        found[getattr(row, attribute)].append(row)
    return found


def rows_read(as_of: object) -> Rows:
    """Read all tables; call inside one REPEATABLE READ transaction."""
    return Rows(
        items={row.id: row for row in r.rows(r.ITEMS, r.ItemRow)},
        places={row.id: row for row in r.rows(r.PLACES, r.PlaceRow)},
        plants={row.id: row for row in r.rows(r.PLANTS, r.PlantRow)},
        centres={row.id: row for row in r.rows(r.CENTRES, r.CentreRow)},
        operations={row.item: row for row in r.rows(r.OPERATIONS, r.OperationRow)},
        cycles={(row.item, row.area): row for row in r.rows(r.CYCLES, r.CycleRow)},
        boms=_group(r.rows(r.BOMS, r.BomRow), "item"),
        lines=_group(r.rows(r.LINES, r.LineRow), "bom"),
        demands=r.rows(r.DEMANDS, r.DemandRow),
        orders=r.rows(r.ORDERS, r.OrderRow),
        components=_group(r.rows(r.COMPONENTS, r.ComponentRow), "order"),
        stock=r.rows(r.STOCK, r.StockRow),
        reserved=r.rows(r.RESERVED, r.ReservedRow),
        sources=_group(r.rows(r.SOURCES, r.SourceRow, as_of=as_of), "item"),
        calls=r.rows(r.CALLS, r.CallRow),
        proposals=planned_read(),
    )


def nodes_found(data: Rows) -> NodeSet:
    """Return every node that demand, orders, stock, cycles, calls or a BOM above it touches."""
    found = NodeSet()
    queue: list[NodeKey] = []

    def meet(key: NodeKey) -> None:
        if key[0] in data.items and key[1] in data.plants and found.add(key):
            queue.append(key)

    for row in data.demands:
        meet((row.item, row.plant, ""))
    for order in data.orders:
        meet((order.item, order.plant, _output_area(data, order)))
        for part in data.components.get(order.id, ()):
            meet((part.item, order.plant, data.area_of(part.area)))
    for stock in data.stock:
        meet((stock.item, data.places[stock.place].plant, data.area_of(stock.place)))
    for item, area in data.cycles:
        if area in data.places:
            meet((item, data.places[area].plant, data.area_of(area)))
    for call in data.calls:
        if call.area in data.places:
            meet((call.item, data.places[call.area].plant, data.area_of(call.area)))
    while queue:
        item, plant, area = queue.pop()
        if area:
            meet((item, plant, ""))  # every line side can be fed from the store
            continue
        if data.items[item].mode in ("MAKE", "PHANTOM"):
            for bom in data.boms.get(item, ()):
                for line in data.lines.get(bom.id, ()):
                    meet((line.component, plant, data.draw_area(item, plant, line.component, line.area)))
    return found


def _output_area(data: Rows, order: r.OrderRow) -> str:
    centre = data.centres.get(order.centre)
    return data.area_of(centre.output) if centre is not None and centre.output else ""


def output_node(data: Rows, order: r.OrderRow) -> NodeKey:
    """Return the node a work order's goods arrive at."""
    return (order.item, order.plant, _output_area(data, order))


def mode_of(data: Rows, key: NodeKey) -> int:
    """Return how a node gets its supply; see `algorithms.mrp.model.Mode`."""
    item, _, area = key
    if area:
        return JIT if (item, area) in data.cycles else TRANSFER
    mode = data.items[item].mode
    return {"MAKE": MAKE, "PHANTOM": PHANTOM}.get(mode, BUY)


def window_of(item: r.ItemRow) -> int:
    """Return the item's planning window in minutes (pull.md 17)."""
    return item.window or DEFAULT_WINDOW[item.mode]
