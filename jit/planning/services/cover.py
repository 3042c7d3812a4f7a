"""How long each line side lasts: the plan's requirements against what is there and what is coming."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import numpy as np

from forms_engine.kernel import clock
from jit.algorithms.mrp.result import PlanResult
from jit.planning.selectors.rows import moment_of
from jit.planning.selectors.snapshot import Snapshot
from jit.supply.models import LineCover

HOUR = 60
STEP = Decimal("0.000001")


def cover_update(*, snapshot: Snapshot, result: PlanResult) -> int:
    """Write the cover of every line-side node; returns how many run out inside the next eight hours.

    Runs out = the first minute at which stock plus what is called and released falls below what is consumed;
    proposals do not count: nobody has been told of them yet.
    """
    now = snapshot.input.as_of
    rows: list[LineCover] = []
    lots, calls = snapshot.input.lots, snapshot.input.calls
    stock = np.bincount(lots.node[lots.usable], lots.qty[lots.usable], len(snapshot.nodes)).tolist()
    told = np.flatnonzero(calls.stage > 0)
    told = told[np.argsort(calls.node[told], kind="stable")]
    bounds = np.searchsorted(calls.node[told], np.arange(len(snapshot.nodes) + 1))
    for node, (item, _, area) in enumerate(snapshot.nodes):
        if area:
            promised = told[bounds[node] : bounds[node + 1]]
            rows.append(_cover(snapshot, result, node, UUID(item), UUID(area), stock[node], promised))
    LineCover.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["item", "area"],
        update_fields=[
            "stock",
            "burn_per_hour",
            "stock_out_at",
            "next_arrival_at",
            "next_arrival_quantity",
            "computed_at",
        ],
        batch_size=2000,
    )
    limit = moment_of(now + 8 * HOUR)
    return sum(1 for row in rows if row.stock_out_at is not None and row.stock_out_at <= limit)


def _cover(
    snapshot: Snapshot,
    result: PlanResult,
    node: int,
    item: UUID,
    area: UUID,
    stock: float,
    promised: np.ndarray,
) -> LineCover:
    """Cover of one node; `promised` = rows of `Calls` that somebody was told of."""
    given, now = snapshot.input, snapshot.input.as_of
    q = result.requirements
    low, high = int(q.first[node]), int(q.end[node])
    due, need = np.maximum(q.due[low:high], now), q.qty[low:high]
    eta = np.maximum(
        np.where(given.calls.eta[promised] > 0, given.calls.eta[promised], given.calls.end[promised]), now
    )
    coming = given.calls.qty[promised]
    out = runs_out(stock, due, need, eta, coming)
    soon = np.flatnonzero(coming > 0)
    first = soon[np.argmin(eta[soon])] if len(soon) else None
    ahead = need[due < now + 8 * HOUR]
    return (
        LineCover(
            item_id=item,
            area_id=area,
            stock=_exact(stock),
            burn_per_hour=_exact(_burn(due, need, now)),
            stock_out_at=moment_of(out) if out is not None else None,
            next_arrival_at=moment_of(eta[first]) if first is not None else None,
            next_arrival_quantity=_exact(float(coming[first])) if first is not None else Decimal(0),
            computed_at=clock.now(),
        )
        if len(ahead) or stock or len(coming) or out is not None
        else LineCover(item_id=item, area_id=area, computed_at=clock.now())
    )


def _burn(due: np.ndarray, need: np.ndarray, now: int) -> float:
    """Units per hour over the next hour with consumption (a break is no slow hour)."""
    later = need[(due >= now) & (due < now + 24 * HOUR)]
    if not len(later):
        return 0.0
    first = int(due[(due >= now) & (due < now + 24 * HOUR)].min())
    return float(need[(due >= first) & (due < first + HOUR)].sum())


def runs_out(
    stock: float, due: np.ndarray, need: np.ndarray, eta: np.ndarray, coming: np.ndarray
) -> int | None:
    """Return the minute at which consumption overtakes stock and arrivals, interpolated inside a slice."""
    order = np.argsort(eta, kind="stable")
    eta, arrived = eta[order], np.cumsum(coming[order])
    used = 0.0
    for index in range(len(due)):
        have = stock + (
            arrived[np.searchsorted(eta, due[index], side="right") - 1] if (eta <= due[index]).any() else 0.0
        )
        if used + need[index] > have + 1e-9:
            following = int(due[index + 1]) if index + 1 < len(due) else int(due[index]) + HOUR
            length = min(following - int(due[index]), HOUR)
            return int(due[index]) + int(length * max(have - used, 0.0) / need[index] + 1e-6)
        used += need[index]
    return None


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(STEP)
