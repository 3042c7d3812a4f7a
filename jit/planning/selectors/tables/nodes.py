"""Netting nodes and what goes into what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jit.algorithms.mrp import model as m
from jit.algorithms.mrp.table import ALWAYS, NEVER
from jit.planning.selectors import nodes as n
from jit.planning.selectors import rows as r
from jit.planning.selectors.tables.columns import TEXT, table
from jit.planning.selectors.tables.times import Times
from jit.planning.selectors.tables.warnings import ALWAYS_OPEN, PLANT_HOURS, Warnings

RULES = {"L4L": 0, "FOQ": 1, "POQ": 2}


def choosable(boms: Sequence[r.BomRow], low: int, high: int) -> list[r.BomRow]:
    """Return the revisions that an order starting in [low, high] may use (pull.md 18).

    The valid one; in a gap the next later; after the last one the last. The others would only make circles
    that never hold together.
    """
    rows = sorted(boms, key=lambda row: ALWAYS if row.valid_from is None else row.valid_from)
    found, at = [], low
    for row in rows:
        if at > high:
            break
        until = NEVER if row.valid_to is None else row.valid_to
        if until > at:
            found.append(row)
            at = until
    return found or rows[-1:]


class NodeTables:
    """The tables `Nodes`, `Revisions` and `Lines`."""

    def __init__(self, data: n.Rows, times: Times) -> None:
        self.data, self.times, self.warnings = data, times, Warnings()
        self.found = n.nodes_found(data)

    def nodes(self) -> m.Nodes:
        columns: dict[str, list[Any]] = {}
        for key in self.found.keys:
            for name, value in self._node(key).items():
                columns.setdefault(name, []).append(value)
        return m.Nodes(key=np.array([self.node_name(key) for key in self.found.keys], TEXT), **columns)

    def node_name(self, key: n.NodeKey) -> str:
        """Return the business key of a node: item|plant|area."""
        item, plant, area = key
        place = self.data.places[area].code if area else ""
        return f"{self.data.items[item].code}|{self.data.plants[plant].code}|{place}"

    def _node(self, key: n.NodeKey) -> dict[str, Any]:
        item_id, plant_id, area = key
        item, plant = self.data.items[item_id], self.data.plants[plant_id]
        mode = n.mode_of(self.data, key)
        row: dict[str, Any] = {
            "mode": mode,
            "rule": RULES[item.lot_rule],
            "window_min": n.window_of(item),
            "period_min": item.period,
            "foq": item.fixed_lot,
            "min_lot": item.min_lot,
            "multiple": item.multiple,
            "max_lot": item.max_lot,
            "step": 10.0**-item.decimals,
            "safety": 0.0,
            "resched_min": item.reschedule,
            "yield_": 1.0,
            "lead_min": 0,
            "run_min": 0.0,
            "handling_min": 0,
            "calendar": self.times.calendar(plant.calendar),
            "min_life_min": item.min_remaining_days * 1440,
            "store": -1,
            "store_lead_min": 0,
            "container": 0.0,
            "grid": -1,
            "cover_min": 0,
            "frozen_min": 0,
            "jit_until": NEVER,
        }
        if mode == n.MAKE:
            row |= {"yield_": item.yield_, "lead_min": item.lead, "handling_min": item.handling}
            operation = self.data.operations.get(item_id)
            if operation is not None and operation.centre in self.data.centres:
                centre = self.data.centres[operation.centre]
                row["calendar"] = self.hours_of(centre.code, plant, centre.calendar)
                row["run_min"] = operation.seconds / 60.0
                row["lead_min"] = item.lead + operation.setup
        elif mode == n.BUY:
            row["handling_min"] = item.handling
        elif mode == n.JIT:
            row |= self._cycle(item_id, plant, area)
        elif mode == n.TRANSFER:
            # Between store and line the lot rules of purchasing mean nothing: what is short is carried.
            row |= {"min_lot": 0.0, "multiple": 0.0, "max_lot": 0.0, "rule": RULES["L4L"]}
            row |= {"store": self.found.index[item_id, plant_id, ""], "store_lead_min": item.handling}
        elif mode == n.PHANTOM:
            row["yield_"] = item.yield_
        if mode in (n.MAKE, n.BUY) and item.mode != "JIT":
            row["safety"] = item.safety
        return row

    def _cycle(self, item_id: str, plant: r.PlantRow, area: str) -> dict[str, Any]:
        item, cycle = self.data.items[item_id], self.data.cycles[item_id, area]
        centre = next((row for row in self.data.centres.values() if row.line_side == area), None)
        place = self.data.places[area]
        line = self.hours_of(place.code, plant, place.calendar, centre.calendar if centre else None)
        return {
            "window_min": cycle.window,
            "calendar": line,
            "cover_min": cycle.cover,
            "frozen_min": cycle.frozen,
            "handling_min": cycle.handling,
            "container": cycle.pack,
            "multiple": cycle.pack,
            "safety": item.safety,
            "store": self.found.index.get((item_id, plant.id, ""), -1),
            "store_lead_min": cycle.handling,
            "grid": self.cycle_grid(cycle),
            "jit_until": r.minute_of(self.times.as_of) + cycle.horizon,
        }

    def hours_of(self, who: str, plant: r.PlantRow, *choices: str | None) -> int:
        """Return the row of the first calendar there is, else of the plant's, with a warning about `who`."""
        row = self.times.calendar(*choices)
        if row < 0:
            row = self.times.calendar(plant.calendar)
            self.warnings.add(PLANT_HOURS if row >= 0 else ALWAYS_OPEN, who)
        return row

    def cycle_grid(self, cycle: r.CycleRow, dock: str | None = None) -> int:
        place = self.data.places.get(dock or cycle.dock or "")
        plant = self.data.plants.get(place.plant) if place else None
        own = cycle.window_calendar or (place.calendar if place else None)
        if own is None and plant is not None and plant.calendar:
            self.warnings.add(PLANT_HOURS, place.code if place else cycle.number)
            own = plant.calendar
        return self.times.grid(own, cycle.window)

    def boms(self) -> tuple[m.Revisions, m.Lines]:
        revisions: list[tuple[str, int, int, int]] = []
        lines: list[tuple[str, int, int, float, float, float, int]] = []
        starts = [row.due for row in self.data.demands] + [row.start for row in self.data.orders]
        low, high = min([r.minute_of(self.times.as_of), *starts]), r.minute_of(self.times.horizon)
        for row, (item, plant, area) in enumerate(self.found.keys):
            if area or self.data.items[item].mode not in ("MAKE", "PHANTOM"):
                continue
            for bom in choosable(self.data.boms.get(item, ()), low, high):
                key = f"{self.node_name((item, plant, area))}|{bom.revision}"
                for line in self.data.lines.get(bom.id, ()):
                    target = (
                        line.component,
                        plant,
                        self.data.draw_area(item, plant, line.component, line.area),
                    )
                    if target not in self.found.index:
                        continue
                    lines.append(
                        (
                            f"{key}|{line.line_no:06d}",
                            len(revisions),
                            self.found.index[target],
                            line.quantity_per / bom.base,
                            line.scrap,
                            line.fixed,
                            line.offset,
                        )
                    )
                revisions.append(
                    (
                        key,
                        row,
                        ALWAYS if bom.valid_from is None else bom.valid_from,
                        NEVER if bom.valid_to is None else bom.valid_to,
                    )
                )
        return (
            table(m.Revisions, ("key", "node", "valid_from", "valid_to"), revisions),
            table(
                m.Lines, ("key", "revision", "component", "qty_per", "scrap", "fixed", "offset_min"), lines
            ),
        )
