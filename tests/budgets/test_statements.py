"""How many statements the hot paths may send; more is a regression, not a detail."""

import pytest

from forms_engine.access.actor import Actor
from forms_engine.core.query import QuerySpec, query_json, query_page, record_get
from forms_engine.core.run import action_run
from tests import factories

ADMIN = Actor.system("test")
pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    made = factories.item("A")
    query_page(ADMIN, "catalog.item", QuerySpec(size=1))  # the process knows schemas and rights
    return made


def savepoints(captured):
    return [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def test_a_create_is_head_and_write_beside_its_references(item, django_assert_max_num_queries):
    with django_assert_max_num_queries(99) as seen:
        action_run(actor=ADMIN, key="catalog.unit.create", raw={"code": "KGM"}, idempotency_key="k")
    assert len(savepoints(seen.captured_queries)) == 2
    with django_assert_max_num_queries(99) as seen:
        raw = {"code": "B", "unit": str(item.unit_id)}
        action_run(actor=ADMIN, key="catalog.item.create", raw=raw, idempotency_key="l")
    assert len(savepoints(seen.captured_queries)) == 3  # one more to see that the unit may be chosen


def test_an_update_reads_and_locks_once_more(item, django_assert_max_num_queries):
    with django_assert_max_num_queries(99) as seen:
        action_run(actor=ADMIN, key="catalog.unit.update", record=item.unit_id, raw={"name": "x"})
    assert len(savepoints(seen.captured_queries)) == 3


def test_a_replay_is_two_statements(item, django_assert_max_num_queries):
    action_run(actor=ADMIN, key="catalog.unit.create", raw={"code": "KGM"}, idempotency_key="k")
    with django_assert_max_num_queries(99) as seen:
        action_run(actor=ADMIN, key="catalog.unit.create", raw={"code": "KGM"}, idempotency_key="k")
    assert len(savepoints(seen.captured_queries)) == 2


def test_a_list_is_one_statement_and_two_with_its_count(item, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        query_json(ADMIN, "catalog.item", QuerySpec(search="A", sort=("name",)))
    with django_assert_max_num_queries(2):
        query_json(ADMIN, "catalog.item", QuerySpec(count=True))


def test_a_document_with_lines_does_not_ask_line_by_line(item, django_assert_max_num_queries):
    parts = [factories.item(f"P{n}") for n in range(40)]
    bom = factories.bom(item, *[(part, 1) for part in parts])
    record_get(ADMIN, "catalog.bom", bom.pk)
    with django_assert_max_num_queries(6):
        assert len(record_get(ADMIN, "catalog.bom", bom.pk)["lines"]) == 40
