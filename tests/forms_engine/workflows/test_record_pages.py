"""The page of a record under approval: where its cases stand, whom they wait for, the answer right there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_engine.access import services as access
from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.models import User
from forms_engine.core import pushing
from forms_engine.workflows.selectors import cases_seen
from tests.forms_engine.workflows.conftest import OWN_TASKS, SYSTEM, drawing, page

UNITS = {"entity": "catalog.unit", "actions": ["read"]}


@pytest.fixture
def readers(office):
    """Approvers read units, too; there is a role `reader` that reads units and nothing of flows."""
    access.grants_set(actor=SYSTEM, role="approver", grants=[OWN_TASKS, UNITS])
    access.role_define(actor=SYSTEM, key="reader", label="Reader")
    access.grants_set(actor=SYSTEM, role="reader", grants=[UNITS])
    return office


@pytest.fixture
def chen(readers):
    access.user_create(actor=SYSTEM, username="chen", roles=["reader"])
    return user_actor(User.objects.get(username="chen"))


def test_the_record_says_where_its_case_stands_and_an_approver_answers_there(readers, browser_of):
    readers.publish(drawing())
    case = readers.request()
    address, task = f"/e/catalog.unit/{case.subject_id}/", readers.task(readers.li, case)
    li = browser_of(readers.li)
    shown = page(li, address)
    for words in ("Approval", "Unit approval", "waits for li, zhao", "(Approver)", "since ", ">started<"):
        assert words in shown, words
    assert f'action="/inbox/{task.pk}/"' in shown and 'value="reject"' in shown
    answer = {"verdict": "approve", "comment": "fine by me", "turn": "1", "back": "record"}
    answered = li.post(f"/inbox/{task.pk}/", answer)
    assert (answered.status_code, answered.url) == (302, address)
    after = page(li, address)
    assert "approved at “Chief approves”" in after and "fine by me" in after
    assert f"/inbox/{task.pk}/" not in after, "nothing is left to answer"


def test_the_page_of_a_case_has_the_section_too(readers, browser_of):
    readers.publish(drawing())
    case = readers.request()
    assert "waits for li, zhao" in page(browser_of(readers.root), f"/e/workflows.instance/{case.pk}/")
    readers.answer(readers.li, "reject", readers.task(readers.li, case), comment="no")
    (seen,) = cases_seen(readers.root, "catalog.unit", case.subject_id)
    assert seen.waits == ()


def test_it_speaks_chinese_and_whoever_holds_nothing_gets_no_buttons(readers, browser_of):
    readers.publish(drawing())
    case = readers.request()
    shown = page(browser_of(readers.wang, "zh-hans"), f"/e/catalog.unit/{case.subject_id}/")
    for words in (">审批<", "单位审批", "等待 li, zhao", "主管审批", "自 "):
        assert words in shown, words
    assert 'name="verdict"' not in shown


def test_who_may_see_nothing_of_a_case_reads_the_record_without_it(readers, chen, browser_of):
    readers.publish(drawing())
    case = readers.request()
    shown = page(browser_of(chen), f"/e/catalog.unit/{case.subject_id}/")
    assert "Unit approval" not in shown and "Chief approves" not in shown
    outside = Actor(id="s", kind="link", name="Supplier", supplier_id=case.pk)
    assert outside.is_outside and cases_seen(outside, "catalog.unit", case.subject_id) == ()


def test_a_grant_for_own_cases_shows_own_cases_only(readers, chen):
    own = {"entity": "workflows.instance", "actions": ["read"], "condition": "{initiator} = USER()"}
    access.grants_set(actor=SYSTEM, role="reader", grants=[UNITS, own])
    access.grants_set(
        actor=SYSTEM, role="requester", grants=[{"entity": "catalog.unit", "actions": ["*"]}, own]
    )
    readers.publish(drawing())
    case = readers.request()
    seen = cases_seen(readers.wang, "catalog.unit", case.subject_id)
    assert [one.instance for one in seen] == [case]
    assert cases_seen(chen, "catalog.unit", case.subject_id) == ()
    assert len(cases_seen(readers.li, "catalog.unit", case.subject_id)) == 1, "he holds a task of it"


def test_a_hidden_comment_stays_hidden(readers, chen, browser_of):
    tasks = {"entity": "workflows.task", "actions": ["read"], "hidden_fields": ["comment", "person_name"]}
    access.grants_set(actor=SYSTEM, role="reader", grants=[UNITS, tasks])
    readers.publish(drawing())
    case = readers.request()
    back = {"target": "start", "comment": "the code is odd"}
    readers.answer(readers.li, "return", readers.task(readers.li, case), **back)
    address = f"/e/catalog.unit/{case.subject_id}/"
    assert "the code is odd" in page(browser_of(readers.zhao), address)
    shown = page(browser_of(chen), address)
    assert "returned at “Chief approves”" in shown and "the code is odd" not in shown
    assert "zhao" not in shown


def test_comments_need_the_right_on_the_task_or_a_part_in_the_case(readers, chen, browser_of):
    cases = {"entity": "workflows.instance", "actions": ["read"]}
    access.grants_set(actor=SYSTEM, role="reader", grants=[UNITS, cases])
    readers.publish(drawing())
    case = readers.request()
    back = {"target": "start", "comment": "the code is odd"}
    readers.answer(readers.li, "return", readers.task(readers.li, case), **back)
    address = f"/e/catalog.unit/{case.subject_id}/"

    def said_to(person):
        shown = page(browser_of(person), address)
        assert "returned at “Chief approves”" in shown
        return "the code is odd" in shown

    assert not said_to(chen), "he may read cases, not what approvers wrote at their tasks"
    assert "the code is odd" not in page(browser_of(chen), f"/e/workflows.instance/{case.pk}/")
    assert said_to(readers.wang) and said_to(readers.li) and said_to(readers.zhao)
    of_li = {"entity": "workflows.task", "actions": ["read"], "condition": '{person_name} = "li"'}
    access.grants_set(actor=SYSTEM, role="reader", grants=[UNITS, cases, of_li])
    assert said_to(chen), "the task li wrote it at is his to read"
    of_wang = of_li | {"condition": '{person_name} = "wang"'}
    access.grants_set(actor=SYSTEM, role="reader", grants=[UNITS, cases, of_wang])
    assert not said_to(chen)
    chief = readers.task(readers.wang, case)
    assert "the code is odd" not in page(browser_of(chen), f"/inbox/{chief.pk}/")
    assert "the code is odd" in page(browser_of(readers.wang), f"/inbox/{chief.pk}/")


def test_a_step_that_opens_fields_is_filled_in_on_its_own_page(readers, browser_of):
    readers.publish(drawing())
    case = readers.request()
    back = {"target": "start", "comment": "mend"}
    readers.answer(readers.li, "return", readers.task(readers.li, case), **back)
    shown = page(browser_of(readers.wang), f"/e/catalog.unit/{case.subject_id}/")
    assert f'href="/inbox/{readers.task(readers.wang, case).pk}/"' in shown


def test_statements_do_not_grow_with_cases_and_people(readers):
    readers.publish(drawing())
    case = readers.request()
    cases_seen(readers.root, "catalog.unit", case.subject_id)  # drawings are read once per process

    def counted():
        with CaptureQueriesContext(connection) as seen:
            found = cases_seen(readers.root, "catalog.unit", case.subject_id)
        return len(found), len(seen)

    one = counted()
    for _ in range(3):
        readers.answer(readers.li, "reject", readers.task(readers.li, case), comment="no")
        case = readers.again(case)
    four = counted()
    assert (one[0], four[0]) == (1, 4)
    assert one[1] == four[1] <= 4


def test_every_step_tells_open_pages_of_the_record(readers, django_capture_on_commit_callbacks):
    readers.publish(drawing())
    case = readers.request()
    heard = []
    pushing.push_through(heard.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            readers.answer(readers.li, "reject", readers.task(readers.li, case), comment="no")
    finally:
        pushing._pushes.remove(heard.append)
    assert f"catalog.unit:{case.subject_id}" in heard
