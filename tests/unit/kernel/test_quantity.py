"""Exact amounts (reliability I22)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.kernel.quantity import (
    BadNumber,
    InexactConversion,
    NumberOutOfRange,
    Quantity,
    TooManyDecimals,
    UnitMismatch,
    allocate,
    number_parse,
    number_text,
    value_convert,
)

stored = st.decimals(min_value=-(10**12) + 1, max_value=10**12 - 1, places=6, allow_nan=False)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("12", "12"), (" 12.50 ", "12.5"), ("１２．５", "12.5"), ("-0", "0"), (0.1, "0.1"), (7, "7"), 
     ("1e3", "1000"), ("-0.000001", "-0.000001"), ("1.0000000", "1"), 
     ("999999999999.999999", "999999999999.999999"), (".5", "0.5")],
)  # fmt: skip
def test_numbers_are_read_as_typed(raw, value):
    result = number_parse(raw)
    assert result == Decimal(value)
    assert str(result) == value


@pytest.mark.parametrize(
    ("raw", "error"),
    [("NaN", BadNumber), ("-nan", BadNumber), ("sNaN12", BadNumber),
     ("inf", NumberOutOfRange), ("-Infinity", NumberOutOfRange),
     ("1e999", NumberOutOfRange), ("1000000000000", NumberOutOfRange), (10**400, NumberOutOfRange),
     (float("nan"), BadNumber), (float("inf"), NumberOutOfRange), (Decimal("sNaN"), BadNumber),
     ("9" * 5000, NumberOutOfRange), ("1e-7", TooManyDecimals), ("0.1234567", TooManyDecimals),
     ("1.234,56", BadNumber), ("1,234.56", BadNumber), ("1，234", BadNumber),
     ("", BadNumber), ("abc", BadNumber),
     ("1 2", BadNumber), ("--1", BadNumber), ("0x10", BadNumber), ("1_000", BadNumber), (True, BadNumber),
     (None, BadNumber), ([], BadNumber), ("١٢", BadNumber), ("1e99999999999", BadNumber), ("½", BadNumber)],
)  # fmt: skip
def test_what_is_no_storable_number_is_refused_with_words(raw, error):
    with pytest.raises(error) as caught:
        number_parse(raw)
    assert caught.value.in_language("zh") != caught.value.in_language("en")


@given(stored)
def test_a_stored_number_is_read_back_unchanged(value):
    assert number_parse(number_text(value)) == value
    assert number_parse(str(value)) == value


def test_units_do_not_mix():
    assert Quantity(Decimal(3), "PCE") + Quantity(Decimal("0.5"), "PCE") == Quantity(Decimal("3.5"), "PCE")
    with pytest.raises(UnitMismatch):
        Quantity(Decimal(3), "PCE") + Quantity(Decimal(3), "KG")
    with pytest.raises(UnitMismatch):
        assert Quantity(Decimal(3), "PCE") < Quantity(Decimal(3), "KG")
    assert str(Quantity(Decimal("1500.00"), "G")) == "1500 G"


def test_a_thousand_feet_are_exactly_their_metres():
    foot = Fraction(3048, 10000)
    metres = Quantity(Decimal(1000), "FT").converted("M", foot)
    assert metres == Quantity(Decimal("304.8"), "M")
    assert metres.converted("FT", 1 / foot) == Quantity(Decimal(1000), "FT")


def test_a_conversion_that_would_round_is_refused():
    with pytest.raises(InexactConversion):
        Quantity(Decimal(100), "G").converted("PCE", (1, 3))
    with pytest.raises(ValueError, match="greater than zero"):
        value_convert(Decimal(1), (0, 1))


@given(stored, st.integers(1, 10**6), st.integers(1, 10**6))
def test_there_and_back_is_exact_or_refused(value, top, bottom):
    try:
        there = value_convert(value, (top, bottom))
    except (InexactConversion, NumberOutOfRange):
        return
    assert value_convert(there, (bottom, top)) == value


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any),
    st.sampled_from([Decimal(1), Decimal("0.01"), Decimal("0.000001")]),
)
def test_rounded_parts_sum_to_the_total(steps, weights, step):
    total = steps * step
    parts = allocate(total, [Decimal(w) for w in weights], step=step)
    assert sum(parts) == total
    assert all(p == 0 for p, w in zip(parts, weights, strict=True) if w == 0)


def test_ten_over_three_gives_the_extra_piece_to_the_first():
    assert allocate(Decimal(10), [Decimal(1)] * 3, step=Decimal(1)) == [4, 3, 3]
