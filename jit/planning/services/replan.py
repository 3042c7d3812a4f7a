"""Between runs: refresh line cover after a posting, and ask for a run when something changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
from django.db.models import Sum

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.base.jobs import job_start
from forms_engine.base.models import Job
from forms_engine.core.pushing import push_on_commit
from forms_engine.kernel import clock
from jit.planning.models import PlanRun, PlanRunNode
from jit.planning.selectors.netting import Netting
from jit.planning.selectors.rows import minute_of, moment_of
from jit.planning.services.cover import runs_out
from jit.planning.services.run import JOB as RUN
from jit.planning.services.run import run_request
from jit.stock.models import Balance
from jit.supply.models import CallOff, LineCover

#: Requests for a run inside this plant time become one, but not more than one every five real seconds.
QUIET = timedelta(seconds=60)
LEAST_QUIET = timedelta(seconds=5)
LATER = "planning.run_later"
COVER_TOPIC = "board:line"
COMING = (
    CallOff.State.RELEASED,
    CallOff.State.SENT,
    CallOff.State.ACKED,
    CallOff.State.CONFIRMED,
    CallOff.State.PARTIAL,
    CallOff.State.PREP,
    CallOff.State.PACKED,
    CallOff.State.SHIPPED,
    CallOff.State.AT_GATE,
    CallOff.State.UNLOADED,
)


#: The topics after which a run begins by itself.
REASONS = {
    "supply.calloff.replied": PlanRun.Reason.REPLIED,
    "shopfloor.workorder.released": PlanRun.Reason.ORDER_RELEASED,
    "shopfloor.workorder.done": PlanRun.Reason.ORDER_DONE,
    "supply.shipment.received": PlanRun.Reason.RECEIVED,
    "supply.receipt.blocked": PlanRun.Reason.RECEIVED,
    "stock.variance.opened": PlanRun.Reason.VARIANCE,
}


def run_soon(*, topic: str) -> PlanRun | None:
    """Queue a run now, or one at the end of the quiet time when another began within it; never two of them.

    So a burst of scans makes two runs: one at once, one that has seen them all. Returns None for the second.
    Jobs do not follow a simulated clock, so the quiet time is turned into real time here.
    """
    quiet = quiet_time(clock.speed())
    with db.atomic(), db.connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('planning.run_soon'))")
        since = clock.real_now() - quiet
        recent = (
            Job.objects.filter(kind__in=(RUN, LATER), run_after__gte=since).order_by("-run_after").first()
        )
        if recent is None:
            return run_request(actor=Actor.system("planning"), as_of=clock.now(), reason=REASONS[topic])
        if not Job.objects.filter(kind=LATER, state=Job.State.QUEUED).exists():
            later = job_start(actor=None, kind=LATER, params={"trigger": topic})
            Job.objects.filter(pk=later.pk).update(run_after=recent.run_after + quiet)
    return None


def quiet_time(speed: float) -> timedelta:
    """Return the real time in which requests become one; a clock that stands still counts as the real one."""
    return max(QUIET / speed, LEAST_QUIET) if speed > 1 else QUIET


def cover_refresh(*, items: Iterable[str], locations: Iterable[str]) -> int:
    """Work out again how long the given items last at the given places; returns how many rows changed."""
    now = clock.now()
    rows = list(
        LineCover.objects.filter(item_id__in=list(items), area_id__in=list(locations)).select_related("item")
    )
    if not rows:
        return 0
    nodes = {
        (node.item_id, node.area_id): node
        for node in PlanRunNode.objects.filter(item_id__in=[row.item_id for row in rows]).exclude(area=None)
    }
    for row in rows:
        row.stock = Balance.objects.filter(item_id=row.item_id, location_id=row.area_id).aggregate(
            total=Sum("quantity")
        )["total"] or Decimal(0)
        node = nodes.get((row.item_id, row.area_id))
        if node is not None:
            _cover_again(row, node, minute_of(now))
        row.computed_at = now
    LineCover.objects.bulk_update(
        rows, ["stock", "stock_out_at", "next_arrival_at", "next_arrival_quantity", "computed_at"]
    )
    push_on_commit([COVER_TOPIC, "supply.linecover"])
    return len(rows)


def _cover_again(row: LineCover, node: PlanRunNode, now: int) -> None:
    netting = Netting(node)
    due, need = netting.due[node.hard :], netting.need[node.hard :]
    eta, coming = arrivals(item_id=row.item_id, area_id=row.area_id, now=now)
    # What was due before now is consumed or will be reported late: only what is ahead empties the line.
    ahead = due >= now
    out = runs_out(float(row.stock), due[ahead], need[ahead], eta, coming)
    row.stock_out_at = moment_of(out) if out is not None else None
    row.next_arrival_at = moment_of(int(eta.min())) if len(eta) else None
    row.next_arrival_quantity = Decimal(repr(float(coming[np.argmin(eta)]))) if len(eta) else Decimal(0)


def arrivals(*, item_id: UUID, area_id: UUID, now: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what is called and still to come: minutes (never before now) and quantities."""
    rows = CallOff.objects.filter(item_id=item_id, area_id=area_id, state__in=COMING).values_list(
        "window_end", "promised_at", "quantity", "confirmed_quantity", "received_quantity"
    )
    eta, quantity = [], []
    for end, promised, wanted, confirmed, received in rows:
        rest = (wanted if confirmed is None else min(confirmed, wanted)) - received
        if rest > 0:
            eta.append(max(minute_of(promised or end), now))
            quantity.append(float(rest))
    return np.array(eta, "i8"), np.array(quantity, "f8")
