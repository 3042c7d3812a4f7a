"""The InvenTree set: reading, inheritance, pack texts, and every leaf's net requirement."""

from collections import defaultdict
from decimal import Decimal

import pytest

from jit.exchange.formats.inventree import FILES, InvenTreeFault, inventree_read, pack_quantity
from tests.inventree_brute_force import leaves_short
from tests.shared_data import plain_rows, shared_folder


@pytest.fixture(scope="module")
def folder():
    return shared_folder("bom_inventree")


@pytest.fixture(scope="module")
def shop(folder):
    return inventree_read({name: plain_rows(folder / name) for name in FILES})


def test_the_set_is_read_whole(shop):
    assert len(shop.parts) == 414 == len({part.code for part in shop.parts.values()})
    assert len(shop.supplier_parts) == 773
    assert len(shop.stock) == 1043
    assert len(shop.sales) == 6
    assert {line.part for line in shop.purchases} and all(line.quantity > 0 for line in shop.purchases)


def test_inherited_lines_come_with_the_variants(shop):
    own = sum(line.from_part == line.parent for line in shop.lines)
    assert own == 228 and len(shop.lines) > own
    for line in shop.lines:
        if line.from_part != line.parent:
            assert shop.parts[line.parent].variant_of


@pytest.mark.parametrize(
    ("text", "unit", "quantity"),
    [
        ("", "", "1"), ("1", "", "1"), ("500", "", "500"), ("250 ml", "litres", "0.25"),
        ("10 l", "litres", "10"), ("25 litres", "litres", "25"), ("100m", "m", "100"),
        ("0.5m", "m", "0.5"), ("1 metre", "m", "1"),
        ("500 feet", "m", "152.4"),
        ("1000 feet", "m", "304.8"), ("feet", "m", "0.3048"),
        ("foot", "m", "0.3048"),
    ],
)  # fmt: skip
def test_a_pack_text_is_an_exact_quantity(text, unit, quantity):
    assert pack_quantity(text, unit) == Decimal(quantity)


@pytest.mark.parametrize(
    ("text", "unit"), [("250 ml", "m"), ("3 boxes", ""), ("-1", ""), ("0", ""), ("1e5", "")]
)
def test_a_pack_text_without_meaning_is_refused(text, unit):
    with pytest.raises(ValueError, match=r"pack|conversion"):
        pack_quantity(text, unit)


def test_a_missing_file_is_named():
    with pytest.raises(InvenTreeFault, match=r"sales_orders\.csv"):
        inventree_read({name: [] for name in FILES if name != "sales_orders.csv"})


def read_totals(shop, *, emptied: bool, inherited: bool = True) -> dict[str, Decimal]:
    """Net the read set level by level: the codec's data, added up another way than the brute force."""
    free, need, children = defaultdict(Decimal), defaultdict(Decimal), defaultdict(list)
    if not emptied:
        for line in (*shop.stock, *shop.purchases):
            free[line.part] += line.quantity
    for line in shop.lines:
        if inherited or line.from_part == line.parent:
            children[line.parent].append(line)
    wave = defaultdict(Decimal)
    for line in shop.sales:
        wave[line.part] += line.quantity
    while wave:
        below = defaultdict(Decimal)
        for part, quantity in wave.items():
            used = min(free[part], quantity)
            free[part] -= used
            if quantity > used and not children[part]:
                need[part] += quantity - used
            for line in children[part]:
                below[line.child] += (quantity - used) * line.quantity
        wave = {part: quantity for part, quantity in below.items() if quantity}
    return dict(need)


@pytest.mark.parametrize(
    ("emptied", "inherited", "leaves", "total", "sourced", "sourced_total"),
    [
        (False, True, 4, "52", 0, "0"),
        (True, True, 78, "38430.625", 67, "33940.625"),
        (True, False, 75, "35425.625", 67, "33940.625"),
    ],
)
def test_every_leaf_is_short_by_what_brute_force_says(
    shop, folder, emptied, inherited, leaves, total, sourced, sourced_total
):
    brute = leaves_short(folder, emptied=emptied, inherited=inherited)
    assert len(brute) == leaves and sum(brute.values()) == Decimal(total)
    assert read_totals(shop, emptied=emptied, inherited=inherited) == brute
    with_supplier = {line.part for line in shop.supplier_parts}
    assert len(brute.keys() & with_supplier) == sourced
    assert sum(brute[part] for part in brute.keys() & with_supplier) == Decimal(sourced_total)
