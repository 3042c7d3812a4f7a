"""Every rule a typed entity's table keeps is told by cleaning, exactly as PostgreSQL would judge it."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.sql.query import Query

from forms_engine.core.entity import entities
from forms_engine.core.model_rules import condition_of, constraints_of, parts_of
from jit.catalog.models import CalendarDay, Item, Location
from jit.planning.models import ProductionPlanLine

pytestmark = pytest.mark.django_db
SERVICES = "only services write this entity; no form, import or API sends its fields"
COUNTED = "the fields are read only: services count what was shipped, received or made"
LEFT_TO_THE_DATABASE = {
    "agreement_cumulative": COUNTED,
    "balance_not_negative": SERVICES,
    "call_off_progress": SERVICES,
    "call_off_quantity": SERVICES,
    "call_off_window": SERVICES,
    "handling_unit_quantity": SERVICES,
    "load_line_packages": SERVICES,
    "receipt_line_blocked": SERVICES,
    "receipt_line_quantity": SERVICES,
    "work_order_quantity": f"of good and scrap {COUNTED}; the quantity itself is checked",
}
DAY = dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)
MORE = (
    (ProductionPlanLine, Q(quantity__range=(1, 5))),
    (Item, ~Q(safety_stock__gt=5) | Q(name="")),
    (ProductionPlanLine, ~Q(start_at__gte=F("end_at"), quantity__lt=5)),
    (Item, Q(yield_ratio__lte=F("safety_stock")) | ~Q(mode__in=["JIT", "MAKE"])),
    (CalendarDay, Q(start__isnull=True) | Q(end__isnull=False, start__lt=F("end"))),
    (CalendarDay, ~Q(start__lt=F("end"))),
    (Location, ~(Q(allow_negative=True) & ~Q(kind="SCRAP"))),
)


def typed():
    return [noun for noun in entities().by_key.values() if noun.model is not None]


def test_every_rule_of_a_typed_entity_is_checked_or_has_its_reason():
    faults, used = [], set()
    for noun in typed():
        for constraint in constraints_of(noun.model):
            told = [
                check
                for check in noun.schema.checks
                if check.constraint == constraint.name
                and any(name in noun.fields and noun.fields[name].is_writable for name in check.names)
            ]
            is_checked = not noun.read_only and len(told) == len(list(parts_of(constraint.condition)))
            if constraint.name in LEFT_TO_THE_DATABASE:
                used.add(constraint.name)
                if is_checked or (LEFT_TO_THE_DATABASE[constraint.name] == SERVICES) != noun.read_only:
                    faults.append((noun.key, constraint.name, "the reason no longer holds"))
            elif not is_checked:
                faults.append((noun.key, constraint.name, "not checked and no reason given"))
    assert not faults
    assert used == set(LEFT_TO_THE_DATABASE)


def test_every_check_speaks_both_languages_and_names_its_fields():
    for noun in typed():
        for check in noun.schema.checks:
            labels = [noun.schema[name].label for name in check.names if name in noun.schema]
            for language, end in (("en", "."), ("zh", "。")):
                words = check.message.in_language(language)
                assert words.endswith(end) and "%(" not in words
                assert all(label.in_language(language) in words for label in labels), (noun.key, words)


def test_lines_keep_the_checks_of_their_entity():
    """A line leaves out its parent, so no rule may hang on it alone."""
    for noun in typed():
        for table in noun.tables.values():
            child = entities().get(table.entity)
            assert all(set(check.names) - {table.fk} for check in child.schema.checks)


def test_python_and_postgresql_judge_alike():
    asked = 0
    checked = [(noun.model, Q(part)) for noun in typed() for part in _parts(noun.model)]
    for model, condition in [*checked, *MORE]:
        read = condition_of(model, condition)
        assert read is not None, condition
        fields = _fields(model, condition)
        rows = list(itertools.product(*(_values(field, condition) for field in fields)))
        judged = _in_postgresql(model, condition, fields, rows)
        named = [dict(zip([field.name for field in fields], row, strict=True)) for row in rows]
        assert [read.holds(row) for row in named] == judged, condition
        asked += len(rows)
    assert asked > 500


def test_what_cannot_be_read_exactly_is_left_to_the_database():
    for model, condition in (
        (Item, Q(code__gt="A")),
        (Item, Q(code__startswith="A")),
        (Item, Q(safety_stock__gt=F("min_lot") * 2)),
        (Item, Q(min_lot__gt=0) ^ Q(max_lot__gt=0)),
        (Item, Q(models.lookups.GreaterThan(Length("code"), 2))),
        (ProductionPlanLine, Q(start_at__year__gte=2020)),
    ):
        assert condition_of(model, condition) is None, condition


def test_no_model_of_ours_has_a_rule_nobody_can_say():
    """A new kind of rule must be readable, or be listed above with its reason."""
    for model in apps.get_models():
        for part in _parts(model):
            assert condition_of(model, part) is not None, (model, part)


def _parts(model):
    return [part for constraint in constraints_of(model) for part in parts_of(constraint.condition)]


def _leaves(condition):
    for child in condition.children:
        yield from [child] if isinstance(child, tuple) else _leaves(child)


def _fields(model, condition):
    names = {}
    for path, bound in _leaves(condition):
        names[path.partition("__")[0]] = None
        if isinstance(bound, F):
            names[bound.name] = None
    return [model._meta.get_field(name) for name in names]


def _values(field, condition):
    """Return values of a column on both sides of every bound, and none."""
    if isinstance(field, models.BooleanField):
        return [True, False, None]
    if isinstance(field, models.DateTimeField):
        return [DAY, DAY + dt.timedelta(hours=1), None]
    if isinstance(field, models.TimeField):
        return [dt.time(8), dt.time(9), None]
    if isinstance(field, models.CharField | models.TextField):
        return [*[value for value, _ in field.flatchoices or ()], "", "x", None]
    bounds = {0}
    for _path, bound in _leaves(condition):
        if not isinstance(bound, F | bool | str | list) and bound is not None:
            bounds.update(bound if isinstance(bound, tuple) else (bound,))
    near = sorted({number + step for number in bounds for step in (-1, 0, 1)})
    return [*(Decimal(number) for number in near), None]


def _in_postgresql(model, condition, fields, rows):
    query = Query(model, alias_cols=False)
    sql, params = query.get_compiler(connection=connection).compile(query.build_where(condition))
    one = ", ".join(f"%s::{field.db_type(connection)}" for field in fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = ", ".join([f"({one})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {sql} FROM (VALUES {table}) AS t({names})",
            [*params, *itertools.chain.from_iterable(rows)],
        )
        return [row[0] for row in cursor.fetchall()]
