"""What makes the plant alive at once: a released plan, a finished run, call-offs with the suppliers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.base import db
from forms_engine.kernel import clock
from jit.algorithms.mrp.run import plan
from jit.catalog.models import Item, Plant, WorkCentre
from jit.demo.plant import CUSTOMER, FETCHED_AFTER, ORDERED, SHIFT_HOURS, UNITS_PER_HOUR
from jit.planning.models import PlanRun, ProductionPlan
from jit.planning.selectors.snapshot import snapshot_read
from jit.planning.services.demand import demand_create
from jit.planning.services.plan import plan_create, plan_release
from jit.planning.services.run import run_execute
from jit.supply.services.call_off import calloff_release_many, proposals

SHIFTS = 3
CALLED = dt.timedelta(hours=6)


def opening_make(*, actor: Actor) -> PlanRun | None:
    """Release a plan for the running shift and the next two, plan, and call the first six hours.

    Returns the run, None when there is a plan already.
    """
    if ProductionPlan.objects.exists():
        return None
    # Compiles the kernels, if need be, outside a transaction: the server ends one that idles so long.
    plan(snapshot_read(as_of=clock.now(), horizon=clock.now() + CALLED).input)
    with db.atomic():
        values = _values()
        first = plan_create(actor=actor, values=values)
        for line in values["lines"]:
            demand_create(actor=actor, values=_ordered(values["plant"], line))
        # Not through `plan_submit`: its event would ask for an approval of what is released already.
        ProductionPlan.objects.filter(pk=first.pk).update(state=ProductionPlan.State.SUBMITTED)
        plan_release(actor=actor, plan=first)
    run = PlanRun.objects.filter(trigger=first.number).latest("created_at")
    run = run_execute(run_id=run.pk, actor=actor)
    calloff_release_many(actor=actor, calloffs=proposals(until=clock.now() + CALLED))
    return run


def _ordered(plant: Any, line: dict[str, Any]) -> dict[str, Any]:
    """What the customer ordered of a shift: without it every run would advise to cancel the work order."""
    return {
        "customer": CUSTOMER,
        "plant": plant,
        "item": line["item"],
        "quantity": line["quantity"] * ORDERED,
        "due_at": line["end_at"] + FETCHED_AFTER,
    }


def _values() -> dict[str, Any]:
    centre = WorkCentre.objects.get(code="L1")
    start = clock.now().replace(minute=0, second=0, microsecond=0)
    hours = dt.timedelta(hours=SHIFT_HOURS)
    return {
        "plant": Plant.objects.get(code="SH1").pk,
        "title": f"开班计划 {start.astimezone(clock.plant_zone()):%m-%d}",
        "lines": [
            {
                "item": Item.objects.get(code="QD-1000").pk,
                "work_centre": centre.pk,
                "quantity": UNITS_PER_HOUR * SHIFT_HOURS,
                "start_at": start + hours * index,
                "end_at": start + hours * (index + 1),
            }
            for index in range(SHIFTS)
        ],
    }
