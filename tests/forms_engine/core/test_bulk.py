"""The bulk path: the same rules as one record at a time, for many, and nothing touched that need not be."""

import pytest

from forms_engine.access.actor import Actor
from forms_engine.access.models import Grant, Role
from forms_engine.core.bulk import bulk_upsert, events_unwanted_by, events_wanted_by
from forms_engine.core.run import action_run
from forms_engine.journal.models import OutboxEvent, RowChange
from forms_engine.kernel.errors import Denied, ErrorList
from jit.catalog.models import Item, SourcingRule, Supplier, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return Actor.system("import")


@pytest.fixture
def unit():
    return Unit.objects.create(code="pcs", name="Pieces")


def item_rows(count, **more):
    return [{"code": f"{n:05d}", "name": f"Part {n}", "unit": "pcs", **more} for n in range(count)]


def items_in(actor, rows, **more):
    return bulk_upsert(actor=actor, entity_key="catalog.item", rows=rows, by=("code",), **more)


def codes(result):
    return [(place, [(error.field, error.code) for error in errors]) for place, errors in result.errors]


def test_rows_are_made_then_left_alone_then_changed(actor, unit):
    made = items_in(actor, item_rows(1500, safety_stock="2"))
    assert (made.created, made.updated, made.unchanged, made.errors) == (1500, 0, 0, [])
    assert Item.objects.get(code="00007").safety_stock == 2
    versions = set(Item.objects.values_list("version", flat=True))
    changes = RowChange.objects.count()
    again = items_in(actor, item_rows(1500, safety_stock="2.0"))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1500)
    assert RowChange.objects.count() == changes
    assert set(Item.objects.values_list("version", flat=True)) == versions
    rows = item_rows(1500, safety_stock="2")
    rows[3]["name"] = "Another"
    changed = items_in(actor, rows)
    assert (changed.updated, changed.unchanged) == (1, 1499)
    assert Item.objects.get(code="00003").name == "Another"
    assert RowChange.objects.filter(verb="U", action="catalog.item.import").count() == 1


def test_bad_rows_are_told_with_all_their_faults_and_good_ones_stay(actor, unit):
    rows = [
        *item_rows(2),
        {"code": "B1", "name": "x", "unit": "nope", "safety_stock": "many"},
        {"code": "B2", "unit": "pcs"},
        {"name": "no key", "unit": "pcs"},
        {"code": "00001", "name": "twice", "unit": "pcs"},
        {"code": "B3", "name": "x", "unit": "pcs", "yield_ratio": "2"},
        {"code": "B4", "name": "x", "unit": "pcs", "nonsense": "1"},
    ]
    result = items_in(actor, rows)
    assert result.created == 3  # the name of B2 may be empty
    assert codes(result) == [
        (2, [("unit", "reference.unknown"), ("safety_stock", "number.format")]),
        (4, [("code", "value.required")]),
        (5, [("code", "bulk.duplicate")]),
        (6, [("yield_ratio", "value.not_allowed")]),
        (7, [("nonsense", "field.unknown")]),
    ]
    assert result.created + result.updated + result.unchanged + len(result.errors) == len(rows)


def test_the_same_bad_row_gets_the_same_error_at_the_single_door(actor, unit):
    bad = {"code": "B1", "name": "x", "unit": "nope", "safety_stock": "many"}
    with pytest.raises(ErrorList) as single:
        action_run(actor=actor, key="catalog.item.create", raw=bad)
    many = items_in(actor, [bad])
    assert [(e.field, e.code) for e in single.value.errors] == codes(many)[0][1]


def test_only_sent_fields_are_changed(actor, unit):
    items_in(actor, item_rows(1, safety_stock="5"))
    items_in(actor, [{"code": "00000", "name": "Renamed"}])
    item = Item.objects.get()
    assert (item.name, item.safety_stock, item.unit_id) == ("Renamed", 5, unit.pk)


def test_a_key_of_several_fields_with_an_empty_one_finds_its_row(actor, unit):
    items_in(actor, item_rows(2))
    Supplier.objects.create(code="S1", name="S1")
    rows = [{"item": f"0000{n}", "supplier": "S1", "pack_quantity": "5"} for n in range(2)]
    by = ("item", "supplier", "area")
    first = bulk_upsert(actor=actor, entity_key="catalog.sourcingrule", rows=rows, by=by)
    second = bulk_upsert(actor=actor, entity_key="catalog.sourcingrule", rows=rows, by=by)
    assert (first.created, second.unchanged, SourcingRule.objects.count()) == (2, 2, 2)


def test_a_dry_run_and_an_interrupted_one_leave_nothing(actor, unit):
    assert items_in(actor, item_rows(10), dry_run=True).created == 10
    assert Item.objects.count() == 0

    def broken():
        yield from item_rows(2500)
        raise RuntimeError("the file ends badly")

    with pytest.raises(RuntimeError):
        items_in(actor, broken())
    assert Item.objects.count() == 0


def test_without_a_grant_nothing_happens(unit):
    nobody = Actor(kind="person", id="p", name="p", roles=frozenset({"reader"}))
    with pytest.raises(Denied):
        items_in(nobody, item_rows(1))


def test_one_who_may_only_create_changes_nothing(actor, unit):
    items_in(actor, item_rows(1))
    role = Role.objects.create(key="maker", label={"en": "Maker", "zh": "录入"})
    Grant.objects.create(role=role, entity="catalog.*", actions=["read", "create"])
    maker = Actor(kind="person", id="p", name="p", roles=frozenset({"maker"}))
    result = items_in(maker, [{"code": "00000", "name": "x"}, {"code": "N", "name": "n", "unit": "pcs"}])
    assert result.created == 1 and codes(result) == [(0, [("", "denied")])]
    assert Item.objects.get(code="00000").name == "Part 0"


def test_events_are_published_for_whoever_waits_and_for_nobody_else(actor, unit):
    items_in(actor, item_rows(3))
    assert OutboxEvent.objects.filter(topic="catalog.item.created").count() == 0

    def waits(topic):
        return topic == "catalog.item.updated"

    events_wanted_by(waits)
    try:
        items_in(actor, [{"code": "00001", "name": "Renamed"}, {"code": "N", "name": "n", "unit": "pcs"}])
    finally:
        events_unwanted_by(waits)
    events = OutboxEvent.objects.filter(topic__startswith="catalog.item.")
    assert list(events.values_list("topic", flat=True)) == ["catalog.item.updated"]
