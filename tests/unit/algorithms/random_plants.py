"""Random small plants that touch every rule of pull.md; one seed, one plant, keys sorted."""

from __future__ import annotations

import numpy as np

from jit.algorithms.mrp.model import (
    Calendars,
    Calls,
    Demands,
    Lines,
    Lots,
    Mode,
    Nodes,
    Params,
    PlanInput,
    Proposals,
    Receipts,
    Reservations,
    Revisions,
    Sources,
    Transits,
    Windows,
    Works,
)
from jit.algorithms.mrp.table import ALWAYS, NEVER

DAY = 1440
BASE = 20_000
FIRST, LAST = BASE - 12, BASE + 18


def _calendars() -> Calendars:
    """Three calendars: day shift with a break, two shifts and no Sunday, mornings only with a holiday."""
    rows = []
    for day in range(FIRST, LAST):
        rows += [(0, day, 480, 720), (0, day, 765, 960)]
        if day % 7 != 3:
            rows.append((1, day, 360, 1320))
        if day != BASE + 1:
            rows.append((2, day, 420, 780))
    rows.sort()
    cal, day, start, end = (np.array(c) for c in zip(*rows, strict=True))
    return Calendars(calendar=cal, start=day * DAY + start, end=day * DAY + end)


def _windows() -> Windows:
    """Three grids: hourly in the day, every other hour on even days, one a day."""
    rows = [(0, d, m) for d in range(FIRST, LAST) for m in range(540, 901, 60)]
    rows += [(1, d, m) for d in range(FIRST, LAST) if d % 2 == 0 for m in range(600, 1000, 120)]
    rows += [(2, d, 720) for d in range(FIRST, LAST)]
    grid, day, minute = (np.array(c) for c in zip(*rows, strict=True))
    return Windows(grid=grid, end=day * DAY + minute, day=day)


def _transits() -> Transits:
    """Two tables: rush hours take longer; nights are quick."""
    rows = [
        (0, d * DAY + m, t)
        for d in range(FIRST, LAST)
        for m, t in ((0, 60), (420, 95), (540, 60), (960, 130))
    ]
    rows += [(1, d * DAY + m, t) for d in range(FIRST, LAST) for m, t in ((0, 30), (360, 240))]
    table, start, minutes = (np.array(c) for c in zip(*rows, strict=True))
    return Transits(table=table, start=start, minutes=minutes)


CALENDARS, WINDOWS, TRANSITS = _calendars(), _windows(), _transits()
GRID_ENDS = [WINDOWS.end[WINDOWS.grid == g] for g in range(3)]


class Dice:
    """A generator with the throws these plants need."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def pick(self, *values):
        return values[int(self.rng.integers(len(values)))]

    def whole(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def qty(self, low: int, high: int) -> float:
        return self.whole(low, high) if self.chance(0.6) else self.whole(low * 4, high * 4) / 4


def _nodes(dice: Dice, count: int) -> dict[str, list]:
    """Draw the netting nodes; supply comes from later rows only, so that there is no cycle yet."""
    mode = []
    for i in range(count):
        last = i >= count - max(1, count // 3)
        mode.append(
            dice.pick(Mode.BUY, Mode.BUY, Mode.JIT)
            if last
            else dice.pick(Mode.MAKE, Mode.MAKE, Mode.JIT, Mode.PHANTOM, Mode.TRANSFER, Mode.BUY, Mode.MAKE)
        )
    mode[-1] = Mode.BUY
    store = []
    for i, m in enumerate(mode):
        later = [j for j in range(i + 1, count) if mode[j] in (Mode.BUY, Mode.MAKE)]
        uses = m == Mode.TRANSFER or (m == Mode.JIT and dice.chance(0.4))
        if uses and not later:
            uses, mode[i] = False, Mode.BUY
        store.append(dice.pick(*later[-2:]) if uses else -1)
    made = [m == Mode.MAKE for m in mode]
    return {
        "key": [f"I{i:02}|P|" for i in range(count)],
        "mode": mode,
        "rule": [dice.pick(0, 0, 0, 1, 2) for _ in mode],
        "window_min": [dice.pick(60, 60, 480, 1440, 90) for _ in mode],
        "period_min": [dice.pick(0, 720, 2000) for _ in mode],
        "foq": [dice.pick(0, 7, 25) for _ in mode],
        "min_lot": [dice.pick(0, 0, 5, 30) for _ in mode],
        "multiple": [dice.pick(0, 0, 4, 10, 2.5) for _ in mode],
        "max_lot": [dice.pick(0, 0, 0, 15, 37, 3) for _ in mode],
        "step": [dice.pick(0, 1, 0.5) for _ in mode],
        "safety": [dice.pick(0, 0, 8, 20) for _ in mode],
        "resched_min": [dice.pick(0, 300, 1500) for _ in mode],
        "yield_": [dice.pick(1, 1, 0.95, 0.8, 0.5) for _ in mode],
        "lead_min": [dice.pick(0, 30, 200, 900) for _ in mode],
        "run_min": [dice.pick(0, 2, 7.5) if m else 0 for m in made],
        "handling_min": [dice.pick(0, 0, 20) for _ in mode],
        "calendar": [dice.pick(-1, 0, 1, 2) for _ in mode],
        "min_life_min": [dice.pick(0, 0, 600) for _ in mode],
        "store": store,
        "store_lead_min": [dice.pick(0, 15, 120) for _ in mode],
        "container": [dice.pick(0, 6, 10) for _ in mode],
        "grid": [dice.pick(0, 1) for _ in mode],
        "cover_min": [dice.pick(0, 60, 240) for _ in mode],
        "frozen_min": [dice.pick(0, 240, 700) for _ in mode],
        "jit_until": [dice.pick(NEVER, (BASE + 1) * DAY) for _ in mode],
    }


def _boms(dice: Dice, mode: list, as_of: int) -> tuple[Revisions, Lines]:
    """Give every made or phantom node one to three revisions, now and then with gaps, and their lines."""
    revisions, lines = [], []
    for i, m in enumerate(mode):
        if m not in (Mode.MAKE, Mode.PHANTOM) or i == len(mode) - 1 or dice.chance(0.04):
            continue
        cuts = sorted({as_of + dice.whole(-800, 3000) for _ in range(dice.pick(0, 0, 1, 2))})
        spans = list(zip([ALWAYS, *cuts], [*cuts, NEVER], strict=True))
        for k, (since, until) in enumerate(spans):
            if dice.chance(0.15) and len(spans) > 1 and until < NEVER:
                until -= dice.whole(1, 300)
            if until <= since:
                continue
            at = len(revisions)
            revisions.append((f"I{i:02}/{k}", i, since, until))
            for c in {dice.whole(i + 1, len(mode) - 1) for _ in range(dice.whole(1, 3))}:
                lines.append(
                    (
                        f"I{i:02}/{k}/{c:02}",
                        at,
                        c,
                        dice.pick(1, 2, 0.5, 3),
                        dice.pick(0, 0, 0.02, 0.1),
                        dice.pick(0, 0, 0, 2),
                        dice.pick(0, 0, 0, 30, -120),
                    )
                )
    names = ("key", "node", "valid_from", "valid_to")
    rev = (
        Revisions(**dict(zip(names, zip(*revisions, strict=True), strict=True))) if revisions else Revisions()
    )
    names = ("key", "revision", "component", "qty_per", "scrap", "fixed", "offset_min")
    return rev, Lines(**dict(zip(names, zip(*sorted(lines), strict=True), strict=True))) if lines else Lines()


def _sources(dice: Dice, mode: list) -> Sources:
    rows = []
    for i, m in enumerate(mode):
        if m in (Mode.BUY, Mode.JIT):
            for k in range(dice.pick(1, 1, 2, 3, 0) if dice.chance(0.5) else dice.pick(1, 2)):
                rows.append((f"AG{len(rows):03}-{k}", i))
    if not rows:
        return Sources()
    return Sources(
        key=[k for k, _ in rows],
        node=[n for _, n in rows],
        quota=[dice.pick(100, 60, 40) for _ in rows],
        used=[dice.pick(0, 0, 50, 900) for _ in rows],
        pack=[dice.pick(0, 5, 10, 12) for _ in rows],
        min_qty=[dice.pick(0, 0, 20) for _ in rows],
        max_qty=[dice.pick(0, 0, 25, 40, 7) for _ in rows],
        transit=[dice.pick(-1, -1, 0, 1) for _ in rows],
        transit_min=[dice.pick(0, 60, 400) for _ in rows],
        prep_min=[dice.pick(0, 60, 500) for _ in rows],
        ship_calendar=[dice.pick(-1, 0, 1, 2) for _ in rows],
        prod_calendar=[dice.pick(-1, 0, 1, 2) for _ in rows],
        grid=[dice.pick(0, 0, 1, 2, -1) if dice.chance(0.2) else dice.pick(0, 1, 2) for _ in rows],
        usable=[not dice.chance(0.1) for _ in rows],
        delay_min=[dice.pick(0, 45) for _ in rows],
    )


def _calls(dice: Dice, mode: list, sources: Sources, as_of: int) -> Calls:
    rows = {}
    for s in range(len(sources)):
        node, grid = int(sources.node[s]), int(sources.grid[s])
        if mode[node] != Mode.JIT or grid < 0 or dice.chance(0.5):
            continue
        ends = GRID_ENDS[grid]
        ends = ends[(ends > as_of - 200) & (ends < as_of + 4000)]
        for end in ends[dice.rng.random(len(ends)) < 0.35].tolist():
            qty = dice.pick(0, 10, 20, 25, 60)
            stage = dice.pick(0, 1, 1, 2)
            eta = dice.pick(ALWAYS, ALWAYS, ALWAYS, end + dice.pick(-30, 90, -600))
            rows[(node, end, s)] = (node, s, end, qty, eta, stage, qty if stage and dice.chance(0.15) else 0)
    if not rows:
        return Calls()
    names = ("node", "source", "end", "qty", "eta", "stage", "packed")
    columns = dict(zip(names, zip(*rows.values(), strict=True), strict=True))
    return Calls(key=[f"C{i:04}" for i in range(len(rows))], **columns)


def plant(seed: int) -> PlanInput:
    """Return the random plant of a seed."""
    dice = Dice(seed)
    count = dice.whole(3, 14)
    as_of = BASE * DAY + dice.pick(0, 375, 480, 605, 840, 1200)
    horizon = as_of + dice.whole(1500, 5200)
    nodes = _nodes(dice, count)
    mode = nodes["mode"]
    revisions, lines = _boms(dice, mode, as_of)
    sources = _sources(dice, mode)

    def due() -> int:
        return as_of + dice.whole(-1500, horizon - as_of + 200)

    n_demand, n_lot, n_rec, n_work = (dice.whole(*r) for r in ((1, 7), (0, 6), (0, 6), (0, 2)))
    dues = [due() for _ in range(n_demand)]
    demands = Demands(
        key=[f"D{i:02}" for i in range(n_demand)],
        node=[
            dice.whole(0, count - 1) if dice.chance(0.4) else dice.whole(0, count // 2)
            for _ in range(n_demand)
        ],
        due=dues,
        qty=[dice.qty(1, 60) for _ in range(n_demand)],
        until=[d + dice.pick(0, 0, 0, 300, 900, 2600) for d in dues],
        calendar=[dice.pick(-1, 0, 1) for _ in range(n_demand)],
        priority=[dice.pick(0, 1, 5) for _ in range(n_demand)],
    )
    lots = Lots(
        key=[f"L{i:02}" for i in range(n_lot)],
        node=[dice.whole(0, count - 1) for _ in range(n_lot)],
        qty=[dice.qty(1, 50) for _ in range(n_lot)],
        expiry=[dice.pick(NEVER, NEVER, as_of + dice.whole(-100, 4000)) for _ in range(n_lot)],
        usable=[not dice.chance(0.1) for _ in range(n_lot)],
    )
    receipts = Receipts(
        key=[f"R{i:02}" for i in range(n_rec)],
        node=[dice.whole(0, count - 1) for _ in range(n_rec)],
        due=[due() - dice.pick(0, 0, 0, 7000) for _ in range(n_rec)],
        qty=[dice.qty(1, 40) for _ in range(n_rec)],
        kind=[dice.pick(0, 1, 2, 3) for _ in range(n_rec)],
        fixed=[dice.chance(0.2) for _ in range(n_rec)],
        delay_min=[dice.pick(0, 90) for _ in range(n_rec)],
    )
    made = [i for i, m in enumerate(mode) if m == Mode.MAKE]
    n_work = n_work if made else 0
    starts = [as_of + dice.whole(-400, 1500) for _ in range(n_work)]
    works = Works(
        key=[f"W{i}" for i in range(n_work)],
        node=[dice.pick(*made) for _ in range(n_work)],
        start=starts,
        until=[s + dice.pick(0, 240, 700) for s in starts],
        qty=[dice.qty(5, 40) for _ in range(n_work)],
        calendar=[dice.pick(-1, 0) for _ in range(n_work)],
        priority=[dice.pick(0, 3) for _ in range(n_work)],
    )
    n_res = dice.whole(0, 2) if n_lot else 0
    held = [dice.whole(0, n_lot - 1) for _ in range(n_res)]
    wanting = [[d for d in range(n_demand) if demands.node[d] == lots.node[k]] for k in held]
    reservations = Reservations(
        key=[f"H{i}" for i in range(n_res)],
        node=[int(lots.node[k]) for k in held],
        qty=[dice.qty(1, 20) for _ in held],
        lot=[dice.pick(k, -1) for k in held],
        demand=[dice.pick(*w) if w and dice.chance(0.7) else -1 for w in wanting],
    )
    if dice.chance(0.04) and len(lines) > 1:
        component = lines.component.copy()
        component[-1] = revisions.node[lines.revision[-1]] - dice.pick(0, 1)
        lines = lines.take(np.arange(len(lines)), component=np.maximum(component, 0))
    return PlanInput(
        as_of=as_of, horizon=horizon, nodes=Nodes(**nodes), revisions=revisions, lines=lines, demands=demands,
        works=works, lots=lots, receipts=receipts, reservations=reservations, sources=sources,
        calls=_calls(dice, mode, sources, as_of), proposals=Proposals(), calendars=CALENDARS, windows=WINDOWS,
        transits=TRANSITS, params=Params(stale_min=5 * DAY, push_tolerance_min=600),
    )  # fmt: skip
