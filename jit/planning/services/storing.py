"""What a run found, into the tables: only what differs from the last run is touched (pull.md 25)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np

from forms_engine.base import db
from jit.algorithms.mrp.result import Change, PlanResult, Subject, Trouble
from jit.planning.models import PlanException, PlanRun
from jit.planning.selectors.rows import moment_of
from jit.planning.selectors.snapshot import Snapshot
from jit.planning.services.forecasts import FORECAST, forecast_rows
from jit.planning.services.hurting import Hurting
from jit.planning.services.proposals import Changes
from jit.supply.models import CallOff
from jit.supply.services.call_off import calloff_change
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


def exact(value: float) -> Decimal:
    """Return a planner quantity as the ledger's decimals, rounded half-even to six places (pull.md 16)."""
    return Decimal(repr(float(value))).quantize(STEP)


def calls_store(
    *, actor: Any, run: PlanRun, snapshot: Snapshot, result: PlanResult
) -> tuple[Changes, list[str]]:
    """Upsert call-offs by key: proposals quietly, what a supplier knows as a new version.

    Returns also the number of each call of the result, "" for one that is not made.
    """
    c = result.calls
    lines = forecast_rows(result)
    fresh = np.setdiff1d(np.flatnonzero((c.change == Change.NEW) & (c.qty > 0)), lines)
    moved = np.flatnonzero((c.change == Change.CHANGED) & (c.old >= 0))
    gone = np.flatnonzero((c.change == Change.CANCELLED) & (c.old >= 0))
    numbers = [snapshot.calls[old].number if old >= 0 else "" for old in c.old.tolist()]
    for row in lines.tolist():
        numbers[row] = FORECAST
    made = proposals_make(run_id=run.pk, proposals=_proposals(snapshot, result, fresh))
    for row, number in zip(fresh.tolist(), made, strict=True):
        numbers[row] = number
    _calls_changed(actor, run, snapshot, result, moved, gone)
    return Changes(len(fresh), len(moved), len(gone)), numbers


def _calls_changed(
    actor: Any, run: PlanRun, snapshot: Snapshot, result: PlanResult, moved: np.ndarray, gone: np.ndarray
) -> None:
    """Proposals change at once; what a supplier was told becomes a new version, one by one."""
    c = result.calls
    wanted = {}
    for row in (*moved.tolist(), *gone.tolist()):
        before = snapshot.calls[c.old[row]]
        wanted[before] = exact(c.qty[row] if c.change[row] == Change.CHANGED else 0) + exact(before.received)
    proposals_change(
        quantities={call.id: str(quantity) for call, quantity in wanted.items() if call.state == "DRAFT"}
    )
    told = {call.id: quantity for call, quantity in wanted.items() if call.state != "DRAFT"}
    for row in CallOff.objects.filter(pk__in=list(told)).order_by("pk"):
        calloff_change(actor=actor, calloff=row, quantity=told[str(row.pk)], reason=run.number)


def _proposals(snapshot: Snapshot, result: PlanResult, rows: np.ndarray) -> list[Proposal]:
    c = result.calls
    made = []
    for row in rows.tolist():
        item, _, area = snapshot.nodes[c.node[row]]
        source, dock = snapshot.sources[c.source[row]]
        cycle = snapshot.rows.cycles[item, area]
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


def exceptions_store(*, run: PlanRun, snapshot: Snapshot, result: PlanResult) -> int:
    """Write what a person should look at; returns how many."""
    e = result.exceptions
    made, hurting = [], Hurting(snapshot, result)
    for row in range(len(e.node)):
        kind = Trouble(int(e.kind[row]))
        item, _, area = snapshot.nodes[e.node[row]]
        supplier, document = _about(snapshot, result, int(e.about[row]), int(e.ref[row]))
        made.append(
            PlanException(
                run=run,
                kind=kind.name,
                severity=SEVERITY.get(kind, 3),
                item_id=UUID(item),
                area_id=UUID(area) if area else None,
                supplier_id=supplier,
                quantity=exact(e.qty[row]),
                at=moment_of(e.minute[row]) if 0 < e.minute[row] < 1 << 40 else None,
                minutes=int(min(e.minutes[row], 2_000_000_000)),
                document=document,
                hurts=hurting.of(row) if SEVERITY.get(kind, 3) < 3 else [],
            )
        )
    _exceptions_insert(made)
    return len(made)


def _exceptions_insert(made: list[PlanException]) -> None:
    """Insert them by one statement; the table has walls, so it cannot be copied into."""
    if not made:
        return
    columns = [
        [row.pk for row in made],
        [row.kind for row in made],
        [row.severity for row in made],
        [row.item_id for row in made],
        [row.area_id for row in made],
        [row.supplier_id for row in made],
        [row.quantity for row in made],
        [row.at for row in made],
        [row.minutes for row in made],
        [row.document for row in made],
        [json.dumps(row.hurts, ensure_ascii=False) for row in made],
    ]
    with db.connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO planning_planexception (run_id, id, kind, severity, item_id, area_id, supplier_id, "
            "quantity, at, minutes, document, hurts) SELECT %s, v.* FROM unnest(%s::uuid[], %s::text[], "
            "%s::smallint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::numeric[], %s::timestamptz[], "
            "%s::int[], %s::text[], %s::jsonb[]) AS v",
            [made[0].run_id, *columns],
        )


def _about(snapshot: Snapshot, result: PlanResult, about: int, ref: int) -> tuple[UUID | None, str]:
    """Return the supplier and the document an exception is about."""
    if ref < 0:
        return None, ""
    if about == Subject.CALL:
        old = int(result.calls.old[ref])
        supplier = UUID(snapshot.sources[result.calls.source[ref]][0].supplier)
        return supplier, snapshot.calls[old].number if old >= 0 else ""
    if about == Subject.RECEIPT:
        return None, snapshot.receipts[ref]
    return None, ""
