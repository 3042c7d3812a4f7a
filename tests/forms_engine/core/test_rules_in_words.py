"""A broken constraint is told in the words of its fields."""

import pytest
from django.apps import apps
from django.db import models

from forms_engine.core.entity import entity
from forms_engine.core.rules_in_words import broken_rule
from forms_engine.core.run import action_run
from forms_engine.kernel.errors import MesError
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


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_person_reads_what_is_wrong_with_a_plan_line_and_an_item():
    built = make.f0()
    line = {
        "item": str(built.product.pk),
        "work_centre": str(built.work_centre.pk),
        "quantity": "5",
        "start_at": make.at(9).isoformat(),
        "end_at": make.at(8).isoformat(),
    }
    nothing = {"quantity": "0", "end_at": make.at(10).isoformat()}
    for change, words in (({}, "开工须早于完工。"), (nothing, "数量须大于 0。")):
        with pytest.raises(MesError) as refused:
            action_run(
                actor=make.system(),
                key="planning.plan.create",
                raw={"plant": str(built.plant.pk), "lines": [line | change]},
            )
        assert [one.in_language("zh-hans") for one in refused.value.errors] == [words]
    item = entity("catalog.item")
    assert item.schema["safety_stock"].option("min") == 0
    with pytest.raises(MesError) as refused:
        action_run(
            actor=make.system(), key="catalog.item.update", record=built.part.pk, raw={"safety_stock": "-5"}
        )
    assert [one.field for one in refused.value.errors] == ["safety_stock"]
