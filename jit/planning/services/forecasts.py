"""Schedule lines: what suppliers will be called for beyond the JIT horizon (pull.md 21).

They are no documents: rows beside the planned orders, by the thousand, replaced where they differ. When their
window enters the horizon the run proposes a call-off and the line goes.
"""

from __future__ import annotations

import numpy as np

from forms_engine.base import db
from jit.algorithms.mrp.result import CallType, PlanResult
from jit.planning.models import PlannedOrder
from jit.planning.selectors.planned import halves, mixed, places
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services.copying import orders_copy, uuids_packed

FORECAST = PlannedOrder.Kind.FORECAST.value
#: More than the minutes since 1970 of any horizon.
MINUTES = 1 << 26
TINY = 1e-6


def forecast_rows(result: PlanResult) -> np.ndarray:
    """Return the calls of a result that are schedule lines; a call that exists already stays a call."""
    c = result.calls
    return np.flatnonzero((c.kind == CallType.FORECAST) & (c.old < 0) & (c.qty > 0))


def forecasts_store(*, snapshot: Snapshot, result: PlanResult) -> tuple[int, int, int]:
    """Insert new lines, change those of another quantity, delete the rest; returns how many of each."""
    c, rows = result.calls, forecast_rows(result)
    makers = {key: row for row, key in enumerate(sorted({made.supplier for made, _ in snapshot.sources}))}
    width = max(len(makers), 1)
    maker_of = np.array([makers[source.supplier] for source, _ in snapshot.sources] or [0], "i8")
    keys = (c.node[rows].astype("i8") * width + maker_of[c.source[rows]]) * MINUTES + c.end[rows]
    wanted, first, place = np.unique(keys, return_index=True, return_inverse=True)
    quantity = np.bincount(place, c.qty[rows], len(wanted))
    old = snapshot.forecasts
    nodes = mixed(*(halves(key[part] for key in snapshot.nodes) for part in range(3)))
    node = places(nodes, mixed(old.item, old.plant, old.area))
    maker = places(halves(makers), old.supplier)
    known = np.where((node >= 0) & (maker >= 0), (node * width + maker) * MINUTES + old.need, -1)
    at = np.minimum(np.searchsorted(wanted, known), max(len(wanted) - 1, 0))
    stays = wanted[at] == known if len(wanted) else np.zeros(len(known), bool)
    gone = old.id[~stays].tolist()
    other = np.flatnonzero(stays)
    other = other[np.abs(old.quantity[other] - quantity[at[other]]) > TINY]
    moved = dict(zip(old.id[other].tolist(), quantity[at[other]].tolist(), strict=True))
    with db.connection().cursor() as cursor:
        if gone:
            cursor.execute("DELETE FROM planning_plannedorder WHERE id = ANY(%s)", [gone])
        if moved:
            cursor.execute(
                "UPDATE planning_plannedorder p SET quantity = v.quantity, good_quantity = v.quantity "
                "FROM unnest(%s::bigint[], %s::float8[]) AS v(id, quantity) WHERE p.id = v.id",
                [list(moved), list(moved.values())],
            )
    fresh = np.flatnonzero(~np.isin(wanted, known[stays]))
    if len(fresh):
        _insert(snapshot, result, rows[first[fresh]], quantity[fresh])
    return len(fresh), len(moved), len(gone)


def _insert(snapshot: Snapshot, result: PlanResult, rows: np.ndarray, quantity: np.ndarray) -> None:
    c = result.calls
    items, plants, areas = (uuids_packed([key[part] for key in snapshot.nodes]) for part in range(3))
    makers = uuids_packed([row.supplier for row, _ in snapshot.sources])
    node, every = c.node[rows], np.ones(len(rows), bool)
    orders_copy(
        kinds=np.zeros(len(rows), "i8"),
        kind_names={0: FORECAST},
        plant=plants[node],
        item=items[node],
        area=areas[node],
        has_area=every,
        source=makers[c.source[rows]],
        has_source=every,
        quantity=quantity,
        good=quantity,
        start=c.start[rows],
        finish=c.end[rows],
        need=c.end[rows],
        blocked=~every,
    )
