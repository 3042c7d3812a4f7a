"""Amounts typed in another unit: exact wherever they come in, or refused with the name of the field."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from forms_engine.core.run import action_run
from forms_engine.kernel.errors import ErrorList
from jit.catalog.models import Bom, Item, UnitConversion
from jit.catalog.units import UnitNotConvertible, unit_converted
from jit.planning.models import Demand
from jit.stock.models import Balance
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def steel():
    """Kept in kilograms; a gram is a thousandth for everything, a coil of this one weighs 12.5 kg."""
    kilogram = make.unit("KG", 6)
    gram, coil = make.unit("G", 3), make.unit("COIL")
    coil.name = "卷"
    coil.save(update_fields=["name"])
    thing = make.item("STEEL", unit=kilogram)
    UnitConversion.objects.create(from_unit=kilogram, to_unit=gram, numerator=1000)
    UnitConversion.objects.create(item=thing, from_unit=coil, to_unit=kilogram, numerator=25, denominator=2)
    return thing


def demanded(item, quantity):
    made = action_run(
        actor=make.system(),
        key="planning.demand.create",
        raw={"plant": "P1", "item": item.code, "quantity": quantity, "due_at": "2026-11-24T10:00+08:00"},
    )
    return Demand.objects.get(pk=made.record_id)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2 COIL", "25"),
        ("2卷", "25"),
        ("３ coil", "37.5"),
        ("500 g", "0.5"),
        ({"value": "1500", "unit": "G"}, "1.5"),
        ("7 KG", "7"),
        ("7", "7"),
        (7, "7"),
    ],
)
def test_a_demand_is_kept_in_the_stock_unit(steel, typed, kept):
    make.plant()
    assert demanded(steel, typed).quantity == Decimal(kept)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2 BARREL", "catalog.unit.unknown"),
        ("2 PCS", "catalog.unit.no_conversion"),
        ("0.0001 G", "catalog.unit.no_conversion"),
        ("much COIL", "number.format"),
        ("999999999999 COIL", "number.range"),
    ],
)
def test_what_cannot_be_converted_exactly_is_refused_at_its_field(steel, typed, code):
    make.plant()
    make.unit("PCS")
    with pytest.raises(ErrorList) as refused:
        demanded(steel, typed)
    assert [(error.field, error.code) for error in refused.value.errors] == [("quantity", code)]
    assert not Demand.objects.exists()


def test_one_wrong_item_is_one_error_and_not_a_second_one_about_its_unit(steel):
    make.plant()
    with pytest.raises(ErrorList) as refused:
        action_run(
            actor=make.system(),
            key="planning.demand.create",
            raw={"plant": "P1", "item": "NOBODY", "quantity": "2 COIL", "due_at": "2026-11-24T10:00+08:00"},
        )
    assert [error.field for error in refused.value.errors] == ["item"]


def test_a_changed_demand_may_be_typed_in_another_unit(steel):
    make.plant()
    row = demanded(steel, "1")
    action_run(actor=make.system(), key="planning.demand.update", record=row, raw={"quantity": "4 COIL"})
    row.refresh_from_db()
    assert row.quantity == 50


def test_bom_lines_use_the_unit_of_their_component(steel):
    parent = make.item("FRAME", mode=Item.Mode.MAKE)
    made = action_run(
        actor=make.system(),
        key="catalog.bom.create",
        raw={
            "item": "FRAME",
            "lines": [
                {"line_no": 10, "component": "STEEL", "quantity_per": "350 g", "fixed_quantity": "1 COIL"}
            ],
        },
    )
    line = Bom.objects.get(pk=made.record_id).lines.get()
    assert parent.pk == line.bom.item_id
    assert (line.quantity_per, line.fixed_quantity) == (Decimal("0.35"), Decimal("12.5"))


def test_stock_is_counted_in_coils(steel):
    store = make.location("STORE")
    action_run(
        actor=make.system(),
        key="stock.balance.count",
        raw={"item": "STEEL", "location": "STORE", "counted": "3 卷"},
    )
    assert Balance.objects.get(item=steel, location=store).quantity == Decimal("37.5")


def test_there_and_back_is_exact_or_refused(steel):
    """I22 over random ratios: what converts comes back as the very number that went in."""
    chance = random.Random(22)
    base, other = make.unit("BASE", 6), make.unit("OTHER", 6)
    here, there = make.item("HERE", unit=base), make.item("THERE", unit=other)
    rule = UnitConversion.objects.create(from_unit=other, to_unit=base, numerator=1)
    exact = refused = 0
    for _ in range(300):
        rule.numerator, rule.denominator = chance.randint(1, 5000), chance.choice([1, 2, 3, 7, 8, 12, 1000])
        rule.save(update_fields=["numerator", "denominator"])
        amount = Decimal(chance.randint(1, 10**9)).scaleb(-chance.randint(0, 6))
        true = Fraction(amount) * rule.numerator / rule.denominator
        try:
            found = unit_converted(item=here, quantity=amount, from_unit=other)
        except UnitNotConvertible:
            assert (true * 10**6).denominator != 1
            refused += 1
            continue
        assert Fraction(found) == true
        assert unit_converted(item=there, quantity=found, from_unit=base) == amount
        exact += 1
    assert exact > 50 and refused > 50
