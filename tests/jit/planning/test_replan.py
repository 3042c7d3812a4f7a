"""A burst of events makes two runs: one at once, one at the end of the quiet time that has seen them all."""

import pytest

from forms_engine.base.models import Job
from forms_engine.journal.events import event_types
from jit.planning.models import PlanRun
from jit.planning.services import replan
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_ten_scans_ask_for_two_runs():
    make.f0()
    made = [replan.run_soon(topic="supply.shipment.received") for _ in range(10)]
    assert [run is not None for run in made] == [True] + [False] * 9
    assert PlanRun.objects.count() == 1
    later = Job.objects.get(kind=replan.LATER)
    first = Job.objects.get(kind=replan.RUN)
    assert later.run_after == first.run_after + replan.QUIET


def test_a_plant_that_runs_sixty_times_as_fast_plans_again_sooner():
    quiet = [replan.quiet_time(speed).total_seconds() for speed in (0, 1, 4, 60, 240)]
    assert quiet == [60, 60, 15, 5, 5]


def test_a_run_by_itself_says_why():
    make.f0()
    run = replan.run_soon(topic="supply.calloff.replied")
    assert (run.reason, run.trigger) == ("REPLIED", "")
    assert set(replan.REASONS) <= set(event_types())
