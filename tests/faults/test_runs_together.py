"""Plan runs beside each other and beside what people do meanwhile, on connections of their own."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections

from forms_engine.access.walls import walls
from jit.planning.models import PlanRun
from jit.planning.services.run import run_execute, run_request
from jit.shopfloor.services import work_order as orders
from jit.supply.models import CallOff, CallOffReply, CallOffVersion
from jit.supply.services import call_off
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
EVENING = make.at(16) - timedelta(days=1)
G1 = [200, 100, 150, 100, 150, 100]
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'planning_planrunnode'::regclass"


@pytest.fixture
def plant():
    """F0 with the work order of G1."""
    built = make.f0()
    make.routing(built.product, built.work_centre, seconds=60)
    order = orders.work_order_create(
        actor=make.system(), item=built.product, work_centre=built.work_centre, quantity=Decimal(480),
        planned_start=make.at(8), planned_end=make.at(16),
    )  # fmt: skip
    built.order = orders.work_order_release(actor=make.system(), work_order=order)
    return built


def asked() -> PlanRun:
    return run_request(actor=make.system(), as_of=EVENING, horizon_end=EVENING + timedelta(days=1))


def plan() -> PlanRun:
    return run_execute(run_id=asked().pk, actor=make.system())


def sent(plant) -> list[CallOff]:
    """Plan, release and send everything."""
    plan()
    for row in CallOff.objects.order_by("window_end"):
        call_off.calloff_release(actor=make.system(), calloff=row)
    call_off.calloff_mark_sent(calloff_ids=[row.pk for row in CallOff.objects.all()])
    return list(CallOff.objects.order_by("window_end"))


def quantities() -> list[int]:
    live = CallOff.objects.exclude(state__in=("CANCELLED", "DECLINED"))
    return [int(row.quantity) for row in live.order_by("window_end")]


def beside(work) -> threading.Thread:
    """Do something on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


class Meanwhile:
    """A progress function that lets something happen once the run has read its snapshot and thought."""

    def __init__(self, work) -> None:
        self.work, self.reads = work, 0

    def __call__(self, done: int, total: int) -> None:
        if done == 1:
            self.reads += 1
        if done == 2 and self.reads == 1:
            beside(self.work).join()


def test_the_second_run_waits_and_reads_what_the_first_wrote(plant):
    """Both asked at once: six call-offs, not twelve, and the second finds nothing to do."""
    one, two = asked(), asked()
    finished: list[str] = []
    others: list[threading.Thread] = []

    def second() -> None:
        run_execute(run_id=two.pk, actor=make.system())
        finished.append("second")

    def until_it_waits(done: int, total: int) -> None:
        if done == 2:
            others.append(beside(second))
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                with connection.cursor() as cursor:
                    cursor.execute(WAITING)
                    if cursor.fetchone()[0]:
                        time.sleep(3.5)  # longer than a page's lock may wait: a run has more patience
                        return
                time.sleep(0.05)
            pytest.fail("the second run did not wait")

    run_execute(run_id=one.pk, actor=make.system(), progress=until_it_waits)
    finished.append("first")
    others[0].join(60)
    assert finished == ["first", "second"]
    assert quantities() == G1
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.counts["calls"] == {"new": 6, "changed": 0, "cancelled": 0}
    assert two.counts["calls"] == {"new": 0, "changed": 0, "cancelled": 0}
    assert two.state == PlanRun.State.DONE


@pytest.mark.parametrize("kind", ["LESS", "REFUSE", "CONFIRM"])
def test_an_answer_given_during_a_run_is_kept_and_planned_with(plant, kind):
    """The run wants to take the last call-off back; its supplier answers it between reading and writing."""
    last = sent(plant)[-1]
    plant.order.quantity, plant.order.planned_end = Decimal(240), make.at(12)
    plant.order.save()

    def answer() -> None:
        with walls(make.system()):
            call_off.calloff_reply(
                actor=make.system(), calloff=last, kind=CallOffReply.Kind[kind], reason="press down",
                quantity=Decimal(40) if kind == "LESS" else None,
            )  # fmt: skip

    meanwhile = Meanwhile(answer)
    run = run_execute(run_id=asked().pk, actor=make.system(), progress=meanwhile)
    assert meanwhile.reads == 2  # the first snapshot was stale: nothing of it was written
    assert run.state == PlanRun.State.DONE
    last.refresh_from_db()
    reply = CallOffReply.objects.get(calloff=last)
    assert reply.kind == kind
    if kind == "CONFIRM":  # answered, not packed: the run may still take it back, as a version of its own
        assert (last.state, last.quantity) == ("CANCELLED", 0)
        assert CallOffVersion.objects.get(calloff=last, revision=2).delta == -100
    else:  # the answer is the new firm quantity; the run calls no more for it and takes nothing back
        assert (last.state, last.quantity, last.confirmed_quantity) == (
            ("PARTIAL", 100, 40) if kind == "LESS" else ("DECLINED", 100, 0)
        )
    assert CallOffReply.objects.count() == 1


def test_a_proposal_released_during_a_run_is_not_changed_behind_the_buyer(plant):
    """The run wants to shrink a proposal; the buyer releases it meanwhile: it becomes a version 2."""
    plan()
    plant.order.quantity, plant.order.planned_end = Decimal(240), make.at(12)
    plant.order.save()
    last = CallOff.objects.order_by("window_end").last()

    def release() -> None:
        with walls(make.system()):
            call_off.calloff_release(actor=make.system(), calloff=last)

    meanwhile = Meanwhile(release)
    run_execute(run_id=asked().pk, actor=make.system(), progress=meanwhile)
    last.refresh_from_db()
    assert meanwhile.reads == 2
    versions = [(row.revision, int(row.delta)) for row in CallOffVersion.objects.filter(calloff=last)]
    assert sorted(versions) == [(1, 100), (2, -100)]
    assert last.state == "CANCELLED"


def test_a_demand_changed_during_a_run_is_seen_by_the_next(plant):
    """What the run did not touch does not stop it: it plans with what it read, the next run with the rest."""

    def grow() -> None:
        plant.order.quantity = Decimal(240)
        plant.order.save()

    meanwhile = Meanwhile(grow)
    run_execute(run_id=asked().pk, actor=make.system(), progress=meanwhile)
    assert (meanwhile.reads, quantities()) == (1, G1)
    plan()
    assert sum(quantities()) == 300
