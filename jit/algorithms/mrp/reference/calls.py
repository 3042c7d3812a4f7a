"""Reference call-offs: window by window, with sums over everything (rules 3-6, 11, 20-25)."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from itertools import accumulate
from typing import Any

from jit.algorithms.mrp.model import Stage
from jit.algorithms.mrp.reference.lots import drains_of, net_node, new_order
from jit.algorithms.mrp.reference.rows import (
    NEAR,
    TINY,
    ZERO,
    Call,
    Supply,
    World,
    departs,
    first_arrival,
    prepares,
    rating_choice,
    round_down,
    round_up,
    shaped,
)
from jit.algorithms.mrp.result import Trouble
from jit.algorithms.mrp.table import ALWAYS

KEPT, LIVE, FORCED = "kept", "live", "forced"


class Line:
    """One JIT node: its consumption, its lanes, its open calls."""

    def __init__(self, world: World, node: int) -> None:
        self.world, self.node, self.n = world, node, world.nodes[node]
        drains = drains_of(world, node)
        self.times = [t for t, _, _ in drains]
        self.total = [ZERO, *accumulate(q for _, q, _ in drains)]
        self.start = sum((lot.qty for lot in world.lots.get(node, [])), ZERO)
        self.lanes = [s for s in world.sources_of(node) if world.sources[s].usable]
        self.arrival = {s: first_arrival(world, s)[1] for s in self.lanes}
        self.frozen_end = world.as_of + self.n.frozen_min
        calls = [(c, i) for i, c in enumerate(world.calls) if c.node == node]
        self.calls = sorted(calls, key=lambda ci: (ci[0].end, ci[0].source))
        self.firm: list[Supply] = []

    def used_before(self, t: int) -> Fraction:
        """Return G(t): what falls due before t, capped at the horizon."""
        return self.total[bisect_left(self.times, min(t, self.world.horizon))]

    def follower(self, grid: int, t: int) -> int:
        """Return the next window of a grid after t, the horizon if there is none."""
        return next((end for end, _ in self.world.windows.get(grid, []) if end > t), self.world.horizon)

    def target(self, t_next: int) -> Fraction:
        """Return what must have arrived before the window at t_next delivers (rules 3, 12)."""
        x = t_next + self.n.handling_min
        if x >= self.world.horizon:
            return self.total[-1] + self.n.safety
        cover = self.world.clock(self.n.calendar).add(x, self.n.cover_min)
        return max(self.used_before(cover), self.used_before(x) + self.n.safety)

    def supply(self, t: int) -> Fraction:
        """Return stock plus firm supply available by t."""
        return self.start + sum((s.qty for s in self.firm if s.meant <= t), ZERO)

    def status(self, call: Any) -> str:
        """Tell what the run may do with a call of the last run (rules 22-24)."""
        if call.stage == Stage.FIRM or call.end >= self.world.horizon:
            return KEPT
        usable = call.source in self.lanes
        reachable = usable and call.end >= self.arrival[call.source]
        if call.end < self.frozen_end:
            return KEPT if call.stage == Stage.SENT or reachable else FORCED
        if call.stage == Stage.SENT and usable and not reachable:
            return KEPT
        return LIVE if reachable else FORCED

    def eta(self, call: Any) -> int:
        """Return when a kept call arrives: past its ETA, as_of plus the lane's mean delay."""
        eta = call.end if call.eta == ALWAYS else call.eta

        late = self.world.as_of + self.world.sources[call.source].delay_min
        return int(eta if eta >= self.world.as_of else late)

    def opens(self, s: int) -> list[tuple[int, int]]:
        """Return the (end, day) of the windows of a lane that may still be planned (rule 6)."""
        first = max(self.frozen_end, self.arrival[s])
        return [
            w for w in self.world.windows[self.world.sources[s].grid] if first <= w[0] < self.world.horizon
        ]

    def day(self, call: Any) -> int:
        """Return the day of a call's window; outside its grid, that of the window before it, else after
        it.
        """
        windows = self.world.windows.get(self.world.sources[call.source].grid, [])
        if not windows:
            return int(call.end // 1440)
        return ([d for end, d in windows if end <= call.end] or [windows[0][1]])[-1]

    def pack(self, s: int) -> Fraction:
        return self.world.sources[s].pack or self.n.multiple or self.n.step

    def low(self, s: int) -> Fraction:
        return self.world.sources[s].min_qty or self.n.min_lot

    def emit(self, s: int, end: int, qty: Fraction, avail: int, old: int, kept: bool) -> None:
        ship = departs(self.world, s, end)
        self.world.made_calls.append(
            Call(self.node, s, end, qty, ship, prepares(self.world, s, ship), avail, old, kept)
        )
        self.world.used[s] += qty

    def keep(self) -> None:
        """Count the calls the run may not touch as supply."""
        for call, i in self.calls:
            if self.status(call) != KEPT:
                continue
            raw = call.end if call.eta == ALWAYS else call.eta
            if raw < self.world.as_of:
                self.world.report(self.node, Trouble.LATE, raw, call.qty, self.world.as_of - raw)
            if call.stage == Stage.DRAFT and call.end < self.world.horizon:
                self.world.report(self.node, Trouble.UNRELEASED, call.end, call.qty, 0)
            avail = self.eta(call) + self.n.handling_min
            self.emit(call.source, call.end, call.qty, avail, i, True)
            self.firm.append(Supply(avail, call.qty, avail, "call", i))


def share_store(
    world: World, store: int, areas: list[int], receipts: dict[int, list[Supply]]
) -> dict[int, list[tuple[int, Fraction]]]:
    """Give the store's free stock to its areas, earliest window first, whole containers only (rule 11)."""
    pool = sum((lot.qty for lot in world.lots.get(store, [])), ZERO) - world.nodes[store].safety
    got: dict[int, list[tuple[int, Fraction]]] = {a: [] for a in areas}
    lines = {a: Line(world, a) for a in areas}
    for a, line in lines.items():
        line.firm = list(receipts[a])
        for call, i in line.calls:
            if line.status(call) == KEPT:
                avail = line.eta(call) + line.n.handling_min
                line.firm.append(Supply(avail, call.qty, avail, "call", i))
    windows = sorted(
        (end, a)
        for a in areas
        for end, _ in world.windows.get(world.nodes[a].grid, [])
        if world.as_of + world.nodes[a].store_lead_min <= end < world.horizon
    )
    for end, a in windows:
        line, n = lines[a], world.nodes[a]
        given = sum((q for _, q in got[a]), ZERO)
        short = line.target(line.follower(n.grid, end)) - line.supply(end + n.handling_min) - given
        if short > TINY and pool > TINY:
            want = round_up(short, n.container)
            take = want if want <= pool + TINY else round_down(pool, n.container)
            if take > TINY:
                got[a].append((end, take))
                pool -= take
    return got


def day_source(line: Line, day: int, open_now: list[int]) -> int:
    """Choose the supplier of a day (rule 20)."""
    world = line.world
    best = rating_choice(world, open_now)
    drafts = []
    for call, _ in line.calls:
        if line.day(call) == day and call.source in open_now:
            if call.stage != Stage.DRAFT:
                return int(call.source)
            drafts.append(call.source)
    if drafts:
        other = world.used[best] / world.sources[best].quota
        for s in drafts:
            lot = max(line.pack(s), line.low(s))
            rating = world.used[s] / world.sources[s].quota
            if rating <= other + lot / world.sources[s].quota + NEAR * (1 + abs(other)):
                return int(s)
    return best


def report_start(line: Line) -> None:
    """Report what the first reachable window comes too late for (rules 6, 23)."""
    world, n = line.world, line.n
    firsts = [(line.opens(s)[0][0], s) for s in line.lanes if line.opens(s)]
    first, lane = min(firsts, default=(world.horizon, -1))
    late = False
    if lane >= 0:
        earlier = [e for e, _ in world.windows[world.sources[lane].grid] if world.as_of <= e < first]
        if earlier:
            missed = line.target(first) - line.supply(earlier[-1] + n.handling_min)
            if missed > TINY:
                late = True
                world.report(line.node, Trouble.LATE, first, missed, first - earlier[-1])
    end = first + n.handling_min
    short = [(t, line.total[i + 1] - line.supply(t)) for i, t in enumerate(line.times) if t < end]
    short = [(t, q) for t, q in short if q > TINY]
    if short and short[0][0] < line.frozen_end:
        world.report(
            line.node, Trouble.FROZEN_SHORTAGE, short[0][0], max(q for _, q in short), end - short[0][0]
        )
    elif short and not late:
        world.report(line.node, Trouble.LATE, short[0][0], max(q for _, q in short), end - short[0][0])
    frozen = [c for c, _ in line.calls if c.end < line.frozen_end and c.qty > TINY and line.status(c) == KEPT]
    if frozen:
        last = frozen[-1]
        t_next = line.follower(world.sources[last.source].grid, last.end)
        over = line.supply(last.end + n.handling_min) - line.target(t_next)
        if over > line.pack(last.source) + TINY:
            world.report(line.node, Trouble.FROZEN_EXCESS, last.end, over, 0)


def call_windows(line: Line) -> None:
    """Propose the calls of a node with at least one usable lane."""
    world, n = line.world, line.n
    report_start(line)
    windows = {s: line.opens(s) for s in line.lanes}
    live = [(c, i) for c, i in line.calls if line.status(c) != KEPT]
    taken = {(c.source, c.end) for c, _ in line.calls}
    called = ZERO
    days = sorted({d for w in windows.values() for _, d in w} | {line.day(c) for c, _ in live})
    for day in days:
        open_now = [s for s in line.lanes if any(d == day for _, d in windows[s])]
        chosen = day_source(line, day, open_now) if open_now else -1
        events = {
            (e, chosen): None for e, d in windows.get(chosen, []) if d == day and (chosen, e) not in taken
        }
        events |= {(c.end, c.source): (c, i) for c, i in live if line.day(c) == day}
        for (t, s), old in sorted(events.items(), key=lambda item: item[0]):
            if old is None and (s, t) in taken:
                continue
            source = world.sources[s]
            qty = rest = ZERO
            if old and line.status(old[0]) == FORCED:
                qty = old[0].packed
            else:
                t_next = line.follower(source.grid, t)
                have = line.supply(t + n.handling_min) + called
                short = line.target(t_next) - have
                if short > TINY:
                    qty = shaped(short, line.low(s), line.pack(s), source.max_qty)
                    rest = short - qty
                if old:
                    qty = max(qty, old[0].packed)
                    if old[0].stage == Stage.SENT:
                        before = old[0].qty
                        plain = line.used_before(t_next + n.handling_min)
                        inside = plain - TINY <= have + before <= line.target(t_next) + line.pack(s) + TINY
                        if abs(qty - before) < line.pack(s) - TINY or inside:
                            qty, rest = before, ZERO
            if qty > 0 or old:
                line.emit(s, t, qty, t + n.handling_min, old[1] if old else -1, False)
                taken.add((s, t))
                called += qty
            if rest > TINY and source.max_qty > 0:
                called += give_rest(line, s, t, rest, taken)
    left = line.total[-1] - line.start - sum((s.qty for s in line.firm), ZERO) - called
    if left > TINY:
        covered = line.total[-1] - left
        minute = next(t for i, t in enumerate(line.times) if line.total[i + 1] > covered + TINY)
        world.report(line.node, Trouble.UNCOVERED, minute, left, 0)


def give_rest(line: Line, source: int, t: int, rest: Fraction, taken: set[tuple[int, int]]) -> Fraction:
    """Give what the maximum cut off to the other lanes by rating, in their latest window up to t."""
    world, given = line.world, ZERO
    others = [s for s in line.lanes if s != source]
    while others and rest - given > TINY:
        s = rating_choice(world, others)
        others.remove(s)
        ends = [e for e, _ in world.windows[world.sources[s].grid] if e <= t]
        if not ends or ends[-1] < max(line.frozen_end, line.arrival[s]) or (s, ends[-1]) in taken:
            continue
        qty = shaped(rest - given, line.low(s), line.pack(s), world.sources[s].max_qty)
        line.emit(s, ends[-1], qty, ends[-1] + line.n.handling_min, -1, False)
        taken.add((s, ends[-1]))
        given += qty
    return given


def plan_jit(
    world: World, node: int, receipts: list[Supply], transfers: list[tuple[int, Fraction]]
) -> list[Supply]:
    """Plan one JIT node; returns its
    supplies for pegging.
    """
    line = Line(world, node)
    line.firm = list(receipts)
    for end, qty in transfers:
        order = new_order(world, node, 3, -1, end + line.n.handling_min, qty, 0)
        line.firm.append(Supply(order.need, order.good, order.avail, "order", order))
    first = len(world.made_calls)
    line.keep()
    if line.lanes:
        call_windows(line)
    else:
        for call, i in line.calls:
            if line.status(call) != KEPT:
                t = call.end + line.n.handling_min
                line.emit(call.source, call.end, call.packed, t, i, False)
        supplies = [s for s in line.firm if s.kind != "order"]
        supplies += [Supply(s.meant, s.qty, s.avail, "move", s.ref) for s in line.firm if s.kind == "order"]
        for c in world.made_calls[first:]:
            if not c.kept:
                supplies.append(Supply(c.avail, c.qty, c.avail, "call", c))
        net_node(world, node, supplies, messages=False)
        return [s for s in supplies if s.kind != "call"] + called_supplies(world, node)
    return [s for s in line.firm if s.kind != "call"] + called_supplies(world, node)


def called_supplies(world: World, node: int) -> list[Supply]:
    """Return all calls of a node as supplies."""
    return [
        Supply(c.avail, c.qty, c.avail, "call", c) for c in world.made_calls if c.node == node and c.qty > 0
    ]
