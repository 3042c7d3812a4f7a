"""Every field type keeps the promises of `fields/base.py`; a new file is tested by being there."""

import datetime as dt
import importlib
import json
import pkgutil
import random
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.template import Context, Engine
from django.template.loader import get_template

import forms_engine.fields.field_types
from forms_engine.fields.base import MISSING, CleanContext, field_types
from forms_engine.fields.filters import OPERATORS, UnknownOperator, condition, operators_of
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.schema import FieldSpec
from forms_engine.kernel.text import Text
from tests.hostile import EVERYTHING

for _module in pkgutil.iter_modules(forms_engine.fields.field_types.__path__):
    importlib.import_module(f"forms_engine.fields.field_types.{_module.name}")

VARIANTS = {
    "choice": [{"choices": ["open", ["done", "Done"], {"value": "x<y", "label": Text("Odd", "怪")}]}],
    "quantity": [{}, {"unit": "KG"}, {"units": "PCE, KG"}, {"units": "*"}],
    "decimal": [{}, {"decimals": 2, "min": "-5", "max": "99999"}],
    "integer": [{}, {"min": -5, "max": 99999}],
    "formula": [{"formula": "{a} * 2", "result": "number"}, {"formula": '{b} & "!"', "result": "text"}],
}


def specs():
    """Every type of this floor, with each of its settings worth trying."""
    for kind in field_types:
        if not field_types.home(kind.key).startswith("forms_engine.fields."):
            continue
        for options in VARIANTS.get(kind.key, [{}]):
            yield pytest.param(
                kind,
                FieldSpec("f", kind.key, Text("Field", "字段"), options=options),
                id=f"{kind.key}-{options}",
            )


ALL = pytest.mark.parametrize(("kind", "spec"), list(specs()))


@pytest.fixture
def ctx():
    return CleanContext(now=dt.datetime(2026, 11, 24, 1, 30, tzinfo=dt.UTC), system=True)


def taken(kind, spec, ctx):
    """The example, and every hostile input the type takes, as values."""
    values = [kind.example(spec)]
    clean = kind.cleaner(spec)
    for raw in EVERYTHING:
        if kind.is_blank(raw):
            continue
        try:
            value = clean(raw, ctx)
        except MesError:
            continue
        if not any(value == other and type(value) is type(other) for other in values):
            values.append(value)
    return values


@ALL
def test_a_type_describes_itself_in_both_languages(kind, spec):
    assert kind.label.en and kind.label.zh and kind.label.en != kind.label.zh
    assert kind.widget == f"forms/fields/{kind.key}.html"
    for setting in kind.options:
        assert setting.label.en != setting.label.zh, setting.name
    assert not kind.check(spec)


@ALL
def test_a_value_survives_the_round_trip(kind, spec, ctx):
    for value in taken(kind, spec, ctx):
        data = json.loads(json.dumps(kind.dump(value)))
        assert kind.load_of(spec, data) == value
        row = kind.to_columns(spec, value)
        assert set(row) == {column.name for column in kind.columns(spec)}
        assert kind.from_columns(spec, row) == (value if kind.is_stored else None)
        assert set(kind.to_columns(spec, None).values()) <= {None}
        if not kind.is_computed:
            assert kind.clean(spec, data, ctx) == value, "what the API gives it also takes"
            assert kind.clean(spec, value, ctx) == value, "a value is its own raw form"
        assert isinstance(kind.display(spec, value, "zh-hans"), str)
        kind.for_formula(value)
    assert kind.display(spec, None) == ""


@ALL
def test_hostile_input_is_refused_with_words_or_kept_whole(kind, spec, ctx):
    clean = kind.cleaner(spec)
    for raw in EVERYTHING:
        if kind.is_blank(raw):
            continue
        try:
            value = clean(raw, ctx)
        except MesError as error:
            assert "." in error.code
            assert error.in_language("en") and error.in_language("zh") != error.in_language("en")
            assert error.status == 422
            continue
        if kind.fx_type_of(spec) == "text" and isinstance(raw, str):
            assert value.strip() == raw.strip() or value in kind.display(spec, value) or kind.groupable
        if isinstance(value, Decimal):
            assert value.is_finite()
        if isinstance(value, str):
            assert "\x00" not in value
            value.encode("utf-8")


@ALL
def test_a_submitted_form_gives_the_value_back(kind, spec, ctx):
    if kind.is_computed:
        pytest.skip("computed by the system")
    value = kind.example(spec)
    dumped = kind.dump(value)
    form = {"p-f": dumped}
    if isinstance(dumped, dict):
        form = {"p-f": dumped["value"], "p-f_unit": dumped["unit"]}
    elif isinstance(dumped, bool):
        form = {"p-f": "on"} if dumped else {}
    assert kind.clean(spec, kind.read_form(spec, form, "p-"), ctx) == value
    nothing = kind.read_form(spec, {}, "p-")
    assert nothing is MISSING or nothing is False


@ALL
def test_text_is_escaped_where_it_is_shown(kind, spec, ctx):
    page = Engine().from_string("<td>{{ shown }}</td>")
    for value in taken(kind, spec, ctx):
        shown = kind.display(spec, value, "en")
        html = page.render(Context({"shown": shown}))
        assert "<" not in html.removeprefix("<td>").removesuffix("</td>")


class Evil(str):
    """Hostile text, also in the parts that values of references and quantities have."""

    @property
    def id(self):
        return str(self)

    label = value = unit = id


@pytest.mark.parametrize("kind", list(field_types), ids=lambda kind: kind.key)
def test_every_registered_type_has_an_input_that_escapes(kind):
    """The types of all floors; a value cannot leave its attribute or element."""
    evil = Evil("\"'><script>alert(1)</script><i x=`")
    options = dict.fromkeys(("unit", "max_length", "pattern", "target", "placeholder"), evil)
    shown = dict.fromkeys(("id", "name", "label", "value", "shown", "described_by"), evil)
    more = {
        "errors": [evil],
        "choices": [{"value": evil, "label": evil}],
        "required": True,
        "read_only": False,
    }
    spec = FieldSpec("f", kind.key, Text(evil, evil), options=options)
    html = get_template(kind.widget).render({"input": {**shown, **more, "spec": spec}})
    assert "<script" not in html
    assert "<i x" not in html
    assert "alert(1)" in html


def test_an_unticked_box_is_a_no_and_a_ticked_one_a_yes():
    kind, spec = field_types.get("boolean"), FieldSpec("f", "boolean")
    for sent, answer in (("", False), ("f=", False), ("f=&f=true", True), ("f=on", True)):
        assert kind.clean(spec, kind.read_form(spec, QueryDict(sent)), CleanContext()) is answer


@ALL
def test_a_type_offers_known_filters_and_refuses_others(kind, spec, ctx):
    assert {operator.key for operator in operators_of(spec)} <= set(OPERATORS)
    for key in ("nonsense", "", None, "eq; drop table x"):
        with pytest.raises(UnknownOperator):
            condition(spec, key, "1", column='"f"', ctx=ctx)


def clauses(kind, spec, ctx, values, seed):
    """Random but repeatable filter clauses over values that occur."""
    rng = random.Random(seed)
    column_values = [kind.for_formula(value) for value in values]
    for operator in operators_of(spec):
        for _ in range(6):
            one, two = rng.choice(column_values), rng.choice(column_values)
            operand = {
                "none": None, "one": one, "two": [one, two], "list": [one, two],
                "text": (str(one) or "x")[:3].strip("\x00") or "a",
                "period": rng.choice(["today", "this_week", "last_month", "past", "last_900_days", "future"]),
            }[operator.operand]  # fmt: skip
            yield condition(spec, operator.key, operand, column='"f"', ctx=ctx)
            if operator.operand == "two":
                yield condition(spec, operator.key, [None, two], column='"f"', ctx=ctx)


@ALL
def test_filters_never_put_a_value_into_the_sql_text(kind, spec, ctx):
    if not kind.is_stored:
        pytest.skip("no column")
    for clause in clauses(kind, spec, ctx, taken(kind, spec, ctx), 7):
        assert clause.sql.count("%s") == len(clause.params)
        assert all(str(p) not in clause.sql for p in clause.params if len(str(p)) > 3 and str(p) != "None")


@ALL
def test_a_hostile_operand_is_refused_as_a_bad_request(kind, spec, ctx):
    for operator in operators_of(spec):
        for raw in EVERYTHING:
            for operand in (raw, [raw, raw]):
                try:
                    clause = condition(spec, operator.key, operand, column='"f"', ctx=ctx)
                except MesError as error:
                    assert error.status == 400
                    assert error.field == spec.name
                    continue
                for parameter in clause.params:
                    for one in parameter if isinstance(parameter, list) else [parameter]:
                        assert "\x00" not in str(one)
                        str(one).encode("utf-8")


@pytest.mark.django_db
@ALL
def test_a_filter_agrees_with_python(kind, spec, ctx, db):
    """PostgreSQL and the Python predicate pick the same values, empty ones included."""
    from django.db import connection

    if not kind.is_stored:
        pytest.skip("no column")
    values = [*taken(kind, spec, ctx), None]
    column = kind.column(spec)
    stored = [kind.to_columns(spec, value)["f"] for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TEMP TABLE filter_probe (n int, "f" {column.pg_type}) ON COMMIT DROP')
        cursor.executemany("INSERT INTO filter_probe VALUES (%s, %s)", list(enumerate(stored)))
        cursor.execute('SELECT n, "f" FROM filter_probe ORDER BY n')
        assert [row[1] for row in cursor.fetchall()] == stored, "the column keeps the value"
        for clause in clauses(kind, spec, ctx, values[:-1], 11):
            cursor.execute(f"SELECT n FROM filter_probe WHERE {clause.sql}", clause.params)
            by_sql = {row[0] for row in cursor.fetchall()}
            by_python = {n for n, value in enumerate(stored) if clause.test(value)}
            assert by_sql == by_python, (clause.sql, clause.params)
        cursor.execute("DROP TABLE filter_probe")
