"""Two at the same moment: one decides, the other is told; nobody waits for ever."""

import threading

import pytest
from django.db import connections

from forms_engine.journal.delivery import outbox_drain
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError
from forms_engine.workflows import services, tasks
from forms_engine.workflows.models import ActionRun, Instance, InstanceEvent, Task, Timer
from jit.catalog.models import Unit
from tests.forms_engine.workflows.conftest import drawing, make_office


@pytest.fixture
def office(transactional_db):
    return make_office()


def at_once(*works):
    """Do all of it at the same moment in threads; returns what each gave or raised, in order."""
    gate = threading.Barrier(len(works))
    found = [None] * len(works)

    def run(number, work):
        gate.wait()
        try:
            found[number] = work()
        except MesError as error:
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return found


def test_two_clicks_at_once_one_decides_and_the_other_gets_409(office):
    office.publish(drawing())
    for number in range(4):
        case = office.request(f"u{number}", "Unit")
        one, two = office.task(office.li, case), office.task(office.zhao, case)
        answers = at_once(
            lambda task=one: office.answer(office.li, "approve", task),
            lambda task=two: office.answer(office.zhao, "reject", task, comment="no"),
        )
        refused = [answer for answer in answers if isinstance(answer, MesError)]
        assert len(refused) == 1 and isinstance(refused[0], Conflict) and refused[0].status == 409
        case.refresh_from_db()
        wanted = ("rejected", "Unit") if isinstance(answers[0], MesError) else ("approved", "Unit ok")
        assert (case.result, Unit.objects.get(pk=case.subject_id).name) == wanted
        assert services.instance_check(case) == []


def test_twenty_clicks_of_one_person_decide_once(office):
    office.publish(drawing())
    case = office.request()
    task = office.task(office.li, case)
    answers = at_once(*[lambda: office.answer(office.li, "approve", task) for _ in range(20)])
    assert sum(not isinstance(answer, MesError) for answer in answers) == 1
    assert InstanceEvent.objects.filter(instance=case, kind="task_decided").count() == 1
    assert ActionRun.objects.filter(instance=case).count() == 1
    assert Unit.objects.get(code="kg").name == "Kilogram ok"


def test_all_who_have_to_agree_may_do_so_at_once(office):
    office.publish(drawing(mode="all"))
    case = office.request()
    one, two = office.task(office.li, case), office.task(office.zhao, case)
    answers = at_once(
        lambda: office.answer(office.li, "approve", one), lambda: office.answer(office.zhao, "approve", two)
    )
    assert not any(isinstance(answer, MesError) for answer in answers)
    case.refresh_from_db()
    assert (case.result, Unit.objects.get(code="kg").name) == ("approved", "Kilogram ok")
    assert [event.seq for event in case.events.order_by("seq")] == list(range(1, case.seq + 1))


def test_withdrawing_and_approving_at_once_one_wins(office):
    office.publish(drawing())
    case = office.request()
    task = office.task(office.li, case)
    answers = at_once(
        lambda: office.answer(office.li, "approve", task),
        lambda: services.instance_withdraw(actor=office.wang, instance=case),
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    case.refresh_from_db()
    assert case.result == ("withdrawn" if isinstance(answers[0], Conflict) else "approved")
    assert services.instance_check(case) == []


def test_one_event_delivered_by_many_begins_one_case(office):
    office.publish(drawing())
    unit = Unit.objects.create(code="t", name="Ton")
    begin = lambda: services.instance_start(  # noqa: E731
        actor=office.root, workflow="unit_approval", cause="event:1", subject_id=unit.pk
    )
    begun = at_once(*[begin] * 6)
    assert len({case.pk for case in begun}) == 1
    assert Task.objects.filter(instance=begun[0]).count() == 2


def test_many_schedulers_fire_a_timer_once(office):
    definition = drawing()
    definition["nodes"][0]["next"] = {"out": "wait"}
    definition["nodes"].append(
        {"id": "wait", "type": "timer", "options": {"minutes": 1}, "next": {"out": "approve"}}
    )
    office.publish(definition)
    cases = [office.request(f"u{number}", "Unit") for number in range(5)]
    Timer.objects.update(due_at=clock.now())
    at_once(*[tasks.timers_sweep] * 4)
    tasks.timers_sweep()
    for case in cases:
        assert InstanceEvent.objects.filter(instance=case, kind="timer_fired").count() == 1
        assert Task.objects.filter(instance=case, state="open").count() == 2
    assert set(Timer.objects.values_list("state", flat=True)) == {"fired"}
    assert Instance.objects.filter(is_stuck=True).count() == 0
    outbox_drain()
