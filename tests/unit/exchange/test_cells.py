"""Cells become raw values exactly, or say why not."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jit.exchange.cells import CellFault, cell_raw, decimal_comma_guess


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("１２", "12"), ("1,234", "1234"), ("1 234.5", "1234.5"), ("-0", "0"), ("+3", "3"), (".5", "0.5"),
        ("5%", "0.05"), (0.1, "0.1"), (3.0, "3"), (12, "12"), ("\u22122", "-2"), ("1e3", "1000"),
        (1e15, "1000000000000000"),
    ],
)  # fmt: skip
def test_a_number_is_exact(cell, number):
    assert Decimal(cell_raw(cell, "decimal")) == Decimal(number)


@pytest.mark.parametrize(
    "cell", ["1e999", "NaN", "inf", "12a", "1,23", "1.2.3", "--1", True, date(2026, 1, 1)]
)
def test_what_is_no_number_is_said(cell):
    with pytest.raises(CellFault, match="not_a_number"):
        cell_raw(cell, "decimal")


def test_a_decimal_comma_is_read_when_said():
    assert cell_raw("1.114,200", "decimal", decimal_comma=True) == "1114.200"
    assert cell_raw("302,920", "decimal", decimal_comma=True) == "302.920"
    assert decimal_comma_guess(["302,920", "1114,200"]) is True
    assert decimal_comma_guess(["1,234", "5,678"]) is False
    assert decimal_comma_guess(["1,5", "2.5"]) is False


def test_an_integer_is_whole():
    assert cell_raw(7.0, "integer") == "7"
    with pytest.raises(CellFault, match="not_an_integer"):
        cell_raw("1.5", "integer")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-24", "2026/11/24", "2026.11.24", "20261124", "2026年11月24日", "24.11.2026", "24/11/2026",
        "２０２６-11-24", date(2026, 11, 24), datetime(2026, 11, 24), 46350.0,
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_usual_way(cell):
    assert cell_raw(cell, "date") == "2026-11-24"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("05/06/2026", "ambiguous_date"),
        ("2026-02-30", "not_a_date"),
        ("soon", "not_a_date"),
        (3.5, "not_a_date"),
    ],
)
def test_a_day_is_never_guessed(cell, code):
    with pytest.raises(CellFault, match=code):
        cell_raw(cell, "date")


@pytest.mark.parametrize(
    ("cell", "raw"),
    [
        (12, "12"),
        ("1,200.5", "1200.5"),
        ("2 箱", "2 箱"),
        ("１２卷", "12 卷"),
        ("1,200 g", "1200 g"),
        ("3BOX", "3 BOX"),
    ],
)
def test_a_quantity_keeps_its_unit(cell, raw):
    assert cell_raw(cell, "quantity") == raw


@pytest.mark.parametrize("cell", ["箱", "2 3 箱", "two boxes", "2 箱 3"])
def test_a_quantity_is_never_guessed(cell):
    with pytest.raises(CellFault, match="not_a_number"):
        cell_raw(cell, "quantity")


def test_a_time_is_the_plants_unless_it_says_otherwise():
    shanghai, berlin = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
    assert cell_raw("202307241100", "datetime", zone=shanghai) == "2023-07-24T11:00:00+08:00"
    assert cell_raw("2026-11-24 08:30", "datetime", zone=berlin) == "2026-11-24T08:30:00+01:00"
    assert cell_raw("2026-11-24T08:30:00Z", "datetime", zone=berlin) == "2026-11-24T08:30:00+00:00"
    assert cell_raw("2026-11-24 08:30+08:00", "datetime", zone=berlin) == "2026-11-24T08:30:00+08:00"
    with pytest.raises(CellFault, match="time_missing"):
        cell_raw("2026-03-29 02:30", "datetime", zone=berlin)


@pytest.mark.parametrize(
    ("cell", "value"), [("是", True), ("Y", True), (0.0, False), ("否", False), (True, True)]
)
def test_yes_and_no_in_both_languages(cell, value):
    assert cell_raw(cell, "boolean") is value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_an_exact_decimal_goes_there_and_back(number):
    assert Decimal(cell_raw(format(number, "f"), "decimal")) == number


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.datetimes(), st.none()))
@pytest.mark.parametrize("kind", ["decimal", "quantity", "integer", "date", "datetime", "boolean", "text"])
def test_any_cell_is_read_or_refused(kind, cell):
    try:
        cell_raw(cell, kind, zone=ZoneInfo("Europe/Berlin"))
    except CellFault as fault:
        assert fault.code
