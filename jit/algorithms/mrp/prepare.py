"""From tables to the kernel's tuples: everything sorted by node and time, once, in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jit.algorithms.compiled import kernel, rows_like
from jit.algorithms.mrp.gather import put, put_slices
from jit.algorithms.mrp.levels import Levels, levels_of
from jit.algorithms.mrp.model import Mode, PlanInput, ReceiptKind
from jit.algorithms.mrp.result import Trouble
from jit.algorithms.mrp.shapes import (
    CALL,
    DEM,
    EVENT,
    ITEM,
    LANE,
    LOT,
    NET,
    REC,
    REV,
    SRC,
    SUPPLY,
    TINY,
    USE,
    WISH,
    Lanes,
    Plant,
    Scratch,
)
from jit.algorithms.mrp.stock import FreeStock, free_stock
from jit.algorithms.mrp.table import ALWAYS, NEVER
from jit.algorithms.mrp.worktime import WorkDays, workdays

Trouble_row = tuple[int, int, int, int, float, int]


@dataclass(frozen=True)
class Prepared:
    """The kernel's input, and what is needed to read its output."""

    plant: Plant
    levels: Levels
    free: FreeStock
    works: np.ndarray  # rows of Works in kernel order
    sources: np.ndarray  # rows of Sources in kernel order
    calls: np.ndarray
    troubles: list[Trouble_row]


def pointers(node: np.ndarray, count: int) -> np.ndarray:
    """Return where each node's rows begin in a column sorted by node; shape (count + 1,)."""
    return np.searchsorted(node, np.arange(count + 1)).astype(np.int64)


def records(dtype: np.dtype, **columns: np.ndarray) -> np.ndarray:
    """Lay columns side by side as rows; columns left out are zero."""
    rows = np.zeros(len(next(iter(columns.values()))), dtype)
    for name, column in columns.items():
        rows[name] = column
    return rows_like(rows)


def scratch_of(size: int, supplies: int, sources: int) -> Scratch:
    """Allocate room for `size` requirements of one node, `supplies` firm supplies and all sources."""
    return Scratch(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size + 1, np.int64),
        rows_like(np.empty(size, ITEM)),
        rows_like(np.empty(size, EVENT)),
        np.empty(size + 1),
        rows_like(np.empty(supplies, SUPPLY)),
        rows_like(np.empty(size, WISH)),
        rows_like(np.zeros(sources, LANE)),
        np.zeros(2, np.int64),
    )


@kernel
def _slice_all(days, as_of, scratch, rows, node_window, due, until, qty, calendar, prio, first):
    """Cut demands rows[first:] into slices in the scratch; returns (slices, demands done)."""
    m = 0
    for k in range(first, len(rows)):
        d = rows[k]
        if m + 2 >= len(scratch.key):
            return m, k
        if until[d] <= due[d]:
            put(scratch, m, as_of, due[d], qty[d], d, -1, prio[d])
            m += 1
            continue
        end = put_slices(
            days, as_of, scratch, m, node_window[d], calendar[d], due[d], until[d], qty[d], ALWAYS,
            NEVER, d, -1,
            prio[d],
        )  # fmt: skip
        if end < 0:
            return m, k
        m = end
    return m, len(rows)


def sliced_demands(data: PlanInput, days: WorkDays, open_qty: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return (node, due, qty, demand row, priority) of all demand slices, sorted by node and need."""
    d = data.demands
    rows = np.flatnonzero(open_qty > TINY)
    size, done = max(4096, 4 * len(rows)), 0
    parts: list[tuple[np.ndarray, ...]] = []
    window = data.nodes.window_min[d.node]
    while done < len(rows):
        scratch = scratch_of(size, 1, 1)
        m, upto = _slice_all(
            days, data.as_of, scratch, rows, window, d.due, d.until, open_qty, d.calendar, d.priority, done
        )
        if upto == done:
            size *= 4
            continue
        parts.append(tuple(scratch.item[name][:m].copy() for name in ("due", "qty", "ref")))
        done = upto
    due, qty, ref = (np.concatenate([p[i] for p in parts]) if parts else np.empty(0) for i in range(3))
    due, ref = due.astype(np.int64), ref.astype(np.int64)
    order = np.lexsort((ref, np.maximum(due, data.as_of), d.node[ref]))
    ref = ref[order]
    return d.node[ref], due[order], qty[order].astype(np.float64), ref, d.priority[ref]


def borrowed(data: PlanInput) -> tuple[np.ndarray, np.ndarray]:
    """Return per revision the starts it is used for, [since, before): gaps go to the next later one (rule
    18).
    """
    r = data.revisions
    since, before = np.full(len(r), ALWAYS), np.full(len(r), NEVER)
    order = np.lexsort((r.valid_from, r.node))
    follows = r.node[order][1:] == r.node[order][:-1]
    since[order[1:][follows]] = r.valid_to[order[:-1][follows]]
    before[order[:-1][follows]] = r.valid_to[order[:-1][follows]]
    return since, before


@dataclass(frozen=True)
class Bills:
    """BOM lines under their components, revisions under their parents, areas under their stores."""

    use: np.ndarray
    component: np.ndarray  # of each row of `use`, ascending
    rev: np.ndarray
    parent: np.ndarray  # of each row of `rev`, ascending
    area: np.ndarray
    store: np.ndarray  # of each area, ascending


def bills_of(data: PlanInput) -> Bills:
    """Sort the BOM lines by component and the areas by store; lines never used in the run are left out."""
    lines, revisions = data.lines, data.revisions
    since, before = borrowed(data)
    first = min(data.as_of, int(data.works.start.min())) if len(data.works) else data.as_of
    alive = (since[lines.revision] < data.horizon) & (before[lines.revision] > first)
    rows = np.flatnonzero(alive)
    rows = rows[np.argsort(lines.component[rows], kind="stable")]
    revision = lines.revision[rows]
    parent = revisions.node[revision]
    use = records(
        USE, line=rows, parent=parent, calendar=data.nodes.calendar[parent],
        timed=data.nodes.run_min[parent] > 0, coef=lines.qty_per[rows] / (1.0 - lines.scrap[rows]),
        fixed=lines.fixed[rows], offset=lines.offset_min[rows], since=since[revision],
        before=before[revision],
    )  # fmt: skip
    area = np.flatnonzero((data.nodes.store >= 0) & np.isin(data.nodes.mode, (Mode.JIT, Mode.TRANSFER)))
    area = area[np.argsort(data.nodes.store[area], kind="stable")].astype(np.int64)
    by_node = np.argsort(revisions.node, kind="stable")
    rev = records(REV, since=revisions.valid_from[by_node], until=revisions.valid_to[by_node])
    return Bills(
        use,
        lines.component[rows],
        rev,
        revisions.node[by_node],
        area,
        data.nodes.store[area].astype(np.int64),
    )


def firm_receipts(data: PlanInput) -> tuple[np.ndarray, list[Trouble_row]]:
    """Return the rows of the receipts that count, and what is wrong with late ones (rule 8)."""
    r, as_of = data.receipts, data.as_of
    late = r.due < as_of
    stale = r.due < as_of - data.params.stale_min
    transit = r.kind == ReceiptKind.IN_TRANSIT
    time = np.where(late, np.where(transit, as_of + r.delay_min, as_of), r.due)
    troubles: list[Trouble_row] = []
    for i in np.flatnonzero(late).tolist():
        kind = Trouble.STALE_RECEIPT if stale[i] else Trouble.LATE if transit[i] else Trouble.OVERDUE_RECEIPT
        troubles.append((int(r.node[i]), kind, i, int(r.due[i]), float(r.qty[i]), int(as_of - r.due[i])))
    rows = np.flatnonzero(~stale & (r.qty > TINY))
    rows = rows[np.lexsort((rows, time[rows], r.node[rows]))]
    return records(REC, time=time[rows], qty=r.qty[rows], ref=rows, fixed=r.fixed[rows]), troubles


def lanes_of(data: PlanInput) -> tuple[Lanes, np.ndarray]:
    """Sort the sources by node, index windows and transit tables; returns the lanes and the rows in that
    order.
    """
    s, w, t = data.sources, data.windows, data.transits
    rows = np.argsort(s.node, kind="stable")
    grids = (
        max(int(s.grid.max(initial=-1)), int(w.grid.max(initial=-1)), int(data.nodes.grid.max(initial=-1)))
        + 1
    )
    tables = max(int(s.transit.max(initial=-1)), int(t.table.max(initial=-1))) + 1
    for key, time, name in ((w.grid, w.end, "windows"), (t.table, t.start, "transit rows")):
        if (np.diff(key) < 0).any() or (np.diff(time) <= 0)[np.diff(key) == 0].any():
            raise ValueError(f"{name} must be sorted by table and time, without doubles")
    grid_ptr = pointers(w.grid, grids)
    grid = s.grid[rows]
    filled = np.zeros(len(rows), np.bool_)
    filled[grid >= 0] = np.diff(grid_ptr)[grid[grid >= 0]] > 0
    usable = s.usable[rows] & (filled | (data.nodes.mode[s.node[rows]] != Mode.JIT))
    src = records(
        SRC, quota=s.quota[rows], pack=s.pack[rows], low=s.min_qty[rows], high=s.max_qty[rows],
        transit=s.transit[rows], transit_min=s.transit_min[rows], prep=s.prep_min[rows],
        ship_cal=s.ship_calendar[rows], prod_cal=s.prod_calendar[rows], grid=grid, usable=usable,
        delay=s.delay_min[rows],
    )  # fmt: skip
    table_ptr = pointers(t.table, tables)
    return Lanes(src, grid_ptr, w.end, w.day.astype(np.int64), table_ptr, t.start, t.minutes), rows


def call_days(lanes: Lanes, source: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the day of each call's window; one outside its grid takes the day of the window before it."""
    day = np.empty(len(end), np.int64)
    for i, (s, t) in enumerate(zip(source.tolist(), end.tolist(), strict=True)):
        g = int(lanes.src[s]["grid"])
        lo, hi = (lanes.grid_ptr[g], lanes.grid_ptr[g + 1]) if g >= 0 else (0, 0)
        if lo == hi:
            day[i] = t // 1440
        else:
            w = max(lo, lo + int(np.searchsorted(lanes.win_end[lo:hi], t, side="right")) - 1)
            day[i] = lanes.win_day[w]
    return day


def prepare(data: PlanInput) -> Prepared:
    """Turn a canonical, checked input into the kernel's rows."""
    n, count, c = data.nodes, len(data.nodes), data.calls
    used_calendars = [n.calendar, data.demands.calendar, data.works.calendar]
    used_calendars += [data.sources.ship_calendar, data.sources.prod_calendar]
    days = workdays(data.calendars, max((int(x.max(initial=-1)) for x in used_calendars), default=-1) + 1)
    group = np.where((n.mode == Mode.JIT) & (n.store >= 0), n.store, -1).astype(np.int64)
    bills, free = bills_of(data), free_stock(data)
    head = np.concatenate((bills.use["parent"], bills.area))
    levels = levels_of(count, head, np.concatenate((bills.component, bills.store)).astype(np.int64), group)
    lanes, source_rows = lanes_of(data)
    receipts, troubles = firm_receipts(data)
    node, due, qty, ref, prio = sliced_demands(data, days, free.demand_open)
    works = np.lexsort((np.arange(len(data.works)), data.works.start, data.works.node))
    source = np.argsort(source_rows)[c.source] if len(c) else np.empty(0, np.int64)
    calls = np.lexsort((source, c.end, c.node))
    net = records(
        NET, mode=n.mode, rule=n.rule, window=n.window_min, period=n.period_min, foq=n.foq, min_lot=n.min_lot,
        multiple=n.multiple, max_lot=n.max_lot, step=n.step, safety=n.safety, resched=n.resched_min,
        yield_=n.yield_, lead=n.lead_min, run=n.run_min, handling=n.handling_min, calendar=n.calendar,
        min_life=n.min_life_min, store=n.store, store_lead=n.store_lead_min, container=n.container,
        grid=n.grid,
        cover=n.cover_min, frozen=n.frozen_min, jit_until=n.jit_until, stock=free.stock, group=group,
        expiring=free.expiring,
    )  # fmt: skip
    for name, owner in (
        ("dem", node), ("use", bills.component), ("area", bills.store), ("rev", bills.parent),
        ("work", data.works.node[works]), ("rec", data.receipts.node[receipts["ref"]]),
        ("lot", data.lots.node[free.lot_row]), ("call", c.node[calls]), ("src",
        data.sources.node[source_rows]),
    ):  # fmt: skip
        ptr = pointers(owner, count)
        net[f"{name}_first"], net[f"{name}_end"] = ptr[:-1], ptr[1:]
    plant = Plant(
        np.int64(data.as_of), np.int64(data.horizon), np.int64(data.params.push_tolerance_min),
        levels.sequence,
        net, bills.use, bills.rev, bills.area, records(DEM, due=due, qty=qty, ref=ref, prio=prio),
        data.works.calendar[works].astype(np.int64), receipts, records(LOT, qty=free.lot_qty,
        until=free.lot_until),
        records(
            CALL, source=source[calls], end=c.end[calls], day=call_days(lanes, source[calls], c.end[calls]),
            qty=c.qty[calls], eta=np.where(c.eta == ALWAYS, c.end, c.eta)[calls], stage=c.stage[calls],
            packed=c.packed[calls],
        ),
        lanes, days,
    )  # fmt: skip
    return Prepared(plant, levels, free, works, source_rows, calls, troubles)
