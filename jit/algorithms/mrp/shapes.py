"""The tuples of arrays that the kernels see, and their constants."""

from typing import NamedTuple

import numpy as np

from jit.algorithms.mrp.worktime import WorkDays

#: Quantities nearer to each other than this are equal: the border rounds to six decimals.
TINY = 1e-6
#: Relative tolerance of every rounding up to lots.
NEAR = 1e-9
FAR = np.int64(1 << 60)

MAKE, BUY, JIT, TRANSFER, PHANTOM = 0, 1, 2, 3, 4
K_MAKE, K_BUY, K_TRANSFER, K_PASS, K_WORK = 0, 1, 2, 3, 4
F_PAST_DUE, F_NO_BOM, F_BLOCKED = 1, 2, 4
DRAFT, SENT, FIRM = 0, 1, 2
C_SAME, C_NEW, C_CHANGED, C_CANCELLED = 0, 1, 2, 3
#: Slots of `Out.count`.
N_ORDERS, N_REQS, N_CALLS, N_TROUBLES, N_OVERFLOW = 0, 1, 2, 3, 4
T_PAST_DUE, T_LATE, T_OVERDUE, T_STALE, T_NO_BOM, T_NO_SOURCE, T_FROZEN_SHORT, T_FROZEN_EXCESS = range(1, 9)
T_UNCOVERED, T_PULL_IN, T_PUSH_OUT, T_CANCEL, T_BREACH, T_UNRELEASED, T_CYCLE = range(9, 16)


def _record(columns: str) -> np.dtype:
    """Build a row type from "name:type" words; the types are those of numpy, i8 where none is given."""
    pairs = [[*word.split(":"), "i8"][:2] for word in columns.split()]
    return np.dtype([(name, kind) for name, kind in pairs], align=True)


#: One netting node: its columns of `Nodes`, what is derived, and where its rows stand in the other tables.
NET = _record(
    "mode rule window period foq:f8 min_lot:f8 multiple:f8 max_lot:f8 step:f8 safety:f8 resched"
    " yield_:f8 lead run:f8"
    " handling calendar min_life store store_lead container:f8 grid cover frozen jit_until stock:f8"
    " group expiring"
    " dem_first dem_end use_first use_end area_first area_end rev_first rev_end work_first work_end"
    " rec_first rec_end lot_first lot_end call_first call_end src_first src_end"
)
#: One where-used row: a BOM line under its component; the revision is used for starts in [since, before).
#: `calendar` and `timed` (its orders take run time) are the parent's: looking there is a walk through memory.
USE = _record("parent coef:f8 fixed:f8 offset since before line:i4 calendar:i4 timed")
#: A BOM revision as valid on paper, under its parent.
REV = _record("since until")
#: A slice of a demand, under its node, by need.
DEM = _record("due qty:f8 ref prio:i2")
#: A firm receipt that counts, under its node, by time.
REC = _record("time qty:f8 ref fixed")
#: A free lot, under its node, by last minute of use.
LOT = _record("qty:f8 until")
#: A live call of the last run, under its node, by window end and source.
CALL = _record("source end day qty:f8 eta stage packed:f8")
#: A source, under its node, by agreement.
SRC = _record("quota:f8 pack:f8 low:f8 high:f8 transit transit_min prep ship_cal prod_cal grid usable delay")
#: Kernel output rows; they are read column by column afterwards.
ORDER = _record("need start op finish avail qty:f8 good:f8 node:i4 source:i4 prio:i2 mark:i2 kind:i1")
#: What the components of an order read of it: half a cache line; lead = op - start.
FEED = _record("op finish qty:f8 lead:i4 prio:i2 mark:i2")
REQ = _record("due qty:f8 ref:i4 line:i4 prio:i2")
OUT_CALL = _record("end ship start avail qty:f8 node:i4 source:i4 old:i4 kept:i1")
TROUBLE = _record("minute minutes qty:f8 node:i4 ref:i4 kind:i1")
SPAN = _record("order_first order_end req_first req_end")
#: Scratch rows: a requirement before sorting, a drain, a firm supply, a wish to the store, a source's state.
ITEM = REQ
EVENT = _record("t q:f8 p")
SUPPLY = _record("t q:f8 ref fixed")
WISH = _record("t q:f8 area")
LANE = _record("arrival window tried")


class Lanes(NamedTuple):
    """Sources, dock windows by grid, transit tables."""

    src: np.ndarray
    grid_ptr: np.ndarray
    win_end: np.ndarray
    win_day: np.ndarray
    table_ptr: np.ndarray
    table_start: np.ndarray
    table_min: np.ndarray


class Plant(NamedTuple):
    """The whole read-only input of the kernel. Few arrays of rows: the compiler pays for every array it
    passes.
    """

    as_of: int
    horizon: int
    push_tolerance: int
    sequence: np.ndarray  # nodes in planning order
    net: np.ndarray
    use: np.ndarray
    rev: np.ndarray
    area: np.ndarray  # nodes that draw from a store, by store
    dem: np.ndarray
    work_cal: np.ndarray  # works are orders 0..n of `Out`
    rec: np.ndarray
    lot: np.ndarray
    call: np.ndarray
    lanes: Lanes
    days: WorkDays


class Out(NamedTuple):
    """What the kernel fills; `count` says how far. Overflow: count[N_OVERFLOW] names the table that was
    full.
    """

    count: np.ndarray
    span: np.ndarray
    order: np.ndarray
    feed: np.ndarray  # row by row with `order`; only where the node has a BOM
    req: np.ndarray  # line: row of Lines; -1 demand, -2 transfer
    call: np.ndarray
    trouble: np.ndarray
    lot_use: np.ndarray  # how much of each lot is ever used (the rest expires)
    pull: np.ndarray  # minute a firm receipt is wanted at when pulled in, else FAR
    used: np.ndarray  # quota: consumed so far per source


class Scratch(NamedTuple):
    """Room for one node at a time, reused."""

    key: np.ndarray
    spare: np.ndarray
    runs: np.ndarray
    item: np.ndarray
    ev: np.ndarray
    pre: np.ndarray
    fs: np.ndarray
    wish: np.ndarray
    lane: np.ndarray  # per source
    hints: np.ndarray  # moving rows: see `target_of`
