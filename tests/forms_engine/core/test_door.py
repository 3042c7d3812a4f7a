"""The door: once, wholly, by those who may, with all errors at once."""

import pytest

from forms_engine.core.conflicts import VersionConflict
from forms_engine.core.run import ActionUnknown, RecordNotFound, action_run
from forms_engine.journal.models import OutboxEvent, RowChange
from forms_engine.kernel.errors import BadRequest, Denied, ErrorList, MesError
from jit.catalog.models import BomLine, Item, Unit

pytestmark = pytest.mark.django_db
UNIT = {"code": "PCE", "name": "piece"}
ALL = [{"entity": "*", "actions": ["*"]}]


def test_a_record_is_created_with_journal_and_event(admin):
    made = action_run(actor=admin, key="catalog.unit.create", raw=UNIT, request_id="r-1")
    unit = Unit.objects.get(pk=made.record_id)
    assert (unit.code, unit.name, unit.decimals, unit.version) == ("PCE", "piece", 0, 1)
    change = RowChange.objects.get(record_id=unit.pk)
    assert (change.verb, change.actor_id, change.request_id) == ("I", "system:test", "r-1")
    assert change.action == "catalog.unit.create" and change.new["code"] == "PCE"
    event = OutboxEvent.objects.get(record_id=unit.pk)
    assert event.topic == "catalog.unit.created" and "code" in event.payload["changed"]


def test_a_reference_may_be_an_id_or_a_number(admin):
    unit = action_run(actor=admin, key="catalog.unit.create", raw=UNIT).record_id
    one = action_run(actor=admin, key="catalog.item.create", raw={"code": "A", "unit": str(unit)})
    two = action_run(actor=admin, key="catalog.item.create", raw={"code": "B", "unit": "PCE"})
    assert {Item.objects.get(pk=r.record_id).unit_id for r in (one, two)} == {unit}


def test_all_errors_come_at_once(admin):
    with pytest.raises(ErrorList) as refused:
        action_run(
            actor=admin,
            key="catalog.item.create",
            raw={"unit": "NONE", "min_lot": "a lot", "mode": "WISHFUL"},
        )
    assert {(e.field, e.code) for e in refused.value} >= {
        ("code", "value.required"),
        ("unit", "reference.unknown"),
        ("mode", "choice.unknown"),
    }
    assert not Item.objects.exists()


def test_an_unknown_key_is_refused_not_ignored(admin):
    with pytest.raises(BadRequest) as refused:
        action_run(actor=admin, key="catalog.unit.create", raw={**UNIT, "is_superuser": True})
    assert refused.value.code == "body.field_unknown"


def test_a_system_field_is_never_taken(admin):
    for name in ("id", "version", "created_at"):
        with pytest.raises(BadRequest):
            action_run(actor=admin, key="catalog.unit.create", raw={**UNIT, name: "1"})


def test_an_update_changes_what_was_sent(admin):
    unit = action_run(actor=admin, key="catalog.unit.create", raw=UNIT).record_id
    done = action_run(actor=admin, key="catalog.unit.update", record=unit, raw={"name": "pieces"})
    row = Unit.objects.get(pk=unit)
    assert (row.name, row.code, row.version, done.data["version"]) == ("pieces", "PCE", 2, 2)


def test_an_update_that_changes_nothing_writes_nothing(admin):
    unit = action_run(actor=admin, key="catalog.unit.create", raw=UNIT).record_id
    action_run(actor=admin, key="catalog.unit.update", record=unit, raw=UNIT)
    assert Unit.objects.get(pk=unit).version == 1
    assert RowChange.objects.filter(record_id=unit).count() == 1


def test_a_stale_version_is_told_what_differs(admin):
    unit = action_run(actor=admin, key="catalog.unit.create", raw=UNIT).record_id
    action_run(actor=admin, key="catalog.unit.update", record=unit, raw={"name": "pieces"})
    with pytest.raises(VersionConflict) as refused:
        action_run(
            actor=admin,
            key="catalog.unit.update",
            record=unit,
            raw={"name": "Stück"},
            expected_version=1,
        )
    assert refused.value.params == {"version": 2, "differs": {"name": "pieces"}}


def test_the_same_key_does_it_once(admin):
    one = action_run(actor=admin, key="catalog.unit.create", raw=UNIT, idempotency_key="k")
    two = action_run(actor=admin, key="catalog.unit.create", raw=UNIT, idempotency_key="k")
    assert two.replayed and (one.record_id, one.data) == (two.record_id, two.data)
    assert Unit.objects.count() == 1


def test_the_same_key_for_another_body_is_refused(admin):
    action_run(actor=admin, key="catalog.unit.create", raw=UNIT, idempotency_key="k")
    with pytest.raises(MesError) as refused:
        action_run(actor=admin, key="catalog.unit.create", raw={**UNIT, "name": "x"}, idempotency_key="k")
    assert (refused.value.code, refused.value.status) == ("idempotency.key_reused", 422)


def test_a_refused_call_leaves_no_receipt(admin):
    with pytest.raises(ErrorList):
        action_run(actor=admin, key="catalog.unit.create", raw={}, idempotency_key="k")
    action_run(actor=admin, key="catalog.unit.create", raw=UNIT, idempotency_key="k")


def test_a_duplicate_is_an_error_of_its_field(admin):
    action_run(actor=admin, key="catalog.unit.create", raw=UNIT)
    with pytest.raises(ErrorList) as refused:
        action_run(actor=admin, key="catalog.unit.create", raw=UNIT)
    assert [(e.field, e.code) for e in refused.value] == [("code", "value.not_unique")]


def test_archive_and_restore(admin):
    unit = action_run(actor=admin, key="catalog.unit.create", raw=UNIT).record_id
    action_run(actor=admin, key="catalog.unit.archive", record=unit)
    assert Unit.objects.get(pk=unit).archived_at is not None
    with pytest.raises(MesError) as refused:
        action_run(actor=admin, key="catalog.unit.archive", record=unit)
    assert refused.value.status == 409
    action_run(actor=admin, key="catalog.unit.restore", record=unit)
    assert Unit.objects.get(pk=unit).archived_at is None


def test_without_a_grant_nothing_happens(admin, person):
    unit = action_run(actor=admin, key="catalog.unit.create", raw=UNIT).record_id
    reader = person("reader", [{"entity": "catalog.unit", "actions": ["read"]}])
    with pytest.raises(Denied):
        action_run(actor=reader, key="catalog.unit.create", raw={"code": "KG"})
    with pytest.raises(Denied):
        action_run(actor=reader, key="catalog.unit.update", record=unit, raw={"name": "x"})


def test_a_record_one_may_not_see_does_not_exist(admin, person):
    unit = action_run(actor=admin, key="catalog.unit.create", raw=UNIT).record_id
    blind = person("blind", [{"entity": "catalog.unit", "actions": ["*"], "condition": '{code} = "KGM"'}])
    with pytest.raises(RecordNotFound):
        action_run(actor=blind, key="catalog.unit.update", record=unit, raw={"name": "x"})


def test_a_hidden_field_answers_like_an_unknown_one(person):
    clerk = person("clerk", [{**ALL[0], "hidden_fields": ["decimals"]}])
    answers = []
    for name in ("decimals", "no_such_field"):
        with pytest.raises(BadRequest) as refused:
            action_run(actor=clerk, key="catalog.unit.create", raw={**UNIT, name: 1})
        answers.append((refused.value.code, refused.value.status))
    assert answers[0] == answers[1]


def test_a_read_only_field_is_an_error_at_its_name(person):
    clerk = person("clerk", [{**ALL[0], "read_only_fields": ["decimals"]}])
    with pytest.raises(ErrorList) as refused:
        action_run(actor=clerk, key="catalog.unit.create", raw={**UNIT, "decimals": 1})
    assert [(e.field, e.code) for e in refused.value] == [("decimals", "field.read_only")]


def test_an_unknown_action_or_record_is_not_found(admin):
    with pytest.raises(ActionUnknown):
        action_run(actor=admin, key="catalog.unit.explode")
    with pytest.raises(RecordNotFound):
        action_run(actor=admin, key="catalog.unit.update", record="not-an-id", raw={})


@pytest.fixture
def parts(admin):
    action_run(actor=admin, key="catalog.unit.create", raw=UNIT)
    for code in "ABC":
        action_run(actor=admin, key="catalog.item.create", raw={"code": code, "unit": "PCE"})


def lines_of(bom):
    rows = BomLine.objects.filter(bom_id=bom).order_by("line_no")
    return [(row.line_no, row.component.code, int(row.quantity_per)) for row in rows]


def test_lines_come_change_and_go_with_their_document(admin, parts):
    raw = {"item": "A", "lines": [{"component": "B", "quantity_per": "2"}, {"component": "C"}]}
    bom = action_run(actor=admin, key="test.bom.create", raw=raw).record_id
    assert lines_of(bom) == [(10, "B", 2), (20, "C", 0)]
    first = BomLine.objects.get(bom_id=bom, line_no=10)
    raw = {"lines": [{"id": str(first.pk), "quantity_per": "5"}, {"component": "C", "line_no": 30}]}
    action_run(actor=admin, key="test.bom.update", record=bom, raw=raw)
    assert lines_of(bom) == [(10, "B", 5), (30, "C", 0)]
    assert RowChange.objects.filter(entity_table="catalog_bomline").count() == 5


def test_an_error_in_a_line_names_line_and_field(admin, parts):
    raw = {"item": "A", "lines": [{"component": "B"}, {"component": "Z", "quantity_per": "much", "x": 1}]}
    with pytest.raises(ErrorList) as refused:
        action_run(actor=admin, key="test.bom.create", raw=raw)
    assert {e.field for e in refused.value} == {"lines.1.component", "lines.1.quantity_per", "lines.1.x"}


def test_a_line_of_another_document_is_refused(admin, parts):
    one = action_run(
        actor=admin, key="test.bom.create", raw={"item": "A", "lines": [{"component": "B"}]}
    ).record_id
    two = action_run(actor=admin, key="test.bom.create", raw={"item": "B"}).record_id
    line = BomLine.objects.get(bom_id=one)
    with pytest.raises(MesError) as refused:
        action_run(
            actor=admin,
            key="test.bom.update",
            record=two,
            raw={"lines": [{"id": str(line.pk), "quantity_per": "9"}]},
        )
    assert refused.value.code == "table.row_unknown"
