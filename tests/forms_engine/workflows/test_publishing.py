"""A drawing is proved before it is in force, and then never changes."""

import pytest
from django.db import Error, connection, transaction

from forms_engine.core.query import QuerySpec, query_page, record_get
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import Denied, ErrorList, NotFound
from forms_engine.workflows import services
from forms_engine.workflows.engine.graph import Graph
from forms_engine.workflows.errors import FlowPaused, FlowUnknown, FlowUnsound
from forms_engine.workflows.models import Instance, InstanceEvent, Workflow, WorkflowVersion
from forms_engine.workflows.selectors import graph_of
from tests.forms_engine.workflows.conftest import drawing, role


def test_a_new_version_leaves_running_cases_on_theirs(office):
    first = office.publish(drawing())
    old = office.request("kg")
    changed = drawing()
    changed["nodes"][2]["options"]["inputs"][0]["value"] = '{name} & " (second)"'
    second = office.publish(changed)
    new = office.request("m", "Metre")
    assert (first.number, second.number) == (1, 2)
    assert (old.flow_version, new.flow_version) == (first, second)
    for case in (old, new):
        office.answer(office.li, "approve", office.task(office.li, case))
    names = {unit["code"]: unit["name"] for unit in query_page(office.root, "catalog.unit", QuerySpec()).rows}
    assert names == {"kg": "Kilogram ok", "m": "Metre (second)"}


def test_an_unchanged_drawing_stays_the_version_it_is(office):
    first = office.publish(drawing())
    moved = drawing()
    moved["nodes"][0]["at"] = [10, 20]
    assert office.publish(moved) == first
    assert office.publish(Graph.load(drawing()).to_yaml()) == first
    assert WorkflowVersion.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"definition": {}}, {"number": 9}, {"digest": "x"}, {"published_at": None}]
)
def test_the_database_refuses_to_change_a_published_version(office, change):
    version = office.publish(drawing())
    with pytest.raises(Error, match="never changes"), transaction.atomic():
        WorkflowVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(Error, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflows_workflowversion WHERE id = %s", [version.pk])
    assert graph_of(version.pk).digest == version.digest


def test_the_past_of_a_case_is_only_added_to(office):
    office.publish(drawing())
    office.request()
    for write in (lambda rows: rows.update(kind="forged"), lambda rows: rows.delete()):
        with pytest.raises(Error), transaction.atomic():
            write(InstanceEvent.objects.all())


@pytest.mark.parametrize(
    ("node", "options", "code", "at"),
    [
        (2, {"action": "catalog.unit.fly"}, "flow.action_unknown", "nodes.rename"),
        (2, {"action": "catalog.item.update"}, "flow.action_elsewhere", "nodes.rename"),
        (2, {"inputs": [{"name": "wings", "value": "2"}]}, "flow.input_unknown", "nodes.rename"),
        (2, {"inputs": [{"name": "name", "value": "{colour}"}]}, "flow.field_unknown", "nodes.rename"),
        (1, {"who": role("astronaut")}, "flow.role_unknown", "nodes.approve"),
        (0, {"event": "catalog.unit.exploded"}, "flow.event_unknown", "nodes.start"),
        (0, {"when": "{name} >"}, "flow.option", "nodes.start"),
    ],
)
def test_what_does_not_exist_today_is_named(office, node, options, code, at):
    definition = drawing()
    definition["nodes"][node]["options"] |= options
    with pytest.raises(FlowUnsound) as refused:
        office.publish(definition)
    assert (code, at) in {(error.code, error.field) for error in refused.value.errors}
    assert not Workflow.objects.exists()


def test_an_unsound_drawing_is_refused_at_its_node(office):
    definition = drawing()
    del definition["nodes"][1]["next"]["rejected"]
    with pytest.raises(FlowUnsound) as refused:
        action_run(
            actor=office.root,
            key="workflows.workflow.publish",
            raw={"definition": Graph.load(definition).to_yaml()},
        )
    fields = {error.field for error in refused.value.errors}
    assert fields == {"nodes.approve", "nodes.no"}  # its open way out, and the end nothing leads to


def test_text_that_is_no_flow_is_refused(office):
    with pytest.raises(ErrorList):
        action_run(
            actor=office.root, key="workflows.workflow.publish", raw={"definition": "- what\n- is: this"}
        )


def test_only_who_may_publish_publishes(office):
    raw = {"definition": Graph.load(drawing()).to_yaml()}
    with pytest.raises(Denied):
        action_run(actor=office.li, key="workflows.workflow.publish", raw=raw)
    done = action_run(actor=office.root, key="workflows.workflow.publish", raw=raw)
    assert done.data == {"slug": "unit_approval", "number": 1}


def test_a_paused_flow_begins_nothing_and_goes_on_with_what_runs(office):
    version = office.publish(drawing())
    case = office.request("kg")
    services.workflow_pause(actor=office.root, workflow=version.workflow, is_paused=True)
    assert office.request("m") is None
    with pytest.raises(FlowPaused):
        services.instance_start(actor=office.root, workflow="unit_approval", cause="x")
    office.answer(office.li, "approve", office.task(office.li, case))
    case.refresh_from_db()
    assert case.status == "done"


def test_a_flow_begun_by_hand(office):
    definition = drawing()
    definition["nodes"][0]["options"] = {"trigger": "button"}
    office.publish(definition)
    assert office.request("kg") is None
    unit = query_page(office.root, "catalog.unit", QuerySpec()).rows[0]
    raw = {"workflow": "unit_approval", "subject": str(unit["id"])}
    begun = action_run(actor=office.root, key="workflows.instance.start", raw=raw)
    assert Instance.objects.get(pk=begun.record_id).lit == ["approve"]
    with pytest.raises(FlowUnknown):
        action_run(actor=office.root, key="workflows.instance.start", raw={"workflow": "nothing"})


def test_tasks_and_cases_come_through_the_one_list_with_its_rights(office):
    office.publish(drawing())
    case = office.request()
    mine = query_page(office.li, "workflows.task", QuerySpec(filter=["eq", "state", "open"])).rows
    assert [row["person_name"] for row in mine] == ["li"]
    assert "token" not in record_get(office.li, "workflows.task", mine[0]["id"])
    theirs = office.task(office.zhao, case)
    with pytest.raises(NotFound):
        record_get(office.li, "workflows.task", theirs.pk)
    every = query_page(office.root, "workflows.task", QuerySpec(sort=("person_name",))).rows
    assert [row["person_name"] for row in every] == ["li", "zhao"]
    assert record_get(office.root, "workflows.instance", case.pk)["title"] == "kg"
    assert query_page(office.root, "workflows.workflow", QuerySpec()).rows[0]["slug"] == "unit_approval"
    assert query_page(office.root, "workflows.version", QuerySpec()).rows[0]["number"] == 1
