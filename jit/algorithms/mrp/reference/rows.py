"""Rows as objects and time as lists of open minutes: what the reference run thinks with."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.table import Table

TINY = Fraction(1, 1_000_000)
NEAR = Fraction(1, 1_000_000_000)
ZERO = Fraction(0)
#: How far outside its rows a calendar is open: enough for every lead time of a small plant.
MARGIN = 40 * 1440


def exact(value: float) -> Fraction:
    """Return the decimal a person typed: 0.02 is 1/50."""
    return Fraction(value).limit_denominator(1_000_000)


def rows(table: Table) -> list[Any]:
    """Return the rows of a table as objects, floats exact."""
    columns = {name: column.tolist() for name, column in table.columns().items()}
    made = []
    for values in zip(*columns.values(), strict=True):
        made.append(
            SimpleNamespace(
                **{n: exact(v) if isinstance(v, float) else v for n, v in zip(columns, values, strict=True)}
            )
        )
    return made


@lru_cache(maxsize=256)
def open_list(intervals: tuple[tuple[int, int], ...]) -> list[int]:
    """Return every open minute; outside the first opening and last closing time is open."""
    first, last = intervals[0][0], intervals[-1][1]
    minutes = list(range(first - MARGIN, first))
    for start, end in intervals:
        minutes += range(start, end)
    return minutes + list(range(last, last + MARGIN))


class Clock:
    """One calendar, minute by minute."""

    def __init__(self, intervals: Sequence[tuple[int, int]]) -> None:
        self.open = open_list(tuple(intervals)) if intervals else None

    def count(self, since: int, until: int) -> int:
        """Return the open minutes in [since, until)."""
        if self.open is None:
            return until - since
        return bisect_left(self.open, until) - bisect_left(self.open, since)

    def back(self, t: int, minutes: int) -> int:
        """Return the open minute from which exactly `minutes` open ones remain before t."""
        if minutes <= 0:
            return t
        return t - minutes if self.open is None else self.open[bisect_left(self.open, t) - minutes]

    def add(self, t: int, minutes: int) -> int:
        """Return the end of the `minutes`-th open minute at or after t."""
        if minutes <= 0:
            return t
        return t + minutes if self.open is None else self.open[bisect_left(self.open, t) + minutes - 1] + 1

    def opens(self, t: int) -> int:
        """Return the first open minute at or after t."""
        return t if self.open is None else self.open[bisect_left(self.open, t)]

    def ship_before(self, t: int) -> int:
        """Return the last minute <= t that is open or just closing."""
        if self.open is None:
            return t
        return min(t, self.open[bisect_left(self.open, t + 1) - 1] + 1)

    def ship_after(self, t: int) -> int:
        """Return the first minute >= t that is open or just closing."""
        return t if self.ship_before(t) == t else self.opens(t)


@dataclass
class Order:
    """A planned order, a hand-down or a work of the reference run."""

    node: int
    kind: int
    source: int
    need: int
    start: int
    op: int
    finish: int
    avail: int
    qty: Fraction
    good: Fraction
    priority: int
    flags: int
    calendar: int


@dataclass
class Need:
    """A requirement: `origin` names where it comes from."""

    due: int
    qty: Fraction
    priority: int
    origin: tuple[Any, ...]


@dataclass
class Supply:
    """Something that fills the stock at the minute it is meant for."""

    meant: int
    qty: Fraction
    avail: int
    kind: str
    ref: Any
    fixed: bool = True


@dataclass
class Call:
    """A call-off of the reference run."""

    node: int
    source: int
    end: int
    qty: Fraction
    ship: int
    start: int
    avail: int
    old: int
    kept: bool


@dataclass
class World:
    """The input as objects, and the plan as it grows."""

    data: PlanInput
    as_of: int
    horizon: int
    nodes: list[Any]
    clocks: list[Clock]
    sources: list[Any]
    windows: dict[int, list[tuple[int, int]]]
    transits: dict[int, list[tuple[int, int]]]
    calls: list[Any]
    used: list[Fraction]
    revisions: list[Any]
    lines: list[Any]
    needs: dict[int, list[Need]] = field(default_factory=dict)
    lots: dict[int, list[Any]] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    made_calls: list[Call] = field(default_factory=list)
    troubles: list[tuple[Any, ...]] = field(default_factory=list)
    hard: list[tuple[int, int, Fraction]] = field(default_factory=list)
    open_demands: list[Any] = field(default_factory=list)

    def clock(self, calendar: int) -> Clock:
        return Clock(()) if calendar < 0 else self.clocks[calendar]

    def sources_of(self, node: int) -> list[int]:
        return [i for i, s in enumerate(self.sources) if s.node == node]

    def report(self, node: int, kind: int, minute: int, qty: Fraction, minutes: int) -> None:
        self.troubles.append((node, int(kind), minute, qty, minutes))


def world_of(data: PlanInput) -> World:
    """Read the tables; row numbers stay."""
    count = 1 + max(
        (int(c.max(initial=-1)) for c in (
            data.calendars.calendar, data.nodes.calendar, data.demands.calendar, data.works.calendar,
            data.sources.ship_calendar, data.sources.prod_calendar,
        )), default=-1,
    )  # fmt: skip
    spans: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for row in rows(data.calendars):
        spans[row.calendar].append((row.start, row.end))
    windows: dict[int, list[tuple[int, int]]] = {}
    for row in rows(data.windows):
        windows.setdefault(row.grid, []).append((row.end, row.day))
    transits: dict[int, list[tuple[int, int]]] = {}
    for row in rows(data.transits):
        transits.setdefault(row.table, []).append((row.start, row.minutes))
    sources = rows(data.sources)
    nodes = rows(data.nodes)
    for source in sources:
        if nodes[source.node].mode == 2 and not windows.get(source.grid):
            source.usable = False
    return World(
        data, data.as_of, data.horizon, nodes, [Clock(s) for s in spans], sources, windows, transits,
        rows(data.calls), [s.used for s in sources], rows(data.revisions), rows(data.lines),
    )  # fmt: skip


def round_up(quantity: Fraction, multiple: Fraction) -> Fraction:
    """Return the smallest multiple that is not less than quantity (relative tolerance 1e-9)."""
    if multiple == 0:
        return quantity
    lots = quantity / multiple
    return -((-(lots - NEAR * max(Fraction(1), lots))) // 1) * multiple


def round_down(quantity: Fraction, multiple: Fraction) -> Fraction:
    """Return the largest multiple that is not more than quantity (relative tolerance 1e-9)."""
    if multiple == 0:
        return quantity
    lots = quantity / multiple
    return ((lots + NEAR * max(Fraction(1), lots)) // 1) * multiple


def shaped(wish: Fraction, low: Fraction, multiple: Fraction, high: Fraction) -> Fraction:
    """Return one lot: minimum, then multiple, then maximum rounded down to a multiple (rule 17)."""
    lot = round_up(max(wish, low), multiple)
    if high == 0:
        return lot
    return min(lot, round_down(high, multiple) or multiple)


def transit(world: World, source: int, departure: int) -> int:
    """Return the transit of a departure: the last step that has begun, else the first one."""
    s = world.sources[source]
    steps = world.transits.get(s.transit)
    if not steps:
        return int(s.transit_min)
    begun = [minutes for start, minutes in steps if start <= departure]
    return begun[-1] if begun else steps[0][1]


def departs(world: World, source: int, arrival: int) -> int:
    """Return the latest shipping minute that still arrives in time, minute by minute where it varies."""
    s = world.sources[source]
    clock = world.clock(s.ship_calendar)
    if not world.transits.get(s.transit):
        return clock.ship_before(arrival - s.transit_min)
    shortest = min(minutes for _, minutes in world.transits[s.transit])
    d = arrival - shortest
    while True:
        d = clock.ship_before(d)
        over = d + transit(world, source, d) - arrival
        if over <= 0:
            return d
        d -= 1


def first_arrival(world: World, source: int) -> tuple[int, int]:
    """Return (ship, arrival) when preparation starts at as_of."""
    s = world.sources[source]
    ready = world.clock(s.prod_calendar).add(world.as_of, s.prep_min)
    ship = world.clock(s.ship_calendar).ship_after(ready)
    return ship, ship + transit(world, source, ship)


def prepares(world: World, source: int, ship: int) -> int:
    """Return when preparation must start for a truck at `ship`."""
    s = world.sources[source]
    return world.clock(s.prod_calendar).back(ship, s.prep_min)


def rating_choice(world: World, candidates: Sequence[int]) -> int:
    """Return the candidate with the lowest used / quota, the first of equals, -1 without any."""
    best = -1
    for s in candidates:
        rating = world.used[s] / world.sources[s].quota
        if best < 0:
            best = s
            continue
        other = world.used[best] / world.sources[best].quota
        if rating < other - NEAR * (1 + abs(other)):
            best = s
    return best
