"""What is wanted: demands, and what work orders still consume and bring."""

from __future__ import annotations

from typing import Any

import numpy as np

from jit.algorithms.mrp import model as m
from jit.algorithms.mrp.orders import run_minutes
from jit.algorithms.mrp.table import ALWAYS
from jit.planning.selectors import nodes as n
from jit.planning.selectors import rows as r
from jit.planning.selectors.tables.columns import TEXT, table
from jit.planning.selectors.tables.nodes import NodeTables

ORDER, WORK, TRANSFER = 0, 1, 3
FIRM_KINDS = {"MAKE": WORK, "BUY": ORDER, "TRANSFER": TRANSFER}

#: key, node, minute it is available, good quantity, `ReceiptKind`, may not be moved
ReceiptRow = tuple[str, int, int, float, int, bool]


class WantedTables:
    """The tables `Demands` and `Works`; work orders also add to `receipts`: they bring their goods."""

    def __init__(self, nodes: NodeTables, receipts: list[ReceiptRow]) -> None:
        self.nodes, self.data, self.times, self.found = nodes, nodes.data, nodes.times, nodes.found
        self.receipts = receipts

    def demands(self, nodes: m.Nodes) -> tuple[m.Demands, m.Works, list[str]]:
        demands: list[tuple[str, int, int, float, int, int, int]] = []
        works: list[tuple[str, int, int, int, float, int, int]] = []
        for order in self.data.orders:
            self._order(order, demands, works)
        for firm in self.data.firm:
            self._firm(firm, nodes, demands, works)
        sold, labels = self._sold()
        parts = table(m.Demands, ("key", "node", "due", "qty", "until", "calendar", "priority"), demands)
        both = {
            name: np.concatenate((column, parts.columns()[name])) for name, column in sold.columns().items()
        }
        return (
            m.Demands(**both),
            table(m.Works, ("key", "node", "start", "until", "qty", "calendar", "priority"), works),
            [*labels, *(row[0] for row in demands)],
        )

    def _sold(self) -> tuple[m.Demands, list[str]]:
        """What customers want, each at its plant's store."""
        given, rows = self.nodes.plant, self.data.demands
        item, plant = given.item_of.find(rows.item), given.plant_of.find(rows.plant)
        there = np.flatnonzero((item >= 0) & (plant >= 0))
        labels = [rows.number[row] for row in there.tolist()]
        made = m.Demands(
            key=np.array(labels, TEXT),
            node=self.found.rows(given.code(item[there], plant[there], 0)),
            due=rows.due[there],
            qty=rows.quantity[there],
            priority=rows.priority[there],
        )
        return made, labels

    def _firm(self, row: r.FirmRow, nodes: m.Nodes, demands: list[Any], works: list[Any]) -> None:
        """A firm planned order brings what it is for, when it was planned, and draws as the run had it draw.

        Made: its components over its run; carried: from the store when it leaves.
        """
        node = self.found.index.get((row.item, row.plant, row.area))
        if node is None:
            return
        is_late = row.finish + int(nodes.handling_min[node]) > row.need
        due = row.finish + int(nodes.handling_min[node])
        self.receipts.append((row.number, node, due, row.good, FIRM_KINDS[row.kind], False))
        if row.kind == "MAKE":
            start, until = self._run_of(row, nodes, node, is_late)
            works.append((row.number, node, start, until, row.quantity, int(nodes.calendar[node]), 0))
        elif row.kind == "TRANSFER" and nodes.store[node] >= 0:
            demands.append((row.number, int(nodes.store[node]), row.start, row.quantity, ALWAYS, -1, 0))

    def _run_of(self, row: r.FirmRow, nodes: m.Nodes, node: int, is_late: bool) -> tuple[int, int]:
        """Return first and last minute of the run, as `add_order` of the core has them."""
        minutes = run_minutes(float(nodes.run_min[node]), row.quantity)
        if minutes == 0:
            return row.start, row.start
        hours = self.times.hours_at(int(nodes.calendar[node]))
        if is_late:
            return row.start, max(row.finish, row.start)
        if hours is None:
            return row.finish - minutes, row.finish
        return max(r.minute_of(hours.back(r.moment_of(row.finish), minutes)), row.start), row.finish

    def _order(self, order: r.OrderRow, demands: list[Any], works: list[Any]) -> None:
        """A work order consumes what is not reported, from where its reports have got to (pull.md 1, 28)."""
        node = self.found.index.get(n.output_node(self.data, order))
        centre = self.data.centres.get(order.centre)
        plant = self.data.plants.get(order.plant)
        if node is None or plant is None:
            return
        rest = order.quantity - order.done
        calendar_key = next(
            (
                key
                for key in ((centre.calendar if centre else None), plant.calendar)
                if key in self.times.hours
            ),
            None,
        )
        start = self._reached(order, calendar_key)
        calendar = self.times.calendar(calendar_key)
        self.receipts.append((order.number, node, order.end, rest * self._yield(order.item), WORK, False))
        if not order.has_components:
            works.append((order.number, node, start, max(order.end, start), rest, calendar, order.priority))
            return
        for part in self.data.components.get(order.id, ()):
            target = self.found.index.get((part.item, order.plant, self.data.area_of(part.area)))
            if target is None:
                continue
            key = f"{order.number}|{part.line_no:06d}"
            need = rest * part.per / (1.0 - part.scrap)
            if need > 0:
                demands.append((key, target, start, need, max(order.end, start), calendar, order.priority))
            if part.fixed > 0 and order.done == 0:
                demands.append((f"{key}|fixed", target, order.start, part.fixed, ALWAYS, -1, order.priority))

    def _yield(self, item: str) -> float:
        return float(self.data.items.yield_[self.nodes.plant.item_row[item]])

    def _reached(self, order: r.OrderRow, calendar: str | None) -> int:
        """Return the minute that what was reported has got to, along the order's working time."""
        if order.done <= 0:
            return order.start
        share = order.done / order.quantity
        if calendar is None:
            return order.start + int((order.end - order.start) * share)
        hours = self.times.hours[calendar]
        begin, finish = r.moment_of(order.start), r.moment_of(order.end)
        length = hours.minutes_between(begin, finish)
        return r.minute_of(hours.add(begin, int(length * share))) if length > 0 else order.start
