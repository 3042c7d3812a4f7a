"""The pull run: one pure function from `PlanInput` to `PlanResult`."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from jit.algorithms.compiled import rows_like
from jit.algorithms.mrp.canonical import Canonical, canonical
from jit.algorithms.mrp.checks import check
from jit.algorithms.mrp.core import run_plan
from jit.algorithms.mrp.hashing import input_hash
from jit.algorithms.mrp.match import match_orders
from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.prepare import Prepared, prepare, scratch_of
from jit.algorithms.mrp.result import (
    CallOffs,
    CallType,
    Change,
    Exceptions,
    HardPegs,
    OrderKind,
    Orders,
    PlanResult,
    ReqKind,
    Requirements,
    Subject,
    Trouble,
    UsedLots,
    UsedReceipts,
)
from jit.algorithms.mrp.shapes import (
    FAR,
    FEED,
    N_CALLS,
    N_ORDERS,
    N_OVERFLOW,
    N_REQS,
    N_TROUBLES,
    ORDER,
    OUT_CALL,
    REQ,
    SPAN,
    TINY,
    TROUBLE,
    Out,
)
from jit.algorithms.registry import algorithm

TABLES = ("order", "feed", "req", "call", "trouble")
ABOUT_ORDERS = (Trouble.PAST_DUE, Trouble.NO_BOM, Trouble.NO_SOURCE)
ABOUT_CALLS = (Trouble.LATE, Trouble.UNRELEASED)
ABOUT_RECEIPTS = (Trouble.PULL_IN, Trouble.PUSH_OUT, Trouble.CANCEL)


def out_of(prepared: Prepared, orders: int, requirements: int, calls: int, troubles: int) -> Out:
    """Allocate the kernel's output; pages that are never written cost nothing."""
    plant = prepared.plant
    count = np.zeros(5, np.int64)
    count[N_ORDERS] = len(prepared.works)
    return Out(
        count,
        rows_like(np.zeros(len(plant.net), SPAN)),
        rows_like(np.empty(orders, ORDER)),
        rows_like(np.empty(orders, FEED)),
        rows_like(np.empty(requirements, REQ)),
        rows_like(np.empty(calls, OUT_CALL)),
        rows_like(np.empty(troubles, TROUBLE)),
        plant.lot["qty"].copy(),
        np.full(len(plant.rec), FAR),
        np.empty(len(plant.lanes.src)),
    )


def load_works(out: Out, data: PlanInput, works: np.ndarray) -> None:
    """Put the firm production at the head of the order table."""
    if not len(works):
        return
    w, head = data.works, out.order[: len(works)]
    for name, value in (
        ("node", w.node), ("need", w.until), ("start", w.start), ("op", w.start), ("finish", w.until),
        ("avail", w.until), ("qty", w.qty), ("prio", w.priority),
    ):  # fmt: skip
        head[name] = value[works]
    head["kind"], head["source"], head["good"], head["mark"] = OrderKind.WORK, -1, 0.0, 0
    feed = out.feed[: len(works)]
    for name in ("op", "finish", "qty", "prio", "mark"):
        feed[name] = head[name]
    feed["lead"] = 0


def widest(net: np.ndarray, table: str) -> int:
    """Return the most rows of a table that one node has."""
    return int((net[f"{table}_end"] - net[f"{table}_first"]).max(initial=0))


def run_core(data: PlanInput, prepared: Prepared, warm: Out | None = None) -> Out:
    """Run the kernel, with twice the room as often as it asks for it.

    Args:
        warm: the answer of an earlier run whose tables may be overwritten (fresh memory costs more than the
            planning of a large plant); too small ones are ignored.

    Raises: MemoryError if a table would need more than 2**31 rows.
    """
    plant, n = prepared.plant, len(data.nodes)
    demands = len(plant.dem)
    orders = 1024 + 40 * n + 12 * demands + len(data.works)
    size = [orders, 1024 + 3 * orders, 1024 + 2 * len(data.calls) + 4 * orders, 1024 + 2 * orders, 0, 1 << 14]
    lots = widest(plant.net, "lot")
    size[5] = max(size[5], 2 * widest(plant.net, "dem") + lots + 64)
    supplies = 64 + widest(plant.net, "rec") + widest(plant.net, "call")
    while True:
        out = out_of(prepared, *size[:4])
        if warm is not None and all(len(getattr(warm, t)) >= len(getattr(out, t)) for t in TABLES):
            out = out._replace(**{t: getattr(warm, t) for t in TABLES})
        load_works(out, data, prepared.works)
        out.used[:] = data.sources.used[prepared.sources]
        run_plan(plant, out, scratch_of(size[5] + lots, supplies + size[5], len(prepared.sources)))
        full = int(out.count[N_OVERFLOW])
        if not full:
            return out
        full = 5 if full == 5 else full - 1
        size[full] *= 2
        if size[full] > 1 << 31:
            raise MemoryError(f"the plan needs more than {size[full] // 2} rows in one table")


def plan(data: PlanInput) -> PlanResult:
    """Plan everything: what to make, buy, move and call off, when, and what is wrong.

    Args:
        data: one consistent snapshot; see `model.py` for shapes and units.

    Returns: orders, calls, requirements and exceptions, with row numbers of `data`.
    Raises: ValueError if a row is impossible (named by its business key), a key stands twice, or a row number
        points nowhere.
    """
    sorted_ = canonical(data)
    check(sorted_.input)
    # The kernel and numpy's long loops let other threads run: half of the rest is done beside them.
    with ThreadPoolExecutor(1) as beside:
        hashing = beside.submit(input_hash, sorted_.input)
        prepared = prepare(sorted_.input)
        out = run_core(sorted_.input, prepared)
        return read_out(data, sorted_, prepared, out, hashing, beside)


algorithm("mrp.pull", "Pull run: time-phased, to the minute")(plan)


def read_out(
    data: PlanInput,
    sorted_: Canonical,
    prepared: Prepared,
    out: Out,
    hashing: Future[str],
    beside: ThreadPoolExecutor,
) -> PlanResult:
    """Cut the kernel's tables to length, compare with the last run, and speak in the caller's rows."""
    inner, back = sorted_.input, sorted_.back
    requiring = beside.submit(_requirements, sorted_, out)
    orders = _orders(prepared, out)
    calls, call_place = _calls(inner, prepared, out)
    match, order_change, cancelled = match_orders(inner, orders)
    return PlanResult(
        level=_of_nodes(sorted_, prepared.levels.level),
        orders=Orders(
            **{
                **orders,
                "node": back("nodes", orders["node"]), "source": back("sources", orders["source"]),
                "match": back("proposals", match), "change": order_change,
                "first": _of_nodes(sorted_, out.span["order_first"]),
                "end": _of_nodes(sorted_, out.span["order_end"]),
            }
        ),
        calls=CallOffs(
            **{
                **calls,
                "node": back("nodes", calls["node"]), "source": back("sources", calls["source"]),
                "old": back("calls", calls["old"]),
            }
        ),
        requirements=requiring.result(),
        exceptions=_exceptions(sorted_, prepared, out, call_place),
        cancelled=back("proposals", cancelled),
        lots=UsedLots(
            node=back("nodes", inner.lots.node[prepared.free.lot_row]),
            row=back("lots", prepared.free.lot_row.astype(np.int32)), qty=prepared.free.lot_qty,
            used=out.lot_use,
            until=prepared.free.lot_until,
        ),
        receipts=UsedReceipts(
            node=back("nodes", inner.receipts.node[prepared.plant.rec["ref"]]),
            row=back("receipts", prepared.plant.rec["ref"].astype(np.int32)),
            time=prepared.plant.rec["time"],
            wanted=np.minimum(out.pull, prepared.plant.rec["time"]), qty=prepared.plant.rec["qty"],
        ),
        hard=HardPegs(
            demand=back("demands", np.array([h[0] for h in prepared.free.hard], np.int32)),
            lot=back("lots", np.array([h[1] for h in prepared.free.hard], np.int32)),
            qty=np.array([h[2] for h in prepared.free.hard], np.float64),
        ),
        cycles=tuple(
            tuple(int(v) for v in back("nodes", np.array(c, np.int32))) for c in prepared.levels.cycles
        ),
        input_hash=hashing.result(),
        as_of=data.as_of, horizon=data.horizon,
    )  # fmt: skip


def _of_nodes(sorted_: Canonical, column: np.ndarray) -> np.ndarray:
    """Return a column with a row for each node in the caller's order of nodes."""
    nodes = sorted_.rows["nodes"]
    if nodes is None:
        return column
    moved = np.empty_like(column)
    moved[nodes] = column
    return moved


def _requirements(sorted_: Canonical, out: Out) -> Requirements:
    req = out.req[: int(out.count[N_REQS])]
    line, ref, back = req["line"].copy(), req["ref"].copy(), sorted_.back
    kind = np.where(line >= 0, ReqKind.ORDER, np.where(line == -1, ReqKind.DEMAND, ReqKind.TRANSFER)).astype(
        np.int8
    )
    demand = kind == ReqKind.DEMAND
    return Requirements(
        first=_of_nodes(sorted_, out.span["req_first"]), end=_of_nodes(sorted_, out.span["req_end"]),
        due=req["due"].copy(), qty=req["qty"].copy(), kind=kind,
        ref=np.where(demand, back("demands", np.where(demand, ref, -1)), ref).astype(np.int32),
        line=back("lines", np.where(line >= 0, line, -1).astype(np.int32)), priority=req["prio"].copy(),
    )  # fmt: skip


def _orders(prepared: Prepared, out: Out) -> dict[str, np.ndarray]:
    """Return the planned orders column by column, sources in rows of the sorted input."""
    table = out.order[: int(out.count[N_ORDERS])]
    columns = {name: np.ascontiguousarray(table[name]) for name in table.dtype.names or ()}
    if len(prepared.sources):
        source = columns["source"]
        columns["source"] = np.where(source >= 0, prepared.sources[source], -1).astype(np.int32)
    columns["priority"], columns["flags"] = columns.pop("prio"), columns.pop("mark")
    return columns


def _calls(inner: PlanInput, prepared: Prepared, out: Out) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Sort the calls by (node, end, source) and compare them with the last run's (rule 25)."""
    n = int(out.count[N_CALLS])
    table = out.call[:n]
    order = np.lexsort((table["source"], table["end"], table["node"]))
    place = np.argsort(order)
    old = table["old"][order]
    row = np.where(old >= 0, prepared.calls[old], -1).astype(np.int32) if len(prepared.calls) else old
    qty = table["qty"][order]
    before = np.where(row >= 0, inner.calls.qty[row], 0.0) if len(inner.calls) else np.zeros(n)
    delta = qty - before
    change = np.where(np.abs(delta) > TINY, Change.CHANGED, Change.SAME)
    change = np.where(
        row < 0, Change.NEW, np.where((qty <= TINY) & (before > TINY), Change.CANCELLED, change)
    )
    node, end = table["node"][order], table["end"][order]
    late = end > inner.nodes.jit_until[node]
    source = prepared.sources[table["source"][order]] if n else np.empty(0)
    return {
        "node": node, "source": source.astype(np.int32), "end": end, "qty": qty, "ship": table["ship"][order],
        "start": table["start"][order], "avail": table["avail"][order],
        "kind": np.where(late, CallType.FORECAST, CallType.JIT).astype(np.int8), "old": row, "delta": delta,
        "change": change.astype(np.int8), "kept": table["kept"][order],
    }, place  # fmt: skip


def _exceptions(sorted_: Canonical, prepared: Prepared, out: Out, call_place: np.ndarray) -> Exceptions:
    """Join the kernel's exceptions with those of the preparation, and say what each is about."""
    n = int(out.count[N_TROUBLES])
    table = out.trouble[:n]
    kind, ref = table["kind"], table["ref"].copy()
    about = np.where(np.isin(kind, ABOUT_ORDERS), Subject.ORDER, Subject.NOTHING)
    about[np.isin(kind, ABOUT_RECEIPTS)] = Subject.RECEIPT
    about[(ref >= 0) & np.isin(kind, ABOUT_CALLS)] = Subject.CALL
    ref[about == Subject.CALL] = call_place[ref[about == Subject.CALL]]
    inner = sorted_.input
    rows = [(node, what, Subject.RECEIPT, *rest) for node, what, *rest in prepared.troubles]
    for v in np.flatnonzero(prepared.levels.level < 0).tolist():
        total = float(inner.demands.qty[inner.demands.node == v].sum())
        rows.append((v, int(Trouble.CYCLE), Subject.NOTHING, -1, inner.as_of, total, 0))
    extra = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 7

    def both(column: np.ndarray, i: int) -> np.ndarray:
        return np.concatenate((column, np.array(extra[i], column.dtype)))

    about, ref = both(about.astype(np.int8), 2), both(ref, 3)
    ref[about == Subject.RECEIPT] = sorted_.back("receipts", ref[about == Subject.RECEIPT])
    return Exceptions(
        node=sorted_.back("nodes", both(table["node"], 0)), kind=both(kind, 1), about=about, ref=ref,
        minute=both(table["minute"], 4), qty=both(table["qty"], 5), minutes=both(table["minutes"], 6),
    )  # fmt: skip
