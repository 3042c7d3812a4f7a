"""Entities made by an admin: real tables, at once usable, on every path."""

import json
import threading
import uuid

import pytest
from django.db import connections

from forms_engine.core import entity as nouns
from forms_engine.core.entity import UnknownEntity, entity
from forms_engine.core.query import QuerySpec, query_json, query_page
from forms_engine.core.run import action_run
from forms_engine.core.services import entity_define, field_add, schema_publish
from forms_engine.core.services.schemas import BadKey, KeyTaken
from forms_engine.journal.models import RowChange
from forms_engine.kernel.errors import BadRequest, Denied, ErrorList
from forms_engine.kernel.schema import FieldSpec, Schema
from forms_engine.tables.protection import protection_problems
from jit.catalog.models import Item, Unit

pytestmark = pytest.mark.django_db(transaction=True)

LOG = Schema(
    (
        FieldSpec("number", "serial", {"en": "Number", "zh": "编号"}, options={"pattern": "F-{####}"}),
        FieldSpec("furnace", "text", {"en": "Furnace", "zh": "炉号"}, required=True),
        FieldSpec("weight", "decimal", {"en": "Weight", "zh": "重量"}, index=True),
        FieldSpec("item", "reference", {"en": "Item", "zh": "物料"}, options={"target": "catalog.item"}),
    )
)


@pytest.fixture
def furnace(admin):
    entity_define(actor=admin, key="x.furnace_log", label={"en": "Furnace log", "zh": "炉次"}, schema=LOG)


@pytest.fixture
def item(transactional_db):
    return Item.objects.create(code="A", name="a", unit=Unit.objects.create(code="PCE"))


def test_a_new_entity_is_a_table_with_walls_and_works_at_once(admin, furnace, item):
    assert protection_problems(["x_furnace_log"]) == []
    raw = {"furnace": "7", "weight": "12.50", "item": "A"}
    made = action_run(actor=admin, key="x.furnace_log.create", raw=raw, idempotency_key="k")
    action_run(actor=admin, key="x.furnace_log.update", record=made.record_id, raw={"weight": "13"})
    row = query_page(admin, "x.furnace_log").rows[0]
    assert (row["furnace"], str(row["weight"]), row["version"]) == ("7", "13.000000", 2)
    assert row["item"] == {"id": item.pk, "label": "A"} and row["number"] == "F-0001"
    shown = json.loads(query_json(admin, "x.furnace_log", QuerySpec(filter=["ge", "weight", 13])))
    assert shown["results"][0]["weight"] == "13"
    assert RowChange.objects.filter(record_id=made.record_id).count() == 2


def test_a_dry_run_changes_nothing(admin):
    planned = entity_define(actor=admin, key="x.furnace_log", label="Log", schema=LOG, dry_run=True)
    assert any("x_furnace_log" in step for step in planned.steps)
    with pytest.raises(UnknownEntity):
        entity("x.furnace_log")


@pytest.mark.parametrize("key", ["furnace", "x.Furnace", "x.", 'x.a"b', "catalog.thing", "x." + "a" * 60])
def test_a_key_of_the_wrong_form_is_refused(admin, key):
    with pytest.raises(BadKey):
        entity_define(actor=admin, key=key, label="Log", schema=LOG)


def test_a_key_is_taken_once(admin, furnace):
    with pytest.raises(KeyTaken):
        entity_define(actor=admin, key="x.furnace_log", label="Log", schema=LOG)


def test_a_schema_with_mistakes_is_refused_whole(admin):
    wrong = Schema((FieldSpec("id", "text"), FieldSpec("a", "no_type"), FieldSpec("a", "text")))
    with pytest.raises(ErrorList) as refused:
        entity_define(actor=admin, key="x.bad", label="Bad", schema=wrong)
    assert len(refused.value) >= 3


def test_only_who_may_publish_publishes(person, transactional_db):
    clerk = person("clerk", [{"entity": "catalog.*", "actions": ["*"]}])
    with pytest.raises(Denied):
        entity_define(actor=clerk, key="x.mine", label="Mine", schema=LOG)


def test_a_field_added_to_a_typed_entity_works_in_form_list_filter_and_journal(admin, item):
    field_add(
        actor=admin, entity_key="catalog.item", spec=FieldSpec("heat", "text", {"en": "Heat", "zh": "炉号"})
    )
    action_run(actor=admin, key="catalog.item.update", record=item, raw={"x_heat": "炉 7", "name": "b"})
    rows = query_page(admin, "catalog.item", QuerySpec(filter=["contains", "x_heat", "7"])).rows
    assert [(row["x_heat"], row["name"]) for row in rows] == [("炉 7", "b")]
    change = RowChange.objects.filter(record_id=item.pk).latest("id")
    assert change.new["x_heat"] == "炉 7"
    item.refresh_from_db()
    item.save()  # the static class knows nothing of the column and leaves it alone
    assert query_page(admin, "catalog.item").rows[0]["x_heat"] == "炉 7"
    made = action_run(actor=admin, key="catalog.item.create", raw={"code": "B", "unit": "PCE", "x_heat": "8"})
    assert made.record_id
    assert len(query_page(admin, "catalog.item", QuerySpec(filter=["eq", "x_heat", "8"]))) == 1


def test_an_added_field_needs_its_prefix(admin, item):
    with pytest.raises(ErrorList):
        schema_publish(actor=admin, entity_key="catalog.item", schema=Schema((FieldSpec("heat", "text"),)))


def test_a_changed_type_names_the_rows_at_risk_and_loses_nothing(admin, furnace):
    for weight in ("1", "2"):
        action_run(actor=admin, key="x.furnace_log.create", raw={"furnace": f"no {weight}"})
    noun = entity("x.furnace_log")
    fields = tuple(s.but(type="integer") if s.name == "furnace" else s for s in noun.schema)
    planned = schema_publish(actor=admin, entity_key="x.furnace_log", schema=Schema(fields), dry_run=True)
    assert [(risk["field"], risk["rows"]) for risk in planned.risks] == [("furnace", 2)]
    done = schema_publish(actor=admin, entity_key="x.furnace_log", schema=Schema(fields))
    assert done.quarantined == {"furnace": 2}


def test_another_process_meets_the_new_schema_at_its_next_call(admin, furnace):
    """The other process is played by the catalogue this one held before the publication."""

    before = nouns.entities()
    field_add(actor=admin, entity_key="x.furnace_log", spec=FieldSpec("shift", "text"))
    nouns._entities = before
    made = action_run(actor=admin, key="x.furnace_log.create", raw={"furnace": "1", "shift": "night"})
    assert made.record_id
    nouns._entities = before
    assert query_page(admin, "x.furnace_log", QuerySpec(filter=["eq", "shift", "night"])).rows
    nouns._entities = before
    assert query_page(admin, "x.furnace_log").rows[0]["shift"] == "night"
    with pytest.raises(BadRequest):
        action_run(actor=admin, key="x.furnace_log.create", raw={"furnace": "1", "nothing": "x"})


def test_two_hundred_parallel_creates_get_two_hundred_numbers(admin, furnace):
    failures = []

    def work():
        try:
            for _ in range(25):
                action_run(actor=admin, key="x.furnace_log.create", raw={"furnace": "1"})
        except Exception as error:  # noqa: BLE001 - shown by the assert below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = [row for row in query_page(admin, "x.furnace_log", QuerySpec(size=500))]
    assert not failures
    assert sorted(row["number"] for row in rows) == [f"F-{n:04}" for n in range(1, 201)]


def test_sixteen_twins_with_one_key_make_one_record(admin, furnace):
    answers = []

    def work():
        answers.append(
            action_run(actor=admin, key="x.furnace_log.create", raw={"furnace": "1"}, idempotency_key="twin")
        )
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16 and len({answer.record_id for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1
    assert len(query_page(admin, "x.furnace_log")) == 1


def test_a_record_id_is_made_by_us_and_sorts_by_time(admin, furnace):
    ids = [
        action_run(actor=admin, key="x.furnace_log.create", raw={"furnace": "1"}).record_id for _ in range(3)
    ]
    assert ids == sorted(ids) and all(isinstance(pk, uuid.UUID) for pk in ids)
