"""The inbox as a person sees it: boxes, a task, its answers, refusals that keep what was typed."""

from django.test import Client

from forms_engine.access import services as access
from forms_engine.kernel import clock
from forms_engine.workflows.models import Task
from jit.catalog.models import Unit
from tests.forms_engine.workflows.conftest import OWN_TASKS, SYSTEM, drawing, page, role


def test_a_task_is_found_read_and_approved(office, browser_of):
    office.publish(drawing())
    case = office.request()
    li = browser_of(office.li)
    shown = page(li, "/inbox/")
    task = office.task(office.li, case)
    assert f"/inbox/{task.pk}/" in shown and "Chief approves" in shown
    one = page(li, f"/inbox/{task.pk}/")
    plant_time = task.opened_at.astimezone(clock.plant_zone()).strftime("since %Y-%m-%d %H:%M")
    for words in ("Waits for li, zhao", "started at", "Chief approves", 'value="reject"', plant_time):
        assert words in one, words
    answered = li.post(f"/inbox/{task.pk}/", {"verdict": "approve", "comment": "ok", "turn": "1"})
    assert (answered.status_code, answered.url) == (302, "/inbox/")
    assert f"{Unit.objects.get(pk=case.subject_id).code}: approved" in page(li, "/inbox/")
    case.refresh_from_db()
    assert case.result == "approved"
    assert f"/inbox/{task.pk}/" in page(li, "/inbox/?box=done")
    assert f"/e/catalog.unit/{case.subject_id}/" in page(browser_of(office.wang), "/inbox/?box=started")


def test_the_page_speaks_chinese(office, browser_of):
    office.publish(drawing())
    case = office.request()
    shown = page(browser_of(office.li, "zh-hans"), f"/inbox/{office.task(office.li, case).pk}/")
    for words in ("主管审批", "等待 li, zhao", "同意", "退回", "拒绝"):
        assert words in shown, words


def test_who_may_not_read_the_record_is_told_so_and_steps_have_names(office, browser_of):
    """An approver without the right saw no record and no word about it, and steps by their ids."""
    office.publish(drawing())
    case = office.request()
    li = browser_of(office.li, "zh-hans")
    address = f"/inbox/{office.task(office.li, case).pk}/"
    shown = page(li, address)
    assert "您无权查看" in shown
    assert "执行动作（rename）" in shown and "结束（no）" in shown and ">start<" not in shown
    read = {"entity": "catalog.unit", "actions": ["read"]}
    access.grants_set(actor=SYSTEM, role="approver", grants=[OWN_TASKS, read])
    assert "您无权查看" not in page(li, address)


def test_a_refusal_keeps_what_was_typed_and_says_why(office, browser_of):
    office.publish(drawing(comment_for=["approve"]))
    case = office.request()
    li, task = browser_of(office.li), office.task(office.li, case)
    refused = li.post(f"/inbox/{task.pk}/", {"verdict": "approve", "comment": "", "turn": "1"})
    assert refused.status_code == 422
    assert "Please say why." in refused.content.decode()
    office.answer(office.zhao, "reject", office.task(office.zhao, case), comment="no")
    late = li.post(f"/inbox/{task.pk}/", {"verdict": "approve", "comment": "my words", "turn": "1"})
    assert late.status_code == 409
    assert "already handled" in late.content.decode()


def test_a_returned_request_is_mended_and_sent_again(office, browser_of):
    office.publish(drawing())
    case = office.request()
    li = browser_of(office.li)
    back = {"verdict": "return", "target": "start", "comment": "mend", "turn": "1"}
    assert li.post(f"/inbox/{office.task(office.li, case).pk}/", back).status_code == 302
    revise = office.task(office.wang, case)
    wang = browser_of(office.wang)
    assert 'value="submit"' in page(wang, f"/inbox/{revise.pk}/")
    wang.post(f"/inbox/{revise.pk}/", {"verdict": "submit", "turn": "1"})
    assert office.task(office.li, case).round == 2


def test_a_step_shows_inputs_for_the_fields_it_opens(office, browser_of):
    definition = drawing()
    definition["nodes"][0]["next"] = {"out": "fill"}
    definition["nodes"].append(
        {
            "id": "fill",
            "type": "fill_form",
            "options": {"who": role("approver"), "fields": {"dimension": "edit"}},
            "next": {"out": "approve"},
        }
    )
    office.publish(definition)
    case = office.request()
    li, task = browser_of(office.li), office.task(office.li, case)
    shown = page(li, f"/inbox/{task.pk}/")
    assert 'name="dimension"' in shown and 'name="code"' not in shown
    li.post(f"/inbox/{task.pk}/", {"verdict": "submit", "turn": "1", "dimension": "mass"})
    assert Unit.objects.get(code="kg").dimension == "mass"
    assert Task.objects.get(pk=task.pk).outcome == "submit"


def test_nobody_sees_the_tasks_of_others(office, browser_of):
    office.publish(drawing())
    case = office.request()
    zhao = browser_of(office.zhao)
    assert zhao.get(f"/inbox/{office.task(office.li, case).pk}/").status_code == 404
    assert Client().get("/inbox/").status_code == 302
    watched = page(browser_of(office.root), f"/inbox/{office.task(office.li, case).pk}/")
    assert 'name="verdict"' not in watched, "an administrator may look, not answer for others"
