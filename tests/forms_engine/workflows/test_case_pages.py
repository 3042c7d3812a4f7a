"""What people see of a case: their inbox, the picture of where it stands, the page of a task."""

import pytest

from forms_engine.kernel.errors import NotFound
from forms_engine.workflows.selectors import cases_about, inbox_for, instance_picture, task_page
from tests.forms_engine.workflows.conftest import drawing


def test_the_inbox_shows_what_waits_what_was_begun_and_what_is_done(office):
    office.publish(drawing())
    case = office.request()
    assert inbox_for(office.li).counts == {"todo": 1, "started": 0, "done": 0}
    assert inbox_for(office.li).tasks[0].title == "kg"
    assert inbox_for(office.wang, "started").instances == (case,)
    office.answer(office.li, "approve", office.task(office.li, case))
    assert inbox_for(office.li).tasks == ()
    assert [task.outcome for task in inbox_for(office.li, "done").tasks] == ["approve"]
    assert inbox_for(office.zhao).counts == {"todo": 0, "started": 0, "done": 0}


def test_the_picture_says_where_it_stands_why_and_who_is_next(office):
    office.publish(drawing())
    case = office.request()
    office.answer(office.zhao, "return", office.task(office.zhao, case), comment="mend it")
    office.answer(office.wang, "submit", office.task(office.wang, case))
    case.refresh_from_db()
    picture = instance_picture(case)
    states = {node.id: node.state for node in picture.nodes}
    assert states == {
        "start": "passed",
        "approve": "current",
        "rename": "ahead",
        "yes": "ahead",
        "no": "ahead",
    }
    (current,) = [node for node in picture.nodes if node.state == "current"]
    assert (current.rounds, set(current.people)) == (2, {"li", "zhao"})
    why = picture.why[0].in_language("en")
    assert "round 2" in why and "wang submitted" in why
    assert "li, zhao" in picture.next[0].in_language("zh")
    assert "同意 → 执行动作（rename）" in picture.next[0].in_language("zh")
    verbs = [line.verb.in_language("en") for line in picture.history]
    assert verbs == ["started", "returned", "submitted"]
    walked = {(way.source, way.target) for way in picture.ways if way.is_walked}
    assert walked == {("start", "approve")}


def test_the_page_of_a_task_offers_what_may_be_done(office):
    office.publish(drawing())
    case = office.request()
    task = office.task(office.li, case)
    page = task_page(office.li, task.pk)
    assert (page.verdicts, page.may_answer) == (("approve", "reject", "return"), True)
    assert [node for node, _ in page.targets] == ["start"]
    assert page.step.in_language("zh") == "主管审批"
    assert not task_page(office.root, task.pk).may_answer
    with pytest.raises(NotFound):
        task_page(office.zhao, task.pk)
    office.answer(office.li, "approve", task)
    assert task_page(office.li, task.pk).verdicts == ()
    assert list(cases_about("catalog.unit", case.subject_id)) == [case]
