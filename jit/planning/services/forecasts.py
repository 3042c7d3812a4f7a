"""Schedule lines: what suppliers will be called for beyond the JIT horizon (pull.md 21).

They are no documents: orders of a kind of their own in the packs of proposals. When their window enters the
horizon the run proposes a call-off and the line goes.
"""

from __future__ import annotations

import numpy as np

from jit.algorithms.mrp.result import CallType, PlanResult
from jit.planning.models import PlannedOrder
from jit.planning.selectors import planned
from jit.planning.selectors.planned import halves, places
from jit.planning.selectors.snapshot import Snapshot

FORECAST = PlannedOrder.Kind.FORECAST.value
#: More than the minutes since 1970 of any horizon.
MINUTES = 1 << 26


def forecast_rows(result: PlanResult) -> np.ndarray:
    """Return the calls of a result that are schedule lines; a call that exists already stays a call."""
    c = result.calls
    return np.flatnonzero((c.kind == CallType.FORECAST) & (c.old < 0) & (c.qty > 0))


def forecasts_found(
    *, snapshot: Snapshot, result: PlanResult, makers: list[str], maker_of: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the schedule lines of a run, one for each node, supplier and window end, as `proposals.Wanted`.

    Args: makers: the suppliers. maker_of: the supplier of each source, row of `makers`.
    """
    c, rows, width = result.calls, forecast_rows(result), len(makers) + 1
    keys = (c.node[rows].astype("i8") * width + maker_of[c.source[rows]]) * MINUTES + c.end[rows]
    wanted, first, place = np.unique(keys, return_index=True, return_inverse=True)
    quantity = np.bincount(place, c.qty[rows], len(wanted))
    took = rows[first]
    return {
        "kind": np.full(len(took), planned.FORECAST, "i8"),
        "node": c.node[took].astype("i8"),
        "maker": maker_of[c.source[took]],
        "blocked": np.zeros(len(took), bool),
        "old": _lived_on(snapshot, makers, wanted),
        "need": c.end[took],
        "start": c.start[took],
        "finish": c.end[took],
        "quantity": quantity,
        "good": quantity,
    }


def _lived_on(snapshot: Snapshot, makers: list[str], wanted: np.ndarray) -> np.ndarray:
    """Return for each wanted key the row of the snapshot's orders that has it already, -1 = none."""
    old, width = snapshot.proposals, len(makers) + 1
    maker = places(halves(makers), old.supplier)
    known = (snapshot.pack_nodes >= 0) & (maker >= 0) & (old.kind == planned.FORECAST)
    base = np.where(known, (snapshot.pack_nodes * width + maker) * MINUTES, -1)[old.pack]
    rows = np.flatnonzero(base >= 0)
    found = places(base[rows] + old.need[rows], wanted)
    return np.where(found >= 0, rows[found], -1) if len(rows) else np.full(len(wanted), -1)
