"""Every alert type only looks, in few statements, and is quiet where there is nothing."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_engine.alerts.base import Violation, alert_types
from forms_engine.kernel import clock
from forms_engine.kernel.schema import Schema
from jit.catalog.models import Location
from jit.supply.models import LineCover
from jit.supply.services import call_off
from tests import factories as make

pytestmark = pytest.mark.django_db
NOW = make.at(9)
MOST_STATEMENTS = 4


@pytest.fixture(autouse=True)
def types():
    assert len(alert_types) >= 2
    return list(alert_types)


def defaults(kind):
    return {spec.name: spec.default for spec in kind.options}


def statements(kind):
    with CaptureQueriesContext(connection) as seen:
        found = list(kind.find(defaults(kind), NOW))
    return found, [query["sql"] for query in seen]


def test_they_say_what_they_are_in_both_languages(types):
    for kind in types:
        assert isinstance(kind.options, Schema), kind.key
        for words in (kind.label, *(spec.label for spec in kind.options)):
            assert words.en and words.zh, kind.key


def test_they_are_quiet_where_there_is_nothing(types):
    for kind in types:
        assert statements(kind)[0] == [], kind.key


def test_they_get_by_without_settings(types):
    for kind in types:
        assert list(kind.find({}, NOW)) == [], kind.key


@pytest.fixture
def plenty():
    """F0, its line about to run out in several places, and call-offs nobody answers."""
    built = make.f0()
    lines = [make.location(f"L1-{number}", Location.Kind.LINE_SIDE) for number in range(12)]
    LineCover.objects.bulk_create(
        LineCover(item=built.part, area=line, stock=10, stock_out_at=make.at(9, 30), computed_at=NOW)
        for line in lines
    )
    clock.set(make.at(7))
    for line in lines:
        draft = call_off.CallOffDraft(
            item=built.part,
            area=line,
            supplier=built.supplier,
            dock=built.dock,
            window_start=make.at(11),
            window_end=make.at(12),
            quantity=Decimal(100),
            pack_quantity=Decimal(50),
        )
        row = call_off.calloff_built(draft, f"CO-{line.code}")
        row.save(force_insert=True)
        call_off.calloff_release(actor=make.system(), calloff=row)
    yield
    clock.set(None)


def test_they_only_read_and_their_statements_do_not_grow_with_what_is_wrong(types, plenty):
    silent = []
    for kind in types:
        found, ran = statements(kind)
        assert not [sql for sql in ran if not sql.lstrip().upper().startswith(("SELECT", "WITH"))], kind.key
        assert len(ran) <= MOST_STATEMENTS, (kind.key, ran)
        if not found:
            silent.append(kind.key)
        assert all(isinstance(one, Violation) for one in found), kind.key
        assert len({one.key for one in found}) == len(found), kind.key
        for one in found:
            assert one.title.en and one.title.zh and one.link.startswith("/"), kind.key
    assert not {"supply.stock_out", "supply.unanswered_call_off"} & set(silent)
