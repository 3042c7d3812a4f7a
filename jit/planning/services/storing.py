"""What a run found, into the tables: only what differs from the last run is touched (pull.md 25)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np

from forms_engine.base.aside import Aside
from forms_engine.kernel.ids import new_id_texts
from jit.algorithms.mrp.result import Change, PlanResult, Subject, Trouble
from jit.catalog.numbers import numbers_next
from jit.planning.models import PlanRun
from jit.planning.selectors.rows import moment_of
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services import columns
from jit.planning.services.forecasts import FORECAST, forecast_rows
from jit.planning.services.hurting import Hurting
from jit.planning.services.proposals import Changes
from jit.supply.services.call_off import calloffs_change
from jit.supply.services.proposing import Proposal, proposals_change, proposals_make

STEP = Decimal("0.000001")
#: 1 = the line stops, 2 = somebody must act, 3 = to know.
SEVERITY = {
    Trouble.FROZEN_SHORTAGE: 1,
    Trouble.UNCOVERED: 1,
    Trouble.NO_SOURCE: 1,
    Trouble.LATE: 1,
    Trouble.PAST_DUE: 2,
    Trouble.NO_BOM: 2,
    Trouble.PULL_IN: 2,
    Trouble.CYCLE: 1,
    Trouble.OVERDUE_RECEIPT: 2,
    Trouble.UNRELEASED: 2,
}
#: An enum asked for a member thousands of times is what shows in a run.
NAMES = {int(kind): kind.name for kind in Trouble}
CALL, RECEIPT = int(Subject.CALL), int(Subject.RECEIPT)
#: The table has walls, so nothing can be copied into it.
EXCEPTIONS = """
INSERT INTO planning_planexception (run_id, id, kind, severity, item_id, area_id, supplier_id, quantity, at,
  minutes, document, hurts)
SELECT %s, v.id, v.kind, v.severity, v.item, v.area, v.supplier, v.quantity / 1000000,
  to_timestamp(v.at * 60.0), v.minutes, coalesce(v.document, ''), v.hurts::jsonb
FROM unnest(%s::uuid[], string_to_array(%s, chr(31)), %s::smallint[], %s::uuid[], %s::uuid[], %s::uuid[],
  %s::numeric[], %s::bigint[], %s::int[], string_to_array(%s, chr(31)), string_to_array(%s, chr(31)))
  AS v(id, kind, severity, item, area, supplier, quantity, at, minutes, document, hurts)
"""


def exact(value: float) -> Decimal:
    """Return a planner quantity as the ledger's decimals, rounded half-even to six places (pull.md 16)."""
    return Decimal(repr(float(value))).quantize(STEP)


def calls_store(
    *, actor: Any, run: PlanRun, snapshot: Snapshot, result: PlanResult
) -> tuple[Changes, np.ndarray]:
    """Bring what was called already up to date: proposals quietly, what a supplier knows as a new version.

    Returns also the number of each call of the result (texts), "" for one that is not made; `calls_make`
    inserts the new ones under theirs.
    """
    c = result.calls
    lines = forecast_rows(result)
    fresh = _new(result)
    moved = np.flatnonzero((c.change == Change.CHANGED) & (c.old >= 0))
    gone = np.flatnonzero((c.change == Change.CANCELLED) & (c.old >= 0))
    numbers = np.full(len(c.old), "", object)
    numbers[lines] = FORECAST
    for row in np.flatnonzero(c.old >= 0).tolist():
        numbers[row] = snapshot.calls[c.old[row]].number
    numbers[fresh] = numbers_next("CO", len(fresh)) if len(fresh) else []
    _calls_changed(actor, run, snapshot, result, moved, gone)
    return Changes(len(fresh), len(moved), len(gone)), numbers


def _new(result: PlanResult) -> np.ndarray:
    """Return the calls that become proposals."""
    wanted = (result.calls.change == Change.NEW) & (result.calls.qty > 0)
    wanted[forecast_rows(result)] = False
    return np.flatnonzero(wanted)


def calls_make(
    *, run: PlanRun, snapshot: Snapshot, result: PlanResult, numbers: np.ndarray, writer: Aside
) -> None:
    """Insert the new proposals under the numbers that `calls_store` gave them."""
    rows = _new(result)
    proposals_make(
        run_id=run.pk,
        proposals=_proposals(snapshot, result, rows),
        numbers=numbers[rows].tolist(),
        writer=writer,
    )


def _calls_changed(
    actor: Any, run: PlanRun, snapshot: Snapshot, result: PlanResult, moved: np.ndarray, gone: np.ndarray
) -> None:
    """Proposals change at once; what a supplier was told becomes a new version of each."""
    c = result.calls
    wanted = {}
    for row in (*moved.tolist(), *gone.tolist()):
        before = snapshot.calls[c.old[row]]
        wanted[before] = exact(c.qty[row] if c.change[row] == Change.CHANGED else 0) + exact(before.received)
    proposals_change(
        quantities={call.id: str(quantity) for call, quantity in wanted.items() if call.state == "DRAFT"}
    )
    told = {UUID(call.id): quantity for call, quantity in wanted.items() if call.state != "DRAFT"}
    if told:
        calloffs_change(actor=actor, quantities=told, reason=run.number)


def _proposals(snapshot: Snapshot, result: PlanResult, rows: np.ndarray) -> list[Proposal]:
    c = result.calls
    made = []
    for row in rows.tolist():
        item, _, area = snapshot.nodes[c.node[row]]
        source, dock = snapshot.sources[c.source[row]]
        cycle = snapshot.cycles[item, area]
        made.append(
            Proposal(
                item=item,
                area=area,
                dock=dock,
                supplier=source.supplier,
                window_start=moment_of(c.end[row] - cycle.window),
                window_end=moment_of(c.end[row]),
                quantity=str(exact(c.qty[row])),
                pack_quantity=str(exact(source.own_pack or cycle.pack)),
                ship_at=moment_of(c.ship[row]),
            )
        )
    return made


def exceptions_store(*, run: PlanRun, snapshot: Snapshot, result: PlanResult, writer: Aside) -> int:
    """Write what a person should look at; returns how many."""
    e = result.exceptions
    if not len(e.node):
        return 0
    kinds, severities = zip(*((NAMES[kind], SEVERITY.get(kind, 3)) for kind in e.kind.tolist()), strict=True)
    keys = [snapshot.nodes[node] for node in e.node.tolist()]
    abouts = [
        _about(snapshot, result, about, ref)
        for about, ref in zip(e.about.tolist(), e.ref.tolist(), strict=True)
    ]
    hurting = Hurting(snapshot, result)
    hurts = [
        json.dumps(hurting.of(row), ensure_ascii=False) if severity < 3 else "[]"
        for row, severity in enumerate(severities)
    ]
    writer.execute(
        EXCEPTIONS,
        [
            run.pk,
            columns.ids(new_id_texts(len(keys))),
            columns.texts(kinds),
            columns.numbers(np.array(severities)),
            columns.ids([key[0] for key in keys]),
            columns.ids([key[2] for key in keys]),
            columns.ids([supplier for supplier, _ in abouts]),
            columns.numbers(columns.millionths(e.qty)),
            columns.numbers(e.minute, (e.minute > 0) & (e.minute < 1 << 40)),
            columns.numbers(np.minimum(e.minutes, 2_000_000_000)),
            columns.texts([document for _, document in abouts]),
            columns.texts(hurts),
        ],
    )
    return len(keys)


def _about(snapshot: Snapshot, result: PlanResult, about: int, ref: int) -> tuple[str | None, str]:
    """Return the supplier and the document an exception is about."""
    if ref < 0:
        return None, ""
    if about == CALL:
        old = int(result.calls.old[ref])
        supplier = snapshot.sources[result.calls.source[ref]][0].supplier
        return supplier, snapshot.calls[old].number if old >= 0 else ""
    if about == RECEIPT:
        return None, snapshot.receipts[ref]
    return None, ""
