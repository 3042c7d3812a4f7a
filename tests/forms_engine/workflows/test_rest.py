"""Tasks through REST: the list is one's own inbox, an answer is an action, a late one is a 409."""

import json

import pytest
from django.test import Client

from forms_engine.access.models import User
from forms_engine.access.services import token_create
from tests.forms_engine.workflows.conftest import SYSTEM, drawing


@pytest.fixture
def client_of(office):
    def make(person):
        user = User.objects.get(pk=person.user_id)
        _, secret = token_create(actor=SYSTEM, user=user)
        client = Client(headers={"Authorization": f"Token {secret}"})

        def ask(method, path, body=None, **headers):
            sent = json.dumps(body) if body is not None else ""
            found = client.generic(
                method, f"/api/v1/{path}", sent, content_type="application/json", headers=headers
            )
            return found.status_code, json.loads(found.content)

        return ask

    return make


def test_an_approver_works_off_his_inbox_by_program(office, client_of):
    office.publish(drawing())
    case = office.request()
    li, zhao = client_of(office.li), client_of(office.zhao)
    _, listed = li("GET", 'workflows.task/?filter=["eq","state","open"]')
    (mine,) = listed["results"]
    assert (mine["title"], mine["person_name"], mine["kind"]) == ("kg", "li", "approve")
    theirs = office.task(office.zhao, case)
    assert li("GET", f"workflows.task/{theirs.pk}/")[0] == 404
    assert li("POST", f"workflows.task/{theirs.pk}/approve/", {})[0] in (403, 404)

    status, refused = li("POST", f"workflows.task/{mine['id']}/reject/", {})
    assert (status, refused["code"]) == (422, "workflows.task.comment_required")
    assert refused["title"]["zh"] == "请填写意见。"
    key = {"Idempotency-Key": "approve-kg"}
    status, _ = li("POST", f"workflows.task/{mine['id']}/approve/", {"comment": "fine"}, **key)
    assert status == 200
    assert li("POST", f"workflows.task/{mine['id']}/approve/", {"comment": "fine"}, **key)[0] == 200
    status, late = zhao("POST", f"workflows.task/{theirs.pk}/approve/", {})
    assert (status, late["code"]) == (409, "workflows.task.already_handled")
    case.refresh_from_db()
    assert case.result == "approved"


def test_an_administrator_publishes_a_drawing_by_program_and_reads_what_is_wrong(office, client_of):
    root = client_of(office.root)
    broken = drawing()
    del broken["nodes"][1]["next"]["rejected"]
    status, refused = root("POST", "do/workflows.workflow.publish/", {"definition": json.dumps(broken)})
    assert (status, refused["code"]) == (422, "workflows.workflow.unsound")
    assert {error["field"] for error in refused["errors"]} == {"nodes.approve", "nodes.no"}
    status, done = root("POST", "do/workflows.workflow.publish/", {"definition": json.dumps(drawing())})
    assert (status, done.get("number")) == (200, 1), done
