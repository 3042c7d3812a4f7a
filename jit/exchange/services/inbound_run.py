"""A data set of inbound requirements from its folder to the store, every step through the door."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from forms_engine.access.actor import Actor
from forms_engine.access.walls import walls
from forms_engine.core.run import action_run
from forms_engine.kernel import clock
from jit.exchange.selectors import InboundProof, inbound_proof
from jit.exchange.services.folders import FolderResult, import_folder
from jit.stock.models import HandlingUnit
from jit.supply.models import PlannedTruck, Shipment
from jit.supply.selectors import RECEIVABLE

Tell = Callable[[str], None]
#: A package on its way; a line of progress every so many scans.
NOT_YET = (HandlingUnit.State.PACKED, HandlingUnit.State.IN_TRANSIT)
TOLD_EACH = 1_000
ENTITY = "supply.inboundrequirement"


@dataclass(slots=True)
class InboundRun:
    """What came of the walk: the import, answers of the steps, seconds by step, the proof."""

    folder: FolderResult
    proof: InboundProof
    answers: dict[str, Any]
    seconds: dict[str, float]


def inbound_run(
    *, actor: Actor, folder: Path, zone: str, as_of: datetime, receive: str = "asn", tell: Tell | None = None
) -> InboundRun:
    """Import, plan, release, approve extra trucks, announce and receive one folder, at `as_of`.

    Args:
        receive: "asn" = one scan for each notice, "package" = one for each label, "none" = nothing.
    """
    answers: dict[str, Any] = {}
    seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def timed(name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        seconds[name] = time.perf_counter() - begun

    with _clock_at(as_of):
        with timed("import"):
            found = import_folder(actor=actor, folder=folder, zone=zone, as_of=as_of, tell=tell)
        batch = found.batch
        with timed("plan"):
            answers["plan"] = _do(actor, f"{ENTITY}.plan", batch, doors_as_needed=True)
        with timed("release"):
            answers["release"] = _do(actor, f"{ENTITY}.release", batch)
        with timed("approve"):
            answers["approve"] = _approve(actor, batch)
        with timed("announce"):
            answers["announce"] = _do(actor, f"{ENTITY}.announce", batch)
        if receive != "none":
            with timed("receive"):
                answers["receive"] = (
                    _packages_scan(actor, batch, tell)
                    if receive == "package"
                    else _notices_scan(actor, batch)
                )
        with walls(actor):
            proof = inbound_proof(batch=batch)
    return InboundRun(found, proof, answers, seconds)


@contextlib.contextmanager
def _clock_at(moment: datetime) -> Iterator[None]:
    """Let the plant's clock stand at a moment; afterwards it runs as before (real, or set)."""
    is_real = abs((clock.real_now() - clock.now()).total_seconds()) < 5
    before = clock.now()
    clock.set(moment)
    try:
        yield
    finally:
        clock.set(None if is_real else before)


def _do(actor: Actor, key: str, batch: str, **raw: Any) -> dict[str, Any]:
    return dict(action_run(actor=actor, key=key, raw={"batch": batch, **raw}).data)


def _approve(actor: Actor, batch: str) -> int:
    """Agree to every extra truck, one by one, as a person would."""
    with walls(actor):
        waiting = list(
            PlannedTruck.objects.filter(batch=batch, state=PlannedTruck.State.TO_APPROVE).order_by("number")
        )
    for truck in waiting:
        action_run(actor=actor, key="supply.plannedtruck.approve", record=truck.pk)
    return len(waiting)


def _shipments(actor: Actor, batch: str) -> list[Shipment]:
    with walls(actor):
        trucks = list(PlannedTruck.objects.filter(batch=batch).values_list("pk", flat=True))
        found = Shipment.objects.filter(truck__in=trucks, state__in=RECEIVABLE)
        return list(found.order_by("arrives_at", "number"))


def _notices_scan(actor: Actor, batch: str) -> int:
    """Scan every notice at the arrival of its truck and count it as announced."""
    shipments = _shipments(actor, batch)
    for shipment in shipments:
        clock.set(shipment.arrives_at)
        action_run(
            actor=actor,
            key="supply.shipment.receive",
            record=shipment.pk,
            raw={},
            idempotency_key=f"scan:{shipment.number}",
        )
    return len(shipments)


def _packages_scan(actor: Actor, batch: str, tell: Tell | None) -> int:
    """Scan every label that was not scanned yet, one by one; a walk that was broken off goes on."""
    count, begun = 0, time.perf_counter()
    for shipment in _shipments(actor, batch):
        clock.set(shipment.arrives_at)
        with walls(actor):
            lines = list(shipment.lines.values_list("pk", flat=True))
            codes = list(
                HandlingUnit.objects.filter(shipment_line_id__in=lines, state__in=NOT_YET).values_list(
                    "code", flat=True
                )
            )
        for code in sorted(codes):
            action_run(actor=actor, key="stock.handlingunit.receive", raw={"code": code})
            count += 1
            if tell is not None and count % TOLD_EACH == 0:
                tell(f"{count} packages scanned, {time.perf_counter() - begun:.0f} s")
    return count
