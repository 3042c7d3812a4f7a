"""Netting nodes and what goes into what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jit.algorithms.mrp import model as m
from jit.algorithms.mrp.table import NEVER
from jit.planning.selectors import nodes as n
from jit.planning.selectors import rows as r
from jit.planning.selectors.reading import spread
from jit.planning.selectors.tables.columns import TEXT
from jit.planning.selectors.tables.times import Times
from jit.planning.selectors.tables.warnings import ALWAYS_OPEN, PLANT_HOURS, Warnings

RULES = {"L": 0, "F": 1, "P": 2}


def choosable(valid_from: Sequence[int], valid_to: Sequence[int], low: int, high: int) -> list[int]:
    """Return the revisions that an order starting in [low, high] may use, as places (pull.md 18).

    The valid one; in a gap the next later; after the last one the last. The others would only make circles
    that never hold together.
    """
    rows = sorted(range(len(valid_from)), key=lambda row: valid_from[row])
    found, at = [], low
    for row in rows:
        if at > high:
            break
        if valid_to[row] > at:
            found.append(row)
            at = valid_to[row]
    return found or rows[-1:]


class NodeTables:
    """The tables `Nodes`, `Revisions` and `Lines`."""

    def __init__(self, data: n.Rows, times: Times) -> None:
        self.data, self.times, self.warnings = data, times, Warnings()
        self._hours: dict[tuple[str, str, tuple[str | None, ...]], int] = {}
        self.plant = n.Plant(data)
        self.found = n.nodes_found(self.plant)
        self.item_codes = [data.items.code[row] for row in self.found.item.tolist()]
        plants, places = (
            [row.code for row in self.plant.plants],
            ["", *(row.code for row in self.plant.places)],
        )
        self.area_codes = [places[area] for area in self.found.area.tolist()]
        self.plant_codes = [plants[plant] for plant in self.found.plant.tolist()]
        #: The business key of each node: item|plant|area.
        self.names = list(map("|".join, zip(self.item_codes, self.plant_codes, self.area_codes, strict=True)))
        self.mode = self._modes()

    def _modes(self) -> np.ndarray:
        """Return how each node gets its supply; see `algorithms.mrp.model.Mode`."""
        found, cycles = self.found, self.data.cycles
        letters = np.full(128, n.BUY, "i1")
        letters[ord("M")], letters[ord("P")] = n.MAKE, n.PHANTOM
        mode = letters[self.data.items.mode[found.item]]
        for row in np.flatnonzero(found.area).tolist():
            item, _, area = found.keys[row]
            mode[row] = n.JIT if (item, area) in cycles else n.TRANSFER
        return mode

    def nodes(self) -> m.Nodes:
        items, found, mode = self.data.items, self.found, self.mode
        item, plants = found.item, self.plant.plants
        made, bought, moved = mode == n.MAKE, mode == n.BUY, mode == n.TRANSFER
        hours = np.array([self.times.calendar(plant.calendar) for plant in plants] or [-1])
        window, rules = np.zeros(128, "i8"), np.zeros(128, "i1")
        for letter, minutes in n.DEFAULT_WINDOW.items():
            window[ord(letter)] = minutes
        for letter, rule in RULES.items():
            rules[ord(letter)] = rule

        def of(column: np.ndarray, where: np.ndarray, other: Any = 0) -> np.ndarray:
            return np.where(where, column[item], other)

        store = found.rows(self.plant.code(item, found.plant, 0))
        columns: dict[str, np.ndarray] = {
            "mode": mode,
            # Between store and line the lot rules of purchasing mean nothing: what is short is carried.
            "rule": of(rules[items.rule], ~moved),
            "window_min": np.where(items.window_ > 0, items.window_, window[items.mode])[item],
            "period_min": items.period[item],
            "foq": items.fixed[item],
            "min_lot": of(items.min_lot, ~moved),
            "multiple": of(items.multiple, ~moved),
            "max_lot": of(items.max_lot, ~moved),
            "step": 10.0 ** -items.decimals[item].astype("f8"),
            "safety": of(items.safety, (made | bought) & (items.mode[item] != ord("J"))),
            "resched_min": items.reschedule[item],
            "yield_": of(items.yield_, made | (mode == n.PHANTOM), 1.0),
            "lead_min": of(items.lead, made),
            "run_min": np.zeros(len(item)),
            "handling_min": of(items.handling, made | bought),
            "calendar": hours[found.plant],
            "min_life_min": items.life[item] * 1440,
            "store": np.where(moved, store, -1),
            "store_lead_min": of(items.handling, moved),
            "container": np.zeros(len(item)),
            "grid": np.full(len(item), -1),
            "cover_min": np.zeros(len(item), "i8"),
            "frozen_min": np.zeros(len(item), "i8"),
            "jit_until": np.full(len(item), NEVER),
        }
        self._made(columns, np.flatnonzero(made & (self.plant.centre[item] >= 0)))
        for row in np.flatnonzero(mode == n.JIT).tolist():
            for name, value in self._cycle(row).items():
                columns[name][row] = value
        return m.Nodes(key=np.array(self.names, TEXT), **columns)

    def _made(self, columns: dict[str, np.ndarray], rows: np.ndarray) -> None:
        """Fill in what the first operation says of the given nodes."""
        item, plants = self.found.item[rows], self.plant.plants
        columns["lead_min"][rows] += self.plant.setup[item]
        columns["run_min"][rows] = self.plant.seconds[item] / 60.0
        pair = self.plant.centre[item] * len(plants) + self.found.plant[rows]
        pairs, place = np.unique(pair, return_inverse=True)
        hours = []
        for one in pairs.tolist():
            centre = self.plant.centres[one // len(plants)]
            hours.append(self.hours_of(centre.code, plants[one % len(plants)], centre.calendar))
        if hours:
            columns["calendar"][rows] = np.array(hours)[place]

    def _cycle(self, node: int) -> dict[str, Any]:
        """Return what the control cycle of a node says."""
        item_id, plant_id, area = self.found.keys[node]
        cycle, plant = self.data.cycles[item_id, area], self.data.plants[plant_id]
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
            "safety": self.data.items.safety[self.found.item[node]],
            "store": self.found.index.get((item_id, plant.id, ""), -1),
            "store_lead_min": cycle.handling,
            "grid": self.cycle_grid(cycle),
            "jit_until": r.minute_of(self.times.as_of) + cycle.horizon,
        }

    def hours_of(self, who: str, plant: r.PlantRow, *choices: str | None) -> int:
        """Return the row of the first calendar there is, else of the plant's, with a warning about `who`."""
        asked = (who, plant.id, choices)
        if asked not in self._hours:
            row = self.times.calendar(*choices)
            if row < 0:
                row = self.times.calendar(plant.calendar)
                self.warnings.add(PLANT_HOURS if row >= 0 else ALWAYS_OPEN, who)
            self._hours[asked] = row
        return self._hours[asked]

    def cycle_grid(self, cycle: r.CycleRow, dock: str | None = None) -> int:
        place = self.data.places.get(dock or cycle.dock or "")
        plant = self.data.plants.get(place.plant) if place else None
        own = cycle.window_calendar or (place.calendar if place else None)
        if own is None and plant is not None and plant.calendar:
            self.warnings.add(PLANT_HOURS, place.code if place else cycle.number)
            own = plant.calendar
        return self.times.grid(own, cycle.window)

    def boms(self) -> tuple[m.Revisions, m.Lines]:
        given, found, boms, lines = self.plant, self.found, self.data.boms, self.data.lines
        node = np.flatnonzero((found.area == 0) & given.explodes(found.item))
        used = self._choosable()
        bom, owner = spread(given.bom_first[found.item[node]], given.bom_count[found.item[node]])
        bom, owner = bom[used[bom]], node[owner[used[bom]]]
        row = given.bom_row[bom]
        keys = [
            f"{self.names[at]}|{boms.revision[one]}"
            for at, one in zip(owner.tolist(), row.tolist(), strict=True)
        ]
        line, revision = spread(given.line_first[bom], given.line_count[bom])
        target = found.rows(given.targets(line, found.plant[owner[revision]]))
        there = target >= 0
        line, revision = given.line_row[line[there]], revision[there]
        numbers = lines.line_no[line].tolist()
        return (
            m.Revisions(
                key=np.array(keys, TEXT),
                node=owner,
                valid_from=boms.valid_from[row],
                valid_to=boms.valid_to[row],
            ),
            m.Lines(
                key=np.array(
                    [
                        f"{keys[at]}|{number:06d}"
                        for at, number in zip(revision.tolist(), numbers, strict=True)
                    ],
                    TEXT,
                ),
                revision=revision,
                component=target[there],
                qty_per=lines.per[line] / boms.base[row[revision]],
                scrap=lines.scrap[line],
                fixed=lines.fixed[line],
                offset_min=lines.offset_[line],
            ),
        )

    def _choosable(self) -> np.ndarray:
        """Return which BOMs an order of this run may use."""
        given, boms = self.plant, self.data.boms
        starts = [*self.data.demands.due.tolist(), *(row.start for row in self.data.orders)]
        low, high = min([r.minute_of(self.times.as_of), *starts]), r.minute_of(self.times.horizon)
        used = np.ones(len(given.bom_row), bool)
        for item in np.flatnonzero(given.bom_count > 1).tolist():
            mine = slice(given.bom_first[item], given.bom_first[item] + given.bom_count[item])
            rows = given.bom_row[mine]
            chosen = choosable(boms.valid_from[rows].tolist(), boms.valid_to[rows].tolist(), low, high)
            used[mine] = np.isin(np.arange(len(rows)), chosen)
        return used
