"""What the pull run answers. Row numbers (`node`, `source`, …) are those of the PlanInput the caller gave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Minutes = NDArray[np.int64]
    Rows = NDArray[np.int32]


class OrderKind(IntEnum):
    """What a planned order is."""

    MAKE = 0
    BUY = 1
    TRANSFER = 2
    PASS = 3  # a phantom's hand-down: not a document, only a link for pegs
    WORK = 4  # a row of `Works`: firm, repeated here so that its requirements can point to it


class OrderFlag(IntEnum):
    """Bits of `Orders.flags`."""

    PAST_DUE = 1
    NO_BOM = 2
    BLOCKED = 4  # proposal without a source: never sent (rule 19)


class Change(IntEnum):
    """Difference of a proposal or call against the last run (rule 25)."""

    SAME = 0
    NEW = 1
    CHANGED = 2
    CANCELLED = 3


class CallType(IntEnum):
    """JIT call, or schedule line beyond the JIT horizon (rule 21)."""

    JIT = 0
    FORECAST = 1


class Trouble(IntEnum):
    """Kinds of exceptions; see `docs/how-to/algorithm.md` for what minute, qty and minutes mean in each."""

    PAST_DUE = 1  # order starts in the past; minutes = how long
    LATE = 2  # JIT: earlier windows should have carried qty; transit: past its ETA
    OVERDUE_RECEIPT = 3  # firm receipt in the past, counted at as_of
    STALE_RECEIPT = 4  # too old, no longer counted
    NO_BOM = 5
    NO_SOURCE = 6
    FROZEN_SHORTAGE = 7  # stock-out inside the frozen zone: first short minute, worst quantity
    FROZEN_EXCESS = 8
    UNCOVERED = 9  # no window before the horizon's end
    PULL_IN = 10  # message to a firm receipt: minute = wanted
    PUSH_OUT = 11
    CANCEL = 12
    SAFETY_BREACH = 13  # below safety stock, cured by firm supply (rule 12)
    UNRELEASED = 14  # a draft call stands inside the frozen zone
    CYCLE = 15  # node is part of a BOM cycle, not planned


class Subject(IntEnum):
    """What an exception's `ref` is a row of."""

    NOTHING = 0
    ORDER = 1
    RECEIPT = 2
    CALL = 3  # CallOffs of the result


class ReqKind(IntEnum):
    """Where a requirement comes from; `ref` is then a row of …"""

    DEMAND = 0  # Demands
    ORDER = 1  # Orders (MAKE, PASS or WORK); `line` = row of Lines
    TRANSFER = 2  # Orders (TRANSFER of another node)


class SupplyKind(IntEnum):
    """Where a peg's supply comes from; `ref` is then a row of …"""

    LOT = 0  # Lots
    RECEIPT = 1  # Receipts
    ORDER = 2  # Orders
    CALL = 3  # Calls of the result
    NONE = 4  # uncovered; reason = Trouble.UNCOVERED
    SUPPRESSED = 5  # beyond the horizon, or in a cycle


@dataclass(frozen=True, eq=False)
class Orders:
    """Planned orders (and works, and hand-downs), grouped by node: columns of shape (orders,).

    Works stand first; the others of node v are the rows first[v]:end[v] (shape (nodes,)), by need.
    Quantities are as computed: store them with `border(x)`, half-even to six decimals.
    """

    first: Minutes
    end: Minutes
    node: Rows
    kind: NDArray[np.int8]
    source: Rows  # -1 unless BUY
    need: Minutes  # minute the good quantity is needed at the node
    start: Minutes  # first working minute; BUY: preparation starts
    op: Minutes  # MAKE: run starts; BUY: ships
    finish: Minutes  # MAKE: run ends; BUY, TRANSFER: arrives
    avail: Minutes  # finish + handling; later than `need` only when past due
    qty: Floats  # START quantity
    good: Floats  # qty * yield
    priority: NDArray[np.int16]
    flags: NDArray[np.int16]
    match: Rows  # row of Proposals that lives on in this order, -1 = none
    change: NDArray[np.int8]  # Change; WORK and PASS are SAME


@dataclass(frozen=True, eq=False)
class CallOffs:
    """Call-offs of the run, also the kept and the cancelled ones, grouped by node, by (end, source)."""

    node: Rows
    source: Rows
    end: Minutes  # window end t_k, latest on-time arrival
    qty: Floats  # 0 = cancelled
    ship: Minutes
    start: Minutes  # preparation starts
    avail: Minutes  # eta + handling
    kind: NDArray[np.int8]  # CallType
    old: Rows  # row of Calls, -1 = none
    delta: Floats  # qty - old qty (signed difference of the new version)
    change: NDArray[np.int8]
    kept: NDArray[np.bool_]  # frozen or firm: the run may not touch it


@dataclass(frozen=True, eq=False)
class Requirements:
    """All requirements; those of node v are the rows first[v]:end[v] (shape (nodes,)), by need time."""

    first: Minutes
    end: Minutes
    due: Minutes  # own date; netted at max(due, as_of)
    qty: Floats
    kind: NDArray[np.int8]
    ref: Rows
    line: Rows
    priority: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Exceptions:
    """Things a person should know; `ref` is a row of what `about` says (Subject), or -1."""

    node: Rows
    kind: NDArray[np.int8]  # Trouble
    about: NDArray[np.int8]
    ref: Rows
    minute: Minutes
    qty: Floats
    minutes: Minutes


@dataclass(frozen=True, eq=False)
class UsedLots:
    """Free stock the run counted on, by node and last minute of use; `qty - used` expires unused."""

    node: Rows
    row: Rows  # of Lots
    qty: Floats  # minus hard reservations
    used: Floats
    until: Minutes


@dataclass(frozen=True, eq=False)
class UsedReceipts:
    """Firm receipts the run counted on, by node and time; `wanted` is earlier than `time` when pulled in."""

    node: Rows
    row: Rows  # of Receipts
    time: Minutes
    wanted: Minutes
    qty: Floats


@dataclass(frozen=True, eq=False)
class HardPegs:
    """What hard reservations settle before netting: that part of a demand is in no requirement."""

    demand: Rows
    lot: Rows
    qty: Floats


@dataclass(frozen=True, eq=False)
class Pegs:
    """Who covers whom: qty of requirement `req` (row of Requirements) from `supply` (SupplyKind) `ref`."""

    req: Rows
    supply: NDArray[np.int8]
    ref: Rows  # row of Lots, Receipts, Orders or CallOffs; -1 = nothing covers it
    qty: Floats
    avail: Minutes  # when that supply really is available


@dataclass(frozen=True, eq=False)
class PlanResult:
    """The whole answer of `plan`; pegs are computed on reading, see `pegs.PegReader`."""

    level: Rows  # low-level code of each node, -1 in a cycle
    orders: Orders
    calls: CallOffs
    requirements: Requirements
    exceptions: Exceptions
    cancelled: Rows  # rows of Proposals that no order took over
    lots: UsedLots
    receipts: UsedReceipts
    hard: HardPegs
    cycles: tuple[tuple[int, ...], ...]  # nodes A, B, …, A of each cycle found
    input_hash: str
    as_of: int
    horizon: int


def border(quantity: Floats) -> Floats:
    """Round to six decimals, half to even: what leaves the core for the database (rule 16)."""
    return np.round(quantity, 6)
