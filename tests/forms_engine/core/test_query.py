"""Lists: what may be seen, in a stable order, by clauses that cannot reach beyond it."""

import json
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_engine.core.query import BadQuery, FieldUnknown, QuerySpec, query_json, query_page, record_get
from forms_engine.core.query.pages import RecordNotFound
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import BadRequest, Denied
from jit.catalog.models import Item, Unit

pytestmark = pytest.mark.django_db
READ_ITEMS = {"entity": "catalog.item", "actions": ["read"]}


@pytest.fixture
def items(db):
    """Thirty items in two units; shelf life is often equal and often empty."""
    dice = random.Random(4)
    units = [Unit.objects.create(code=code, name=name) for code, name in (("PCE", "piece"), ("KGM", "kilo"))]
    return Item.objects.bulk_create(
        Item(
            code=f"P{number:03}",
            name=f"part {number % 7}",
            unit=units[number % 2],
            shelf_life_days=dice.choice([None, 10, 20, 30]),
            weight_grams=dice.choice([1, 2]),
            min_lot=number,
        )
        for number in range(30)
    )


def codes(page):
    return [row["code"] for row in page]


def listed(admin, filter=None, **more):
    return codes(query_page(admin, "catalog.item", QuerySpec(filter=filter, sort=("code",), **more)))


def test_a_reference_comes_with_its_label(admin, items):
    row = query_page(admin, "catalog.item", QuerySpec(sort=("code",), size=1)).rows[0]
    assert row["unit"] == {"id": items[0].unit_id, "label": "PCE"}


def test_json_keeps_every_digit(admin, items):
    answer = json.loads(query_json(admin, "catalog.item", QuerySpec(sort=("-code",), size=1)))
    assert answer["results"][0]["min_lot"] == "29" and answer["results"][0]["unit"]["label"] == "KGM"


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        (["eq", "code", "P003"], 1),
        (["in", "code", ["P001", "P002", "nope"]], 2),
        (["and", ["ge", "min_lot", "10"], ["lt", "min_lot", 20]], 10),
        (["or", ["eq", "code", "P001"], ["eq", "code", "P002"]], 2),
        (["not", ["ge", "min_lot", 10]], 10),
        (["starts", "code", "p02"], 10),
        (["eq", "unit.code", "KGM"], 15),
        (["eq", "min_lot", {"field": "weight_grams"}], None),
        (["contains", "name", "%"], 0),
        (["and"], 30),
    ],
)
def test_filters(admin, items, clause, count):
    found = listed(admin, clause)
    if count is None:
        count = sum(1 for item in items if item.min_lot == item.weight_grams)
    assert len(found) == count


@pytest.mark.parametrize("sort", ["shelf_life_days", "-shelf_life_days", "weight_grams", "-unit.code"])
@pytest.mark.parametrize("second", [None, "weight_grams", "-name"])
def test_pages_join_without_gap_or_repeat(admin, items, sort, second):
    order = tuple(filter(None, (sort, second)))
    whole = codes(query_page(admin, "catalog.item", QuerySpec(sort=order, size=100)))
    assert sorted(whole) == [f"P{number:03}" for number in range(30)]
    walked, after = [], None
    while True:
        page = query_page(admin, "catalog.item", QuerySpec(sort=order, size=4, after=after))
        walked += codes(page)
        if page.next is None:
            break
        after = page.next
    assert walked == whole
    back = []
    before = page.prev
    while before:
        page = query_page(admin, "catalog.item", QuerySpec(sort=order, size=4, before=before))
        back = codes(page) + back
        before = page.prev
    assert back == whole[: len(back)] and len(back) == 28


def test_a_cursor_of_another_order_is_refused(admin, items):
    page = query_page(admin, "catalog.item", QuerySpec(sort=("code",), size=4))
    for cursor in (page.next, "x", "W10", "", "é"):
        with pytest.raises(BadQuery):
            query_page(admin, "catalog.item", QuerySpec(sort=("name",), size=4, after=cursor))


def test_search_finds_every_word(admin, items):
    assert len(listed(admin, search="part 3")) == len(
        [n for n in range(30) if n % 7 == 3 or "3" in f"P{n:03}"]
    )
    assert listed(admin, search="P003 part") == ["P003"]
    assert listed(admin, search="100%") == []


def test_groups_and_figures(admin, items):
    spec = QuerySpec(group=("unit.code",), aggregates=("count", "sum:min_lot"))
    rows = query_page(admin, "catalog.item", spec).rows
    assert [(row["unit.code"], row["count"]) for row in rows] == [("KGM", 15), ("PCE", 15)]
    assert sum(row["sum:min_lot"] for row in rows) == sum(range(30))


def test_counting_is_asked_for(admin, items):
    assert query_page(admin, "catalog.item").count is None
    page = query_page(admin, "catalog.item", QuerySpec(count=True, filter=["lt", "min_lot", 7]))
    assert (page.count, page.estimated) == (7, False)


def test_archived_records_are_out_of_sight(admin, items):
    action_run(actor=admin, key="catalog.item.archive", record=items[0])
    assert len(listed(admin)) == 29
    assert listed(admin, archived=True) == ["P000"]
    assert record_get(admin, "catalog.item", items[0].pk)["code"] == "P000"


def test_a_record_with_its_lines(admin, items):
    raw = {"item": "P000", "lines": [{"component": "P001"}, {"component": "P002"}]}
    bom = action_run(actor=admin, key="test.bom.create", raw=raw).record_id
    record = record_get(admin, "test.bom", bom)
    assert [line["component"]["label"] for line in record["lines"]] == ["P001", "P002"]
    with pytest.raises(RecordNotFound):
        record_get(admin, "test.bom", items[0].pk)


# --- rights -----------------------------------------------------------------------------------------------

CLAUSES = {
    "filter": lambda f: QuerySpec(filter=["not_empty", f]),
    "inner filter": lambda f: QuerySpec(filter=["or", ["eq", "code", "P001"], ["not", ["empty", f]]]),
    "compared": lambda f: QuerySpec(filter=["eq", "min_lot", {"field": f}]),
    "sort": lambda f: QuerySpec(sort=(f,)),
    "fields": lambda f: QuerySpec(fields=("code", f)),
    "group": lambda f: QuerySpec(group=(f,)),
    "figure": lambda f: QuerySpec(aggregates=(f"sum:{f}",)),
    "distinct": lambda f: QuerySpec(aggregates=(f"count_distinct:{f}",)),
    "through": lambda f: QuerySpec(filter=["eq", f"unit.{f}", 1]),
}


@pytest.mark.parametrize("clause", CLAUSES)
@pytest.mark.parametrize("name", ["standard_cost", "no_such_field", "unit.code", "id;--", 7, None])
def test_hidden_and_unknown_are_one_answer_in_every_clause(person, items, clause, name):
    buyer = person("buyer", [{**READ_ITEMS, "hidden_fields": ["standard_cost", "unit"]}])
    with pytest.raises(BadRequest) as refused:
        query_page(buyer, "catalog.item", CLAUSES[clause](name))
    assert refused.value.code in ("query.field_unknown", "query.malformed")
    if isinstance(name, str) and clause not in ("compared", "sort"):
        assert isinstance(refused.value, FieldUnknown)


def test_a_hidden_field_changes_no_answer(person, items):
    buyer = person("buyer", [{**READ_ITEMS, "hidden_fields": ["standard_cost", "name"]}])
    spec = QuerySpec(search="part", count=True)
    before = query_json(buyer, "catalog.item", spec), query_json(buyer, "catalog.item")
    Item.objects.update(standard_cost=99, name="P00 other")
    after = query_json(buyer, "catalog.item", spec), query_json(buyer, "catalog.item")
    strip = [a.replace(b'"version":2', b'"version":1').split(b'"updated_at"')[0] for a in (*before, *after)]
    assert strip[:2] == strip[2:]


def test_a_row_condition_holds_in_lists_groups_and_counts(person, items):
    clerk = person("clerk", [{**READ_ITEMS, "condition": "{weight_grams} = 1"}])
    light = sorted(item.code for item in items if item.weight_grams == 1)
    assert codes(query_page(clerk, "catalog.item", QuerySpec(sort=("code",)))) == light
    groups = query_page(clerk, "catalog.item", QuerySpec(group=("weight_grams",))).rows
    assert groups == [{"weight_grams": 1, "count": len(light)}]
    assert query_page(clerk, "catalog.item", QuerySpec(count=True)).count == len(light)
    heavy = next(item for item in items if item.weight_grams == 2)
    with pytest.raises(RecordNotFound):
        record_get(clerk, "catalog.item", heavy.pk)


def test_a_reference_to_what_one_may_not_read_has_no_label(person, items):
    buyer = person("buyer", [READ_ITEMS])
    row = query_page(buyer, "catalog.item", QuerySpec(size=1)).rows[0]
    assert row["unit"]["label"] == str(row["unit"]["id"])[:8]


def test_without_a_grant_there_is_no_list(person, items):
    with pytest.raises(Denied):
        query_page(person("nobody"), "catalog.item")


HOSTILE = ["' OR 1=1 --", "%s", "%(x)s", "\\", '"; DROP TABLE catalog_item; --', "{0}", "$1", "数", "\u202e"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_users_type_is_never_part_of_a_statement(admin, items, text, django_assert_max_num_queries):
    texts = set()
    for spec in (
        QuerySpec(filter=["eq", "code", text]),
        QuerySpec(filter=["contains", "name", text]),
        QuerySpec(search=text),
    ):
        with django_assert_max_num_queries(2) as seen:
            query_page(admin, "catalog.item", spec)
        texts |= {query["sql"] for query in seen.captured_queries}
    assert texts and not any(text in sql for sql in texts if text not in ("%s", "$1"))
    for clause in ([text, "code", "x"], ["eq", text, "x"], [text], text):
        with pytest.raises(BadRequest):
            query_page(admin, "catalog.item", QuerySpec(filter=clause))
    assert Item.objects.count() == 30


def test_a_list_is_one_statement(admin, items, django_assert_max_num_queries):
    query_page(admin, "catalog.item", QuerySpec(size=1))  # the process has read the published schemas
    with django_assert_max_num_queries(1):
        query_page(admin, "catalog.item", QuerySpec(filter=["eq", "unit.code", "PCE"], sort=("name",)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    word=st.text(min_size=1, max_size=40).filter(lambda t: "\0" not in t and t.isprintable() and t.strip()),
    number=st.decimals(min_value=-(10**9), max_value=10**9, places=3),
    listed=st.lists(st.text(alphabet="abc'\"%\\;-_$ ", min_size=1, max_size=8), min_size=1, max_size=4),
)
def test_the_text_of_a_statement_depends_on_its_shape_only(admin, word, number, listed):
    """S1: whatever is typed, one shape of question gives one text."""
    spec = QuerySpec(
        filter=[
            "and",
            ["or", ["eq", "code", word], ["contains", "name", word], ["in", "code", listed]],
            ["ge", "min_lot", str(number)],
        ],
        search=word.split()[0],
        sort=("-name", "code"),
    )
    query_page(admin, "catalog.item", QuerySpec(size=1))
    with CaptureQueriesContext(connection) as seen:
        query_page(admin, "catalog.item", spec)
    TEXTS.update(query["sql"] for query in seen.captured_queries)
    assert len(TEXTS) == 1


TEXTS = set()
