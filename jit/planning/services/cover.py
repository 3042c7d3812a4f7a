"""How long each line side lasts: the plan's requirements against what is there and what is coming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from forms_engine.base.aside import Aside
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id_texts
from jit.algorithms.mrp.model import PlanInput
from jit.algorithms.mrp.result import PlanResult
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services import columns

HOUR = 60
NAMES = ("stock", "burn", "out", "arrival", "arriving")
#: A cover nobody had yet is a new row; quantities come in millionths, times in minutes.
UPSERT = """
INSERT INTO supply_linecover (id, created_at, updated_at, version, item_id, area_id, stock, burn_per_hour,
  stock_out_at, next_arrival_at, next_arrival_quantity, computed_at)
SELECT v.id, %s, %s, 1, v.item, v.area, v.stock / 1000000, v.burn / 1000000, to_timestamp(v.out * 60.0),
  to_timestamp(v.arrival * 60.0), v.arriving / 1000000, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::numeric[], %s::numeric[], %s::bigint[], %s::bigint[],
  %s::numeric[]) AS v(id, item, area, stock, burn, out, arrival, arriving)
ON CONFLICT (item_id, area_id) DO UPDATE SET stock = excluded.stock, burn_per_hour = excluded.burn_per_hour,
  stock_out_at = excluded.stock_out_at, next_arrival_at = excluded.next_arrival_at,
  next_arrival_quantity = excluded.next_arrival_quantity, computed_at = excluded.computed_at
"""


class Cover(NamedTuple):
    """How long one line side lasts: stock, units per hour, minute it runs out; what comes next, and when."""

    stock: float
    burn: float
    out: int | None
    arrival: int | None
    arriving: float


def cover_update(*, snapshot: Snapshot, result: PlanResult, writer: Aside) -> int:
    """Write the cover of every line-side node; returns how many run out inside the next eight hours.

    Runs out = the first minute at which stock plus what is called and released, emergencies too, falls below
    what is consumed; proposals do not count: nobody has been told of them yet.
    """
    given = snapshot.input
    lots, nodes = given.lots, len(snapshot.nodes)
    stock = np.bincount(lots.node[lots.usable], lots.qty[lots.usable], nodes).tolist()
    at, eta, coming = _coming(given)
    bounds = np.searchsorted(at, np.arange(nodes + 1)).tolist()
    sides = [node for node, key in enumerate(snapshot.nodes) if key[2]]
    if not sides:
        return 0
    covers = [
        _cover(
            result,
            node,
            stock[node],
            eta[bounds[node] : bounds[node + 1]],
            coming[bounds[node] : bounds[node + 1]],
        )
        for node in sides
    ]
    columns_ = dict(zip(NAMES, zip(*covers, strict=True), strict=True))
    now = clock.now()
    writer.execute(
        UPSERT,
        [
            now,
            now,
            now,
            columns.ids(new_id_texts(len(sides))),
            columns.ids([snapshot.nodes[node][0] for node in sides]),
            columns.ids([snapshot.nodes[node][2] for node in sides]),
            *(columns.numbers(columns.millionths(np.array(columns_[name]))) for name in ("stock", "burn")),
            *(_minutes(columns_[name]) for name in ("out", "arrival")),
            columns.numbers(columns.millionths(np.array(columns_["arriving"]))),
        ],
    )
    limit = given.as_of + 8 * HOUR
    return sum(1 for out in columns_["out"] if out is not None and out <= limit)


def _coming(given: PlanInput) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return node, arrival and quantity of what somebody was told to bring, by node and arrival.

    Emergency calls are among the firm receipts: no window may move them.
    """
    calls, firm = given.calls, given.receipts
    told = calls.stage > 0
    node = np.concatenate((calls.node[told], firm.node))
    eta = np.concatenate((np.where(calls.eta > 0, calls.eta, calls.end)[told], firm.due))
    coming = np.concatenate((calls.qty[told], firm.qty))
    eta = np.maximum(eta, given.as_of)
    order = np.lexsort((eta, node))
    return node[order], eta[order], coming[order]


def _minutes(values: Sequence[int | None]) -> str:
    found = np.array([0 if value is None else value for value in values], "i8")
    return columns.numbers(found, np.array([value is not None for value in values]))


def _cover(result: PlanResult, node: int, stock: float, eta: np.ndarray, coming: np.ndarray) -> Cover:
    """Cover of one node; `eta`, `coming`: what somebody was told to bring, by arrival."""
    q, now = result.requirements, result.as_of
    low, high = int(q.first[node]), int(q.end[node])
    due, need = np.maximum(q.due[low:high], now), q.qty[low:high]
    out = runs_out(stock, due, need, eta, coming)
    soon = np.flatnonzero(coming > 0)
    return Cover(
        stock,
        burn_rate(q.due[low:high], need, now),
        out,
        int(eta[soon[0]]) if len(soon) else None,
        float(coming[soon[0]]) if len(soon) else 0.0,
    )


def burn_rate(due: np.ndarray, need: np.ndarray, now: int) -> float:
    """Units per hour over the first hour with consumption still to come (a break is no slow hour).

    A slice lasts until the next one begins, an hour at most: the first may be the rest of an hour. What is
    overdue still lasts as long as it would have. `due` rises from `now` on.
    """
    if not len(due) or due[0] >= now + 24 * HOUR:
        return 0.0
    if due[0] <= now:  # the overdue stand first, in no order
        late = int(np.count_nonzero(due <= now))
        order = np.argsort(due[:late], kind="stable")
        due = np.concatenate((due[:late][order], due[late:]))
        need = np.concatenate((need[:late][order], need[late:]))
    rows = due[: np.searchsorted(due, due[0] + 3 * HOUR)].tolist()
    total, lasted = 0.0, 0
    for row, (begin, end) in enumerate(zip(rows, [*rows[1:], rows[-1] + HOUR], strict=True)):
        total += float(need[row])
        lasted += min(end - begin, HOUR)
        if lasted >= HOUR:
            break
    return total * HOUR / lasted


def runs_out(
    stock: float, due: np.ndarray, need: np.ndarray, eta: np.ndarray, coming: np.ndarray
) -> int | None:
    """Return the minute at which consumption overtakes stock and arrivals, interpolated inside a slice."""
    if not len(due):
        return None
    have = np.full(len(due), stock, "f8")
    if len(eta):
        order = np.argsort(eta, kind="stable")
        arrived = np.concatenate(([0.0], np.cumsum(coming[order])))
        have += arrived[np.searchsorted(eta[order], due, side="right")]
    used = np.cumsum(need)
    short = used > have + 1e-9
    at = int(short.argmax())
    if not short[at]:
        return None
    following = int(due[at + 1]) if at + 1 < len(due) else int(due[at]) + HOUR
    length = min(following - int(due[at]), HOUR)
    left = max(float(have[at]) - (float(used[at - 1]) if at else 0.0), 0.0)
    return int(due[at]) + int(length * left / need[at] + 1e-6)
