"""The robots keep a plant alive by themselves: each acts on the real processes, and the books hold."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from forms_engine.access.actor import Actor
from forms_engine.base.invariants import invariants_broken
from forms_engine.journal.models import Delivery
from forms_engine.kernel import clock
from forms_engine.packages.services import package_install
from jit.config.boot.paths import ROOT
from jit.config.boot.plant_clock import PlantClock
from jit.demo.people import people_make
from jit.demo.plant import plant_make
from jit.planning.models import PlanRun, ProductionPlan
from jit.shopfloor.models import WorkOrder
from jit.stock.selectors import ledger_violations
from jit.supply.models import CallOff, Receipt, Shipment
from tests.live_services import LiveServices

pytestmark = [pytest.mark.services(only=()), pytest.mark.slow]  # all start below, on a fast clock
ACTOR = Actor.system("demo")
SPEED = 480  # plant minutes in a real one: the loop takes about four plant hours
PATIENCE = 240.0
#: Robots who must have said something; the suppliers' names begin alike.
ROBOTS = ("模拟计划员", "模拟审批人", "模拟采购员", "模拟仓管", "模拟操作工", "模拟·")

#: What must come about, in this order, and how it is seen.
MILESTONES: tuple[tuple[str, Callable[[], object]], ...] = (
    ("planned", lambda: ProductionPlan.objects.filter(title__startswith="模拟计划").exists()),
    ("approved", lambda: ProductionPlan.objects.filter(state=ProductionPlan.State.RELEASED).exists()),
    ("run", lambda: PlanRun.objects.filter(state=PlanRun.State.DONE).exists()),
    ("released", lambda: CallOff.objects.exclude(released_at=None).exists()),
    ("confirmed", lambda: CallOff.objects.exclude(confirmed_quantity=None).exists()),
    ("shipped", lambda: Shipment.objects.exclude(departed_at=None).exists()),
    ("reported", lambda: WorkOrder.objects.filter(good_quantity__gt=0).exists()),
    ("received", lambda: Receipt.objects.exclude(shipment=None).exists()),
)


@pytest.fixture
def fast_plant(services: LiveServices) -> Iterator[LiveServices]:
    """The demo plant without its opening plan, so that all planning is the robots'; its clock runs fast."""
    package_install(actor=ACTOR, folder=settings.BASE_DIR / "jit" / "packages" / "jit_mes")
    people_make(actor=ACTOR, supplier=plant_make(actor=ACTOR))
    now = clock.real_now()
    services.environment["TAKT_CLOCK"] = PlantClock(now, now, SPEED).line()
    services.start()
    clock.run(SPEED, moment=now, origin=now)
    yield services
    clock.set(None)
    services.stop()
    del services.environment["TAKT_CLOCK"]
    services.used_by = "a plant ahead of its time"  # the next file begins on a fresh clone


@pytest.fixture
def robots(fast_plant: LiveServices) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The simulator, started as the demo starts it, and its log."""
    log = fast_plant.log("simulator")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "django", "demo_simulator", "--speed", f"{SPEED}"],
            cwd=ROOT,
            env=fast_plant.environment | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    yield process, log
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_robots_run_the_whole_loop_and_the_books_hold(robots):
    process, log = robots
    for name, seen in MILESTONES:
        _wait(name, seen, process, log)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    _wait("delivered events", lambda: not Delivery.objects.filter(state=Delivery.State.WAITING).exists())

    said = log.read_text()
    assert [name for name in ROBOTS if name not in said] == []
    assert "Traceback" not in said
    assert WorkOrder.objects.filter(good_quantity__gt=0).exclude(state=WorkOrder.State.PLANNED).exists()
    assert ledger_violations() == {}
    assert invariants_broken(deep=True) == {}


def _wait(
    name: str,
    seen: Callable[[], object],
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
) -> None:
    """Look twice a second until it has come about; a robot that ended or time that is up fails the test."""
    end = time.monotonic() + PATIENCE
    while not seen():
        words = log.read_text()[-3000:] if log else ""
        assert process is None or process.poll() is None, f"the simulator ended:\n{words}"
        assert time.monotonic() < end, f"never {name}:\n{words}"
        time.sleep(0.5)
