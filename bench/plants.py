"""Generated plants of any size: the shape of `performance.md` §1 as timestamps, with every feature of the
run on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jit.algorithms.mrp.calendars import Shifts, SpecialDays, WindowRules, expand, expand_windows
from jit.algorithms.mrp.model import (
    Demands,
    Lines,
    Lots,
    Mode,
    Nodes,
    PlanInput,
    Receipts,
    Revisions,
    Sources,
)

DAY = 1440
#: Monday 2026-11-23 08:00 Shanghai.
AS_OF = 20_780 * DAY
LEVELS = (0.05, 0.10, 0.15, 0.20, 0.20, 0.30)
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Shape:
    """What both runs plan: items by level, BOM lines, lead times in days; all arrays, quantities in
    pieces.
    """

    items: int
    days: int
    level: np.ndarray
    made: np.ndarray
    parent: np.ndarray
    component: np.ndarray
    per: np.ndarray
    lead_days: np.ndarray
    low: np.ndarray
    multiple: np.ndarray
    rate: np.ndarray  # pieces a day
    yield_: np.ndarray
    safety: np.ndarray
    stock: np.ndarray
    receipt_item: np.ndarray
    receipt_day: np.ndarray
    receipt_qty: np.ndarray
    demand_item: np.ndarray
    demand_minute: np.ndarray
    demand_qty: np.ndarray


def shape_of(items: int, days: int, seed: int = 1) -> Shape:
    """Draw a plant: shared components (a few are used very often), half with minimum and pack, 30 % with
    yield.
    """
    rng = np.random.default_rng(seed)
    level = np.repeat(np.arange(6), np.diff(np.round(np.cumsum((0, *LEVELS)) * items).astype(int)))
    bought = (level == 5) | ((level >= 2) & (level <= 4) & (rng.random(items) < 0.10))
    made = np.flatnonzero(~bought)
    first = np.searchsorted(level, np.arange(7))
    parent = np.repeat(made, 5)
    low = first[level[parent] + 1]
    reach = np.where(rng.random(len(parent)) < 0.6, first[np.minimum(level[parent] + 2, 6)], items)
    component = low + ((reach - low) * rng.random(len(parent)) ** 1.35).astype(np.int64)
    pairs = np.unique(np.stack((parent, component)), axis=1)
    parent, component = pairs
    per = rng.integers(1, 4, len(parent)).astype(float)
    lead = np.where(bought, rng.integers(1, 11, items), rng.integers(0, 3, items))
    half, cover = rng.random(items) < 0.5, rng.uniform(1, 8, items)
    demand_item = rng.integers(0, first[1], items)
    minute = rng.integers(0, days, items) * DAY + rng.integers(0, 480, items)
    rate = np.zeros(items)
    np.add.at(rate, demand_item, 20.0 / days)
    for k in range(5):
        on = level[parent] == k
        np.add.at(rate, component[on], rate[parent[on]] * per[on])
    safety = np.where(rng.random(items) < 0.3, np.ceil(rate * rng.uniform(0.2, 1.5, items)), 0)
    received = rng.integers(0, items, items // 5)
    return Shape(
        items, days, level, ~bought, parent, component, per, lead,
        np.where(half, np.ceil(rate * cover), 0.0), np.where(half, np.ceil(rate * 0.25), 0.0),
        rate,
        np.where(rng.random(items) < 0.3, rng.choice([0.95, 0.96, 0.98, 0.99], items), 1.0), safety,
        np.floor(rate * rng.uniform(0, 6, items)), received, rng.integers(0, 10, len(received)),
        np.ceil(rate[received]) + 1, demand_item, minute, rng.integers(5, 36, items).astype(float),
    )  # fmt: skip


def keys(prefix: str, count: int) -> np.ndarray:
    """Return sorted business keys P000000, P000001, …"""
    return np.char.add(prefix, np.char.zfill(np.arange(count).astype(str), 7))


def plant_of(shape: Shape, seed: int = 2) -> PlanInput:
    """Turn a shape into a full input: calendars, runs, scrap, quota on two suppliers, 30 % of the bought
    parts JIT.

    Shifts 08-12 and 12:45-16:45 in the plant, Monday to Saturday; suppliers 07-19; docks hourly 09-16.
    """
    rng = np.random.default_rng(seed)
    n, bought = shape.items, ~shape.made
    jit = bought & (rng.random(n) < 0.30)
    until = AS_OF + shape.days * DAY
    made = np.flatnonzero(shape.made)
    supplied = np.flatnonzero(bought)
    double = supplied[rng.random(len(supplied)) < 0.3]
    owner = np.sort(np.concatenate((supplied, double)))
    scrap = np.where(rng.random(len(shape.parent)) < 0.2, 0.02, 0.0)
    day_range = (AS_OF - 40 * DAY, until + 40 * DAY)
    week = np.arange(6)
    shifts = Shifts(
        calendar=np.repeat([0, 0, 1], 6), weekday=np.tile(week, 3), start_min=np.repeat([480, 765, 420], 6),
        end_min=np.repeat([720, 1005, 1140], 6),
    )  # fmt: skip
    windows = WindowRules(
        grid=[0] * 6, weekday=week, first_end=[540] * 6, last_end=[960] * 6, step_min=[60] * 6
    )
    revision_of = np.zeros(n, np.int64)
    revision_of[made] = np.arange(len(made))
    return PlanInput(
        as_of=AS_OF,
        horizon=until,
        nodes=Nodes(
            key=keys("I", n),
            mode=np.where(shape.made, Mode.MAKE, np.where(jit, Mode.JIT, Mode.BUY)),
            window_min=np.where(shape.made, 480, np.where(jit, 60, DAY)),
            min_lot=shape.low,
            multiple=shape.multiple,
            step=np.ones(n),
            safety=shape.safety,
            resched_min=np.full(n, DAY),
            yield_=shape.yield_,
            lead_min=np.where(shape.made, shape.lead_days * 450, 0),
            run_min=np.where(shape.made, 45.0 / np.maximum(np.maximum(shape.rate, shape.low), 20.0), 0.0),
            handling_min=np.where(bought & ~jit, 60, 0),
            calendar=np.zeros(n),
            cover_min=np.where(jit, 60, 0),
            frozen_min=np.where(jit, 240, 0),
        ),
        revisions=Revisions(key=keys("R", len(made)), node=made),
        lines=Lines(
            key=keys("L", len(shape.parent)), revision=revision_of[shape.parent], component=shape.component,
            qty_per=shape.per, scrap=scrap,
        ),
        demands=Demands(
            key=keys("D", n), node=shape.demand_item, due=AS_OF + shape.demand_minute, qty=shape.demand_qty,
            priority=rng.integers(0, 3, n),
        ),
        lots=Lots(key=keys("S", n), node=np.arange(n), qty=shape.stock),
        receipts=Receipts(
            key=keys("P", len(shape.receipt_item)), node=shape.receipt_item,
            due=AS_OF + shape.receipt_day * DAY + 120, qty=shape.receipt_qty,
        ),
        sources=Sources(
            key=keys("AG", len(owner)), node=owner, quota=rng.choice([40.0, 60.0, 100.0], len(owner)),
            pack=np.where(jit[owner], np.maximum(np.ceil(shape.low[owner] * 0.2), 1.0),
            shape.multiple[owner]),
            transit_min=np.where(jit[owner], 60, DAY),
            prep_min=np.where(jit[owner], 60, (shape.lead_days[owner] - 1) * 600),
            ship_calendar=np.ones(len(owner)),
            prod_calendar=np.ones(len(owner)), grid=np.where(jit[owner], 0, -1),
        ),
        calendars=expand(shifts, SpecialDays(), [ZONE, ZONE], *day_range),
        windows=expand_windows(windows, [], [ZONE], *day_range),
    )  # fmt: skip
