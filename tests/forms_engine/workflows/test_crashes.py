"""Kill -9 at every boundary inside a step: afterwards there is exactly one of each effect."""

import os
import signal

import pytest
from django.db import connections

from forms_engine.base.jobs import job_run_all
from forms_engine.core.run import action_of, action_run
from forms_engine.journal import delivery
from forms_engine.journal.delivery import outbox_drain
from forms_engine.journal.models import Delivery, OutboxEvent
from forms_engine.kernel import clock
from forms_engine.workflows import services, tasks
from forms_engine.workflows.models import ActionRun, Instance, Task, Timer
from forms_engine.workflows.services import stepping
from jit.catalog.models import Unit
from tests.forms_engine.workflows.conftest import drawing, make_office


def killed(work, *, after: int | None = None) -> bool:
    """Do `work` in a process that kills itself after so many orders of a step, or before a delivery is noted.

    Returns whether it was killed; False means the work came to its end first.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            die_after_orders(after) if after else die_before_the_note()
            work()
            connections.close_all()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die_after_orders(number):
    original, count = stepping.perform, 0

    def perform(order, case):
        nonlocal count
        answer = original(order, case)
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    stepping.perform = perform


def die_before_the_note():
    original = delivery._done

    def done(claims):
        if any(claim.subscriber == "workflows.start" for claim in claims):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(claims)

    delivery._done = done


def lease_runs_out():
    """Let a minute pass for the outbox: the dead worker's claims are free again."""
    Delivery.objects.filter(state="WAITING").update(claimed_until=None)


@pytest.fixture
def office(transactional_db):
    return make_office()


def make_unit(office, code):
    made = action_run(actor=office.wang, key="catalog.unit.create", raw={"code": code, "name": "Unit"})
    return made.record_id


def exactly_once(case):
    """Assert that every effect of a case exists exactly once."""
    assert services.instance_check(case) == []
    assert services.instances_broken() == []
    tickets = list(Task.objects.filter(instance=case).values_list("ticket", flat=True))
    assert len(tickets) == len(set(tickets)) == 2
    opened = OutboxEvent.objects.filter(topic="workflows.task.opened", payload__instance_id=str(case.pk))
    assert opened.count() == 2
    assert OutboxEvent.objects.filter(topic="workflows.instance.started", record_id=case.pk).count() == 1


def test_killed_while_a_case_begins(office):
    office.publish(drawing())
    deaths = 0
    for after in range(1, 5):
        unit = make_unit(office, f"s{after}")
        deaths += killed(outbox_drain, after=after)
        lease_runs_out()
        outbox_drain()
        case = Instance.objects.get(subject_id=unit)
        exactly_once(case)
        assert case.lit == ["approve"]
    assert deaths == 3  # find people, and a task for each of two


def test_killed_between_the_case_and_the_note_that_it_was_delivered(office):
    office.publish(drawing())
    outbox_drain()
    unit = make_unit(office, "kg")
    assert killed(outbox_drain)
    assert Instance.objects.filter(subject_id=unit).count() == 1
    lease_runs_out()
    outbox_drain()
    exactly_once(Instance.objects.get(subject_id=unit))


def test_killed_while_an_answer_is_carried_out(office):
    office.publish(drawing())
    deaths = 0
    for after in range(1, 6):
        make_unit(office, f"a{after}")
        outbox_drain()
        case = Instance.objects.latest("started_at")
        task = office.task(office.li, case)
        died = killed(lambda task=task: office.answer(office.li, "approve", task), after=after)
        deaths += died
        case.refresh_from_db()
        assert case.status == ("running" if died else "done")
        if died:
            assert Unit.objects.get(pk=case.subject_id).name == "Unit", "nothing of the step may stay"
            office.answer(office.li, "approve", task)
        case.refresh_from_db()
        assert case.result == "approved"
        assert Unit.objects.get(pk=case.subject_id).name == "Unit ok"
        assert ActionRun.objects.filter(instance=case, state="done").count() == 1
        ended = OutboxEvent.objects.filter(topic="workflows.instance.ended", record_id=case.pk)
        assert ended.count() == 1
        exactly_once(case)
    assert deaths == 4  # close two tasks, run the action, end


def test_killed_while_a_timer_fires(office):
    definition = drawing()
    definition["nodes"][0]["next"] = {"out": "wait"}
    definition["nodes"].append(
        {"id": "wait", "type": "timer", "options": {"minutes": 1}, "next": {"out": "approve"}}
    )
    office.publish(definition)
    unit = make_unit(office, "kg")
    outbox_drain()
    Timer.objects.update(due_at=clock.now())
    assert killed(tasks.timers_sweep, after=2)
    assert Timer.objects.get().state == "open"
    assert tasks.timers_sweep() == 1
    exactly_once(Instance.objects.get(subject_id=unit))


def test_a_background_action_answers_when_its_job_is_over(office, monkeypatch):
    definition = drawing()
    definition["nodes"][2]["options"] = {
        "action": "workflows.instance.start",
        "on_record": False,
        "inputs": [{"name": "workflow", "value": '"follow_up"'}],
    }
    follow_up = drawing(slug="follow_up")
    follow_up["nodes"][0]["options"] = {"trigger": "button"}
    office.publish(definition)
    office.publish(follow_up)
    monkeypatch.setattr(action_of("workflows.instance.start"), "background", True)
    make_unit(office, "kg")
    outbox_drain()
    case = Instance.objects.get()
    office.answer(office.li, "approve", office.task(office.li, case))
    case.refresh_from_db()
    assert case.lit == ["rename"]
    assert tasks.action_runs_sweep() == 0, "its job has not run yet"
    job_run_all()
    assert killed(tasks.action_runs_sweep, after=1)
    assert tasks.action_runs_sweep() == 1
    case.refresh_from_db()
    assert case.result == "approved"
    assert ActionRun.objects.get(instance=case).state == "done"
    assert Instance.objects.filter(workflow__slug="follow_up").count() == 1
    assert services.instance_check(case) == []


@pytest.mark.parametrize("sabotage", ["task gone", "position old", "task left open"])
def test_the_recovery_sweep_sees_and_mends_what_should_never_happen(office, sabotage):
    office.publish(drawing())
    make_unit(office, "kg")
    outbox_drain()
    case = Instance.objects.get()
    if sabotage == "task gone":
        office.task(office.zhao, case).delete()
    elif sabotage == "position old":
        Instance.objects.filter(pk=case.pk).update(seq=1, position={"visits": [], "tickets": []})
    else:
        task = office.task(office.li, case)
        Task.objects.create(
            instance=case,
            ticket=99,
            visit=99,
            node="approve",
            kind="approve",
            person_id=task.person_id,
            title="?",
        )
    case.refresh_from_db()
    assert services.instance_check(case)
    assert services.instances_broken() == [case.pk]
    assert tasks.recovery_sweep() == 1
    case.refresh_from_db()
    assert services.instance_check(case) == []
    assert services.instances_broken() == []
    office.answer(office.zhao, "approve", office.task(office.zhao, case))
    assert Unit.objects.get(code="kg").name == "Unit ok"
