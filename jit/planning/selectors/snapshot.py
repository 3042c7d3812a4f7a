"""Rows of the tables → the arrays of a run, with the way back from row numbers to records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from forms_engine.base.aside import Aside
from jit.algorithms.mrp import model as m
from jit.catalog.calendars import work_calendars
from jit.planning.selectors import nodes as n
from jit.planning.selectors import rows as r
from jit.planning.selectors.planned import Planned, mixed, uuids_packed
from jit.planning.selectors.tables.nodes import NodeTables
from jit.planning.selectors.tables.supply import SupplyTables
from jit.planning.selectors.tables.times import Times
from jit.planning.selectors.tables.wanted import ReceiptRow, WantedTables


@dataclass(frozen=True)
class Snapshot:
    """A `PlanInput` and, for each of its tables, what its rows are.

    `nodes`: (item, plant, area) ids · `sources`: rows of the sourcing table with the dock they deliver to ·
    `calls`: rows of the call-off table · `proposals`: packs of planned orders and schedule lines ·
    `pack_nodes`: row of the node of each pack, -1 = no more · `matched`: the row in `proposals` of each order
    that the run may match · `warnings`: (kind, what about), see `tables.warnings` ·
    `demands`, `receipts`: their labels · `item_codes`, `place_codes`: of each node its item's, and its area's
    or else its plant's · `cycles`: control cycles by item and area.
    """

    input: m.PlanInput
    nodes: list[n.NodeKey]
    sources: list[tuple[r.SourceRow, str]]
    calls: list[r.CallRow]
    proposals: Planned
    pack_nodes: np.ndarray
    matched: np.ndarray
    demands: list[str]
    receipts: list[str]
    item_codes: list[str]
    place_codes: list[str]
    cycles: dict[tuple[str, str], r.CycleRow]
    warnings: list[tuple[str, str]]

    @cached_property
    def uuids(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Item, plant and area of each node as 16 bytes; an area of none is zeros."""
        items, plants, areas = zip(*self.nodes, strict=True) if self.nodes else ((), (), ())
        return uuids_packed(items), uuids_packed(plants), uuids_packed(areas)

    @cached_property
    def has_area(self) -> np.ndarray:
        return np.array([bool(area) for _, _, area in self.nodes], bool)

    @cached_property
    def node_ids(self) -> np.ndarray:
        """One number for each node; see `planned.mixed`."""
        return mixed(*(column.view(">u8")[1::2].astype(np.uint64) for column in self.uuids))


def snapshot_read(*, as_of: datetime, horizon: datetime) -> Snapshot:
    """Read what a run may know; call inside one REPEATABLE READ transaction.

    Args: as_of, horizon: aware moments; the run plans needs in between.
    """
    times = Times(work_calendars(), as_of, horizon)
    with Aside() as aside:
        return _snapshot(n.Rows(as_of, horizon, aside), times)


def _snapshot(data: n.Rows, times: Times) -> Snapshot:
    """Build the tables while those that are wanted later are still being read."""
    receipts: list[ReceiptRow] = []
    tables = NodeTables(data, times)
    wanted, supply = WantedTables(tables, receipts), SupplyTables(tables, receipts)
    nodes = tables.nodes()
    revisions, lines = tables.boms()
    sources = supply.sources_table()
    demands, works, labels = wanted.demands(nodes)
    lots = supply.lots()
    calls, call_rows = supply.calls()
    proposals, pack_nodes, matched = supply.proposals()
    given = m.PlanInput(
        as_of=r.minute_of(times.as_of),
        horizon=r.minute_of(times.horizon),
        nodes=nodes,
        revisions=revisions,
        lines=lines,
        demands=demands,
        works=works,
        lots=lots,
        receipts=supply.receipts_table(),
        reservations=supply.reservations(labels, demands.node),
        sources=sources,
        calls=calls,
        proposals=proposals,
        windows=times.windows(),
        calendars=times.calendars(),
    )
    return Snapshot(
        given,
        tables.found.keys,
        supply.sources,
        call_rows,
        data.proposals,
        pack_nodes,
        matched,
        labels,
        [row[0] for row in receipts],
        tables.item_codes,
        [area or plant for area, plant in zip(tables.area_codes, tables.plant_codes, strict=True)],
        data.cycles,
        tables.warnings.all(),
    )
