# ruff: noqa: RUF009
"""What the pull run reads: plain numpy columns, one table a noun.

Conventions, for whoever maps database rows to these tables:

- Times are int64 **minutes since 1970-01-01 UTC**; durations are int64 minutes. `NEVER`, `ALWAYS`: no limit.
- Quantities are float64 in the item's base unit, rounded to 6 decimals at the border.
- Rows point to each other by **dense row number** (int32): a demand's `node` is a row of `Nodes`; -1 = none.
- `key` is the business key (text, unique in its table, stable between runs: never a UUID made at load). Rows
  may come in any order: the run sorts them by key first (`canonical.py`), so order never changes the
  answer or
  a hash. A table that is sorted by its key already (`ORDER BY key COLLATE "C"`) costs nothing there.
- Columns with a default may be left out. Every table but `nodes` may be left out of `PlanInput`.

The door (`checks.py`) refuses impossible master data (yield <= 0, scrap >= 1, demand <= 0) with a ValueError
that names the key: the importer should have refused the row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from jit.algorithms.mrp.table import ALWAYS, NEVER, Table, column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Minutes = NDArray[np.int64]
    Rows = NDArray[np.int32]
    Bools = NDArray[np.bool_]
    Keys = NDArray[np.str_]


class Mode(IntEnum):
    """How a netting node gets its supply (rule 10; one mode a node)."""

    MAKE = 0  # planned production orders, exploded by BOM
    BUY = 1  # BATCH: planned purchase orders, source chosen per lot
    JIT = 2  # call-offs per dock window only, never a planned order (rule 21)
    TRANSFER = 3  # planned transfers from the node `store` (line side from store, plant from plant)
    PHANTOM = 4  # nets its own stock, passes the rest to its children at the same minute (rule 15)


class LotRule(IntEnum):
    """The rule quantity of rule 17."""

    L4L = 0  # one order per planning window (`window_min`)
    FOQ = 1  # lots of `foq`
    POQ = 2  # the largest shortage in [t, t + period_min)


class Stage(IntEnum):
    """How far an existing call-off has gone (rules 22-25)."""

    DRAFT = 0  # our own proposal: re-planned freely
    SENT = 1  # told to the supplier: changed only when it matters (rule 24)
    FIRM = 2  # shipped, or answered PARTIAL/DECLINED/LATER, or EMERGENCY: supply as it stands, never touched


class ReceiptKind(IntEnum):
    """Where a firm receipt comes from; IN_TRANSIT past its ETA waits for the lane's mean delay (rule 22)."""

    ORDER = 0  # purchase order line, firmed planned order, subcontract order
    WORK = 1  # work order
    IN_TRANSIT = 2  # shipped, or standing at the dock
    TRANSFER = 3  # internal transfer under way


@dataclass(frozen=True, eq=False)
class Calendars(Table):
    """Open intervals of all calendars, one row an interval [start, end); made by `calendars.expand`.

    Sorted by (calendar, start), disjoint and not touching inside a calendar. A calendar without a row is
    closed.
    A reference of -1 to a calendar means "always open" (missing calendar: use the plant's, and warn,
    before the run).
    Cover at least [as_of - longest lead, horizon + longest lead]; outside its rows time counts as open.
    """

    calendar: Rows = column("i4")
    start: Minutes = column("i8")
    end: Minutes = column("i8")


@dataclass(frozen=True, eq=False)
class Windows(Table):
    """Dock windows, one row a delivery window; a grid = one (dock, step) in plant local wall time (rules
    3, 4, 9).

    `end` is the latest on-time arrival t_k; the window is [end - step, end]. `day` is the plant-local day
    number
    (days since 1970-01-01) that quota choices are made for (rule 20). Sorted by (grid, end), unique.
    """

    grid: Rows = column("i4")
    end: Minutes = column("i8")
    day: Rows = column("i4")


@dataclass(frozen=True, eq=False)
class Transits(Table):
    """Transit time by departure: from minute `start` on (until the next row of that table) it takes
    `minutes`.

    Made by `calendars.expand_transit` from (weekday, hour) tables. A source without a table uses
    `transit_min`.
    """

    table: Rows = column("i4")
    start: Minutes = column("i8")
    minutes: Minutes = column("i8")


@dataclass(frozen=True, eq=False)
class Nodes(Table):
    """Netting nodes (item, plant, area): one row a node; `key` = "item|plant|area" (area empty = the
    store).
    """

    key: Keys = column("str")
    mode: NDArray[np.int8] = column("i1")
    rule: NDArray[np.int8] = column("i1", 0)
    window_min: Minutes = column(
        "i8", 1440
    )  # planning window of L4L and longest consumption slice W (rules 1, 17)
    period_min: Minutes = column("i8", 0)  # POQ period
    foq: Floats = column("f8", 0.0)
    min_lot: Floats = column("f8", 0.0)
    multiple: Floats = column("f8", 0.0)  # lot multiple; 0 = round up to `step`
    max_lot: Floats = column("f8", 0.0)  # 0 = no limit
    step: Floats = column("f8", 0.0)  # smallest quantity of the unit of measure; 0 = any
    safety: Floats = column("f8", 0.0)
    resched_min: Minutes = column(
        "i8", 0
    )  # a firm receipt this much later than the shortage still counts (rule 14)
    yield_: Floats = column("f8", 1.0)  # good / start, in (0, ...]
    lead_min: Minutes = column("i8", 0)  # MAKE: queue and set-up before the run, working minutes
    run_min: Floats = column(
        "f8", 0.0
    )  # MAKE: working minutes per START unit; > 0 = components are sliced over the run
    handling_min: Minutes = column("i8", 0)  # arrival to available, clock minutes (rule 4)
    calendar: Rows = column("i4", -1)  # work centre's (MAKE) or consuming line's (JIT cover) calendar
    min_life_min: Minutes = column("i8", 0)  # a lot must live this long after the need (G10)
    store: Rows = column(
        "i4", -1
    )  # TRANSFER: where from; JIT: store whose free stock is used first (rule 11)
    store_lead_min: Minutes = column("i8", 0)  # clock minutes from store to here
    container: Floats = column("f8", 0.0)  # JIT from store: whole containers; 0 = any quantity
    grid: Rows = column("i4", -1)  # JIT from store: the windows in which transfers arrive
    cover_min: Minutes = column("i8", 0)  # JIT: cover c in working minutes of `calendar` (rule 3)
    frozen_min: Minutes = column("i8", 0)  # JIT: frozen zone, clock minutes (rule 23)
    jit_until: Minutes = column(
        "i8", NEVER
    )  # JIT: later windows are schedule lines of type FORECAST (rule 21)


@dataclass(frozen=True, eq=False)
class Revisions(Table):
    """BOM revisions: `node` is the parent; valid in [valid_from, valid_to); revisions of a node never
    overlap.
    """

    key: Keys = column("str")
    node: Rows = column("i4")
    valid_from: Minutes = column("i8", ALWAYS)
    valid_to: Minutes = column("i8", NEVER)


@dataclass(frozen=True, eq=False)
class Lines(Table):
    """BOM lines: `component` is the node the parent draws from (its line-side area, or the store of its
    plant).

    Need per order = start quantity * qty_per / (1 - scrap) + fixed. A line with `fixed` falls due whole
    for that
    part, one with offset whole at op start + offset (rule 1).
    """

    key: Keys = column("str")
    revision: Rows = column("i4")
    component: Rows = column("i4")
    qty_per: Floats = column("f8")  # per start unit of the parent: BOM quantity / base quantity
    scrap: Floats = column("f8", 0.0)  # in [0, 1)
    fixed: Floats = column("f8", 0.0)
    offset_min: Minutes = column("i8", 0)


@dataclass(frozen=True, eq=False)
class Demands(Table):
    """Requirements that come from outside the BOM explosion: sales, forecast, plan; also a work order's
    frozen lines.

    due == until (default): the whole quantity at `due`. until > due: consumed evenly over the open minutes of
    `calendar` in [due, until), cut into slices of the node's W (rule 1).
    """

    key: Keys = column("str")
    node: Rows = column("i4")
    due: Minutes = column("i8")
    qty: Floats = column("f8")  # > 0
    until: Minutes = column("i8", ALWAYS)  # <= due: whole at due
    calendar: Rows = column("i4", -1)
    priority: NDArray[np.int16] = column("i2", 0)  # lower = first (ties in pegs only)


@dataclass(frozen=True, eq=False)
class Works(Table):
    """Firm production still to run: exploded by BOM like a planned order; its output is a row of `Receipts`.

    A work order with a frozen BOM is given as `Demands` rows instead. `qty` = START quantity not yet
    consumed for.
    """

    key: Keys = column("str")
    node: Rows = column("i4")
    start: Minutes = column("i8")  # op start
    until: Minutes = column("i8")  # op end; == start: whole at start
    qty: Floats = column("f8")
    calendar: Rows = column("i4", -1)
    priority: NDArray[np.int16] = column("i2", 0)


@dataclass(frozen=True, eq=False)
class Lots(Table):
    """Stock on hand by lot, own or consigned, in usable status only unless `usable` says no (rule 10)."""

    key: Keys = column("str")
    node: Rows = column("i4")
    qty: Floats = column("f8")
    expiry: Minutes = column("i8", NEVER)  # first minute at which it may no longer be used
    usable: Bools = column("?", True)


@dataclass(frozen=True, eq=False)
class Receipts(Table):
    """Firm supply under way: purchase order lines, work orders, transit, dock (not call-offs: those are
    `Calls`).
    """

    key: Keys = column("str")
    node: Rows = column("i4")
    due: Minutes = column("i8")  # minute at which it is available (ETA + handling)
    qty: Floats = column("f8")  # good quantity still to come
    kind: NDArray[np.int8] = column("i1", 0)
    fixed: Bools = column("?", False)  # no message may ask to move it
    delay_min: Minutes = column("i8", 0)  # IN_TRANSIT past its ETA: mean delay of the lane


@dataclass(frozen=True, eq=False)
class Reservations(Table):
    """Hard reservations of stock: they leave the free stock and cover their demand first (hard peg, rule
    29).
    """

    key: Keys = column("str")
    node: Rows = column("i4")
    qty: Floats = column("f8")
    lot: Rows = column("i4", -1)  # row of `Lots`; -1: the node's lots by expiry
    demand: Rows = column("i4", -1)  # row of `Demands`; -1: for something outside the plan


@dataclass(frozen=True, eq=False)
class Sources(Table):
    """Who may supply a BUY or JIT node. Ties in the rating go by `key` (start it with the agreement
    number).
    """

    key: Keys = column("str")
    node: Rows = column("i4")
    quota: Floats = column("f8", 100.0)  # > 0
    used: Floats = column(
        "f8", 0.0
    )  # base + received + open since the quota period began; WITHOUT `Calls` rows
    pack: Floats = column("f8", 0.0)  # lot multiple of this source; 0 = the node's
    min_qty: Floats = column("f8", 0.0)  # 0 = the node's
    max_qty: Floats = column("f8", 0.0)  # 0 = the node's (BUY) or none (JIT)
    transit: Rows = column("i4", -1)  # table of `Transits`; -1 = constant `transit_min`
    transit_min: Minutes = column("i8", 0)
    prep_min: Minutes = column("i8", 0)  # working minutes of `prod_calendar`
    ship_calendar: Rows = column("i4", -1)
    prod_calendar: Rows = column("i4", -1)
    grid: Rows = column("i4", -1)  # JIT: dock windows of the lane
    usable: Bools = column(
        "?", True
    )  # agreement and price valid, supplier approved and not blocked (rule 19)
    delay_min: Minutes = column("i8", 0)  # mean delay of the lane, for calls past their ETA


@dataclass(frozen=True, eq=False)
class Calls(Table):
    """Live call-offs (not yet received, cancelled or short-closed), one row per (node, source, window end).

    The document's key is (plant, item, area, supplier, dock, window end); `key` here may be the call's
    number.
    """

    key: Keys = column("str")
    node: Rows = column("i4")
    source: Rows = column("i4")
    end: Minutes = column("i8")  # window end
    qty: Floats = column("f8")  # open quantity; the confirmed one if that is lower
    eta: Minutes = column("i8", ALWAYS)  # confirmed or re-estimated arrival; ALWAYS = the window end
    stage: NDArray[np.int8] = column("i1", 0)
    packed: Floats = column("f8", 0.0)  # never below this (rule 24)


@dataclass(frozen=True, eq=False)
class Proposals(Table):
    """Planned orders of the last run, to keep their numbers (rule 25). Firmed ones are `Receipts` +
    `Works`.
    """

    key: Minutes = column("i8")  # the number
    node: Rows = column("i4")
    source: Rows = column("i4", -1)
    need: Minutes = column("i8")
    qty: Floats = column("f8")


@dataclass(frozen=True)
class Params:
    """Switches of a run; part of the input hash."""

    stale_min: int = 5 * 1440  # an overdue receipt older than this stops counting (rule 8)
    push_tolerance_min: int = 1440  # first peg this much later than due: PUSH_OUT (rule 14)


@dataclass(frozen=True, eq=False)
class PlanInput:
    """Everything a run may know. Nothing in the core reads a clock: `as_of` is an input (rule 9)."""

    as_of: int  # minute
    horizon: int  # minute; needs at or after it are suppressed with reason HORIZON
    nodes: Nodes
    revisions: Revisions = field(default_factory=Revisions)
    lines: Lines = field(default_factory=Lines)
    demands: Demands = field(default_factory=Demands)
    works: Works = field(default_factory=Works)
    lots: Lots = field(default_factory=Lots)
    receipts: Receipts = field(default_factory=Receipts)
    reservations: Reservations = field(default_factory=Reservations)
    sources: Sources = field(default_factory=Sources)
    calls: Calls = field(default_factory=Calls)
    proposals: Proposals = field(default_factory=Proposals)
    calendars: Calendars = field(default_factory=Calendars)
    windows: Windows = field(default_factory=Windows)
    transits: Transits = field(default_factory=Transits)
    params: Params = Params()
