"""A broken constraint is told in the words of its fields."""

import pytest
from django.apps import apps
from django.db import models
from django.db.models import F, Q

from forms_engine.core.entity import entity
from forms_engine.core.rules_in_words import broken_rule, words_of
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import MesError
from jit.catalog.models import CalendarDay, Item, Location
from jit.planning.models import ProductionPlanLine
from tests import factories as make


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("plan_line_times", "end_at", "开工须早于完工。"),
        ("plan_line_quantity", "quantity", "数量须大于 0。"),
        ("demand_quantity", "quantity", "数量须大于 0。"),
        ("item_yield", "yield_ratio", "成品率须大于 0。成品率不得大于 1。"),
        ("conversion_positive", "", "分母须大于 0。分子须大于 0。"),
    ],
)
def test_each_rule_speaks_of_its_fields(name, field, words):
    table = next(m._meta.db_table for m in apps.get_models() for c in m._meta.constraints if c.name == name)
    found = broken_rule(table, name)
    assert found is not None and found[0] == field
    assert found[1].in_language("zh-hans") == words


def test_rules_with_a_choice_in_them_have_no_words():
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                broken_rule(model._meta.db_table, constraint.name)
    assert broken_rule("stock_balance", "no such rule") is None


@pytest.mark.parametrize(
    ("model", "condition", "en", "zh"),
    [
        (
            CalendarDay,
            Q(end__isnull=True, start__isnull=True) | ~Q(start=F("end")),
            "From must be empty and To must be empty, or From and To must differ.",
            "开始须留空且结束须留空，或开始与结束不得相同。",
        ),
        (
            Location,
            Q(allow_negative=False) | ~Q(kind__in=["STORE", "DOCK"]),
            "May go negative must be “no”, or Kind must be none of Store, Dock.",
            "允许负数须为“否”，或类型不得为仓库、收货码头中的任何一项。",
        ),
        (Item, Q(yield_ratio__range=(1, 2)), "Yield must be at least 1 and Yield must be at most 2.", ""),
        (Item, ~Q(min_lot__gt=0), "Smallest lot must be at most 0.", "最小批量不得大于 0。"),
        (Item, ~Q(min_lot=0), "Smallest lot must not be “0”.", "最小批量不得为“0”。"),
        (Item, Q(min_lot=F("lot_multiple")), "Smallest lot and Lot multiple must be the same.", ""),
        (Item, Q(name__startswith="A"), "These do not go together: Name.", "以下内容不相符：名称。"),
    ],
)
def test_choices_are_said_as_well(model, condition, en, zh):
    words = words_of(model, condition, {})
    assert words.in_language("en") == en
    assert not zh or words.in_language("zh-hans") == zh


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_person_reads_at_once_what_is_wrong_with_the_lines_of_a_plan_and_an_item():
    built = make.f0()
    line = {
        "item": str(built.product.pk),
        "work_centre": str(built.work_centre.pk),
        "quantity": "5",
        "start_at": make.at(9).isoformat(),
        "end_at": make.at(8).isoformat(),
    }
    nothing = {"quantity": "0", "end_at": make.at(10).isoformat(), "item": ""}
    with pytest.raises(MesError) as refused:
        action_run(
            actor=make.system(),
            key="planning.plan.create",
            raw={"plant": "", "lines": [line, line | nothing]},
        )
    assert {(one.field, one.in_language("zh-hans")) for one in refused.value.errors} == {
        ("plant", "必填。"),
        ("lines.0.end_at", "开工须早于完工。"),
        ("lines.1.item", "必填。"),
        ("lines.1.quantity", "数量须大于 0。"),
    }
    item = entity("catalog.item")
    assert item.schema["safety_stock"].option("min") == 0
    with pytest.raises(MesError) as refused:
        action_run(
            actor=make.system(), key="catalog.item.update", record=built.part.pk, raw={"safety_stock": "-5"}
        )
    assert [one.field for one in refused.value.errors] == ["safety_stock"]


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_line_sent_in_part_is_checked_with_what_stands():
    built = make.f0()
    line = {
        "item": str(built.product.pk),
        "work_centre": str(built.work_centre.pk),
        "quantity": "5",
        "start_at": make.at(9).isoformat(),
        "end_at": make.at(10).isoformat(),
    }
    raw = {"plant": str(built.plant.pk), "lines": [line, line]}
    plan = action_run(actor=make.system(), key="planning.plan.create", raw=raw).record_id
    first, second = ProductionPlanLine.objects.filter(plan=plan).order_by("line_no")

    def change(*lines):
        action_run(actor=make.system(), key="planning.plan.update", record=plan, raw={"lines": list(lines)})

    with pytest.raises(MesError) as refused:
        change({"id": str(first.pk), "start_at": make.at(11).isoformat()}, {"id": str(second.pk)})
    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("lines.0.start_at", "value.not_allowed")
    ]
    change({"id": str(first.pk), "end_at": make.at(12).isoformat()}, {"id": str(second.pk)})
    first.refresh_from_db()
    assert (first.start_at, first.end_at) == (make.at(9), make.at(12))
