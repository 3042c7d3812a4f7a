"""The promises of this room hold after work, and notice who breaks them behind our back."""

import pytest
from django.db import connections

from forms_engine.base.invariants import invariants_broken
from forms_engine.workflows.models import Instance
from tests.forms_engine.workflows.conftest import drawing, make_office


@pytest.fixture
def office(transactional_db):
    return make_office()


@pytest.mark.parametrize(
    ("key", "sabotage"),
    [
        ("I11 tasks", "UPDATE workflows_task SET person_id = '{wang}' WHERE outcome = 'approve'"),
        ("I12 cases", "DELETE FROM workflows_task WHERE state = 'open' AND person_name = 'li'"),
        ("I12 cases", "ALTER TABLE workflows_workflowversion DISABLE TRIGGER takt_flow_frozen"),
        ("I12 cases", "UPDATE workflows_instance SET seq = seq + 1 WHERE status = 'running'"),
        (
            "I12 fold",
            "UPDATE workflows_instance SET position = jsonb_set(position, '{{result}}', '\"rejected\"') "
            "WHERE status = 'done'",
        ),
    ],
)
def test_a_broken_promise_is_reported(office, key, sabotage):
    office.publish(drawing())
    done, _open = office.request("kg"), office.request("m")
    office.answer(office.li, "approve", office.task(office.li, done))
    ours = lambda: {k: v for k, v in invariants_broken(deep=True).items() if k[:3] in ("I11", "I12")}  # noqa: E731
    assert ours() == {}
    assert Instance.objects.count() == 2
    with connections["owner"].cursor() as cursor:
        cursor.execute(sabotage.format(wang=office.wang.user_id))
    assert key in ours()
