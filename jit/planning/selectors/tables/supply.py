"""What there is and where it comes from: lots, receipts, sources, calls, proposals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jit.algorithms.mrp import model as m
from jit.algorithms.mrp.table import ALWAYS
from jit.planning.selectors import nodes as n
from jit.planning.selectors import rows as r
from jit.planning.selectors.planned import FORECAST, halves, mixed, places
from jit.planning.selectors.tables.columns import TEXT, table
from jit.planning.selectors.tables.nodes import NodeTables
from jit.planning.selectors.tables.wanted import ReceiptRow
from jit.planning.selectors.tables.warnings import AGREEMENT_ENDS, NO_DOCK, NO_PACK, NO_WINDOWS

DRAFT, SENT, FIRM = 0, 1, 2
ORDER = 0
#: Call-offs that stand as they are for the run (pull.md 23, 24).
STANDING = frozenset({"PARTIAL", "DECLINED", "SHIPPED", "AT_GATE", "UNLOADED", "HOLD"})


class SupplyTables:
    """The tables of supply. Build `sources_table` before `calls` and `proposals`, `lots` before
    `reservations`: they point into it."""

    def __init__(self, nodes: NodeTables, receipts: list[ReceiptRow]) -> None:
        self.nodes, self.data, self.times, self.found = nodes, nodes.data, nodes.times, nodes.found
        self.receipts = receipts
        self.sources: list[tuple[r.SourceRow, str]] = []
        self.source_rows: dict[tuple[int, str, str], int] = {}
        self.lot_rows: dict[tuple[int, str, str], int] = {}

    def lots(self) -> m.Lots:
        stock, given = self.data.stock, self.nodes.plant
        place = given.place_of.find(stock.place)
        item, plant = given.item_of.find(stock.item), given.place_plant[place]
        node = np.where(
            (item >= 0) & (plant >= 0), self.found.rows(given.code(item, plant, given.area_no[place])), -1
        )
        rows = np.flatnonzero(node >= 0)
        node, place = node[rows], place[rows]
        keys = [
            f"{self.nodes.names[at]}|{given.places[here].code}|{stock.lot[row]}"
            for at, here, row in zip(node.tolist(), place.tolist(), rows.tolist(), strict=True)
        ]
        if self.data.reserved:
            for at, (row, here, mine) in enumerate(
                zip(rows.tolist(), place.tolist(), node.tolist(), strict=True)
            ):
                lot = stock.lot[row].split("|")[0]
                self.lot_rows.setdefault((mine, given.places[here].id, lot), at)
        return m.Lots(
            key=np.array(keys, TEXT),
            node=node,
            qty=stock.quantity[rows],
            expiry=stock.expires[rows],
            usable=stock.usable[rows],
        )

    def reservations(self, labels: list[str], demand_nodes: Sequence[int]) -> m.Reservations:
        """Return the hard reservations; one whose document is wanted at its place covers that demand first.

        Args: labels, demand_nodes: key and node of each demand, in the order of their table.
        """
        wanting: dict[tuple[str, int], int] = {}
        for at, (label, node) in enumerate(zip(labels, demand_nodes, strict=True)):
            wanting.setdefault((label.split("|")[0], int(node)), at)
        found: list[tuple[str, int, float, int, int]] = []
        for row in self.data.reserved:
            place = self.data.places.get(row.place)
            node = (
                self.found.index.get((row.item, place.plant, self.data.area_of(row.place))) if place else None
            )
            if node is not None:
                lot = -1 if row.lot is None else self.lot_rows.get((node, row.place, row.lot), -1)
                covers = wanting.get((row.document, node), -1)
                found.append((f"{row.document}|{row.id}", node, row.quantity, lot, covers))
        return table(m.Reservations, ("key", "node", "qty", "lot", "demand"), found)

    def receipts_table(self) -> m.Receipts:
        return table(m.Receipts, ("key", "node", "due", "qty", "kind", "fixed"), self.receipts)

    def sources_table(self) -> m.Sources:
        found: list[tuple[Any, ...]] = []
        for row in np.flatnonzero(np.isin(self.nodes.mode, (n.BUY, n.JIT))).tolist():
            item, plant, area = self.found.keys[row]
            cycle, site = self.data.cycles.get((item, area)) if area else None, self.data.plants[plant]
            for source in self.data.sources.get(item, ()):
                dock = source.dock or (cycle.dock if cycle else None) or ""
                place = self.data.places.get(dock)
                if source.area and self.data.area_of(source.area) != area:
                    continue
                if place is not None and place.plant != plant:
                    continue
                if cycle is not None and place is None:
                    self.nodes.warnings.add(NO_DOCK, f"{cycle.number} · {source.code}")
                    continue
                grid = self.nodes.cycle_grid(cycle, dock) if cycle else -1
                if cycle is not None and grid < 0:
                    self.nodes.warnings.add(NO_WINDOWS, cycle.number)
                    continue
                if cycle is not None and not source.is_packed and source.pack == cycle.pack == 1.0:
                    self.nodes.warnings.add(NO_PACK, f"{cycle.number} · {source.code}")
                if source.ends:
                    self.nodes.warnings.add(AGREEMENT_ENDS, f"{source.agreement} · {source.code}")
                self.source_rows[row, source.supplier, dock if cycle else ""] = len(self.sources)
                self.sources.append((source, dock))
                found.append(
                    (
                        "|".join(
                            (
                                source.agreement,
                                source.supplier,
                                dock,
                                self.nodes.names[row],
                            )
                        ),
                        row,
                        source.quota,
                        source.used,
                        source.own_pack,
                        source.min_quantity,
                        source.max_quantity,
                        source.transit,
                        source.prep,
                        self.nodes.hours_of(source.code, site, source.ship_calendar),
                        self.nodes.hours_of(source.code, site, source.production_calendar),
                        grid,
                        source.usable,
                    )
                )
        return table(
            m.Sources,
            (
                "key",
                "node",
                "quota",
                "used",
                "pack",
                "min_qty",
                "max_qty",
                "transit_min",
                "prep_min",
                "ship_calendar",
                "prod_calendar",
                "grid",
                "usable",
            ),
            found,
        )

    def calls(self) -> tuple[m.Calls, list[r.CallRow]]:
        found: list[tuple[Any, ...]] = []
        kept: list[r.CallRow] = []
        for row in self.data.calls:
            place = self.data.places.get(row.area)
            node = (
                self.found.index.get((row.item, place.plant, self.data.area_of(row.area))) if place else None
            )
            if node is None or (row.kind == "EMERGENCY" and row.state == "DRAFT"):
                continue
            firm = row.quantity if row.confirmed is None else min(row.confirmed, row.quantity)
            eta = row.arrives or row.promised
            source = self.source_rows.get((node, row.supplier, row.dock))
            if source is None or row.kind == "EMERGENCY":
                # A call outside today's lanes, or of a type of its own, is supply as it stands (pull.md 23).
                if firm > row.received:
                    self.receipts.append((row.number, node, eta or row.end, firm - row.received, ORDER, True))
                continue
            stage = DRAFT if row.state == "DRAFT" else FIRM if row.state in STANDING else SENT
            found.append(
                (
                    row.number,
                    node,
                    source,
                    row.end,
                    max(firm - row.received, 0.0),
                    ALWAYS if eta is None else eta,
                    stage,
                    max(row.packed - row.received, 0.0),
                )
            )
            kept.append(row)
        made = table(m.Calls, ("key", "node", "source", "end", "qty", "eta", "stage", "packed"), found)
        return made, kept

    def proposals(self) -> tuple[m.Proposals, np.ndarray, np.ndarray]:
        """Return the table, the node of each pack (-1 = no more), and which orders of the packs it has."""
        packs = self.data.proposals
        given = self.nodes.plant
        item, plant = given.item_of.find(packs.item), given.plant_of.find(packs.plant)
        place = given.place_of.find(packs.area)
        known = (item >= 0) & (plant >= 0) & ((packs.area == 0) | (place >= 0))
        node = np.where(known, self.found.rows(given.code(item, plant, given.area_no[place])), -1)
        mine = [(at, maker, row) for (at, maker, dock), row in self.source_rows.items() if not dock]
        nothing = np.zeros(1, np.uint64)
        by = mixed(
            np.array([at for at, _, _ in mine], np.uint64),
            halves(who for _, who, _ in mine),
            nothing,
        )
        found = places(by, mixed(node.astype(np.uint64), packs.supplier, nothing))
        rows = np.array([row for _, _, row in mine] or [-1])
        source = np.where((found >= 0) & (packs.supplier > 0), rows[found], -1)
        kept = np.flatnonzero(((node >= 0) & (packs.kind != FORECAST))[packs.pack])
        pack = packs.pack[kept]
        made = m.Proposals(
            key=packs.number[kept],
            node=node[pack],
            source=source[pack],
            need=packs.need[kept],
            qty=packs.quantity[kept],
        )
        return made, node, kept
