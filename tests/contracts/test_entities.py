"""Every entity keeps its promises: readable, describable, in one statement, only by those who may.

One test a promise, each over the whole registry; a broken one names the entities at fault.
"""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_engine.access.actor import ANONYMOUS, Actor
from forms_engine.core.describe import entity_dump
from forms_engine.core.entity import UnknownEntity, entities, entity
from forms_engine.core.query import QuerySpec, query_json, query_page
from forms_engine.fields.definition import definition_problems
from forms_engine.kernel.errors import Denied
from forms_engine.tables.protection import protection_problems

ADMIN = Actor.system("test")
pytestmark = pytest.mark.django_db


def nouns():
    found = entities().by_key.values()
    assert len(found) > 20
    return found


def test_labels_are_in_both_languages():
    for noun in nouns():
        for words in (noun.label, noun.plural, *(spec.label for spec in noun.schema)):
            assert words.en and words.zh, noun.key


def test_names_lead_somewhere():
    faults = []
    for noun in nouns():
        named = [*noun.columns, *noun.search, noun.title, *noun.business_key]
        named += [name.lstrip("-") for name in noun.sort if name.lstrip("-") != "created_at"]
        faults += [(noun.key, name) for name in named if name not in noun.fields]
        faults += [(noun.key, t.entity) for t in noun.tables.values() if t.entity not in entities().by_key]
    assert not faults


def test_schemas_are_sound():
    faults = []
    for noun in nouns():
        problems = definition_problems(noun.schema)
        faults += [(noun.key, p.field, p.code) for p in problems if p.code != "schema.reserved_name"]
    assert not faults


def test_a_list_is_one_statement():
    faults = []
    for noun in nouns():
        for ask in (query_page, query_json):
            with CaptureQueriesContext(connection) as seen:
                ask(ADMIN, noun.key)
            if len(seen) != 1:
                faults.append((noun.key, ask.__name__, len(seen)))
    assert not faults


def test_every_filter_and_sort_offered_compiles():
    """An offer that does not compile raises; nothing offered at all would be a fault as well."""
    asked = 0
    for noun in nouns():
        for f in noun.stored:
            operators = f.type.operators_of(f.spec)
            for operator in ("empty", "not_empty"):
                if operator in operators:
                    query_page(ADMIN, noun.key, QuerySpec(filter=[operator, f.name], size=1))
            if f.type.sortable:
                query_page(ADMIN, noun.key, QuerySpec(sort=(f.name,), size=1))
            if f.type.groupable:
                query_page(ADMIN, noun.key, QuerySpec(group=(f.name,)))
                asked += 1
    assert asked > 50


def test_nobody_sees_nothing():
    for noun in nouns():
        with pytest.raises(Denied):
            query_page(ANONYMOUS, noun.key)


def test_they_describe_themselves_as_json():
    for noun in nouns():
        assert json.loads(json.dumps(entity_dump(ADMIN, noun)))["key"] == noun.key


def test_their_tables_have_their_walls():
    assert protection_problems([noun.table for noun in nouns()]) == []


def test_an_unknown_key_is_refused():
    with pytest.raises(UnknownEntity):
        entity("no.such_thing")
