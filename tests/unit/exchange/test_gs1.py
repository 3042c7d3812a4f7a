"""GS1 scans and check digits."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jit.exchange.formats.gs1 import Gs1Fault, check_digit, gs1_read, gtin_is_valid, sscc_is_valid, sscc_make
from tests.shared_data import shared_folder


def test_golden_check_digits():
    """G12 of the domain page."""
    assert sscc_is_valid("340123450000000017") and not sscc_is_valid("340123450000000018")
    assert gtin_is_valid("06951411123458") and not gtin_is_valid("06951411123454")


def test_a_scan_is_read_with_and_without_brackets():
    for text in ("]C1010695141112345810L7\x1d37100", "(01)06951411123458(10)L7(37)100"):
        scan = gs1_read(text)
        assert (scan.gtin, scan.lot, scan.count) == ("06951411123458", "L7", 100)
    scan = gs1_read("(00)340123450000000017(17)261124(3102)001234")
    assert (scan.sscc, scan.expiry, scan.net_weight_kg) == (
        "340123450000000017",
        date(2026, 11, 24),
        Decimal("12.34"),
    )


@pytest.mark.parametrize(
    "text",
    ["340123450000000018", "06951411123454", "(00)340123450000000018", "(01)06951411123454(10)L", "",
     "hello", "(17)269931"],
)  # fmt: skip
def test_a_wrong_digit_or_text_is_an_error_and_not_a_shorter_reading(text):
    with pytest.raises(Gs1Fault):
        gs1_read(text)


def test_an_sscc_is_made_from_prefix_and_serial():
    assert sscc_make("4012345", 1, extension=3) == "340123450000000017"
    with pytest.raises(ValueError, match="does not fit"):
        sscc_make("401234567890", 10_000)


@given(st.integers(0, 10**9 - 1), st.integers(0, 9), st.integers(0, 17))
def test_one_wrong_digit_is_always_found(serial, extension, place):
    sscc = sscc_make("4012345", serial, extension)
    wrong = sscc[:place] + str((int(sscc[place]) + 1) % 10) + sscc[place + 1 :]
    assert sscc_is_valid(sscc) and not sscc_is_valid(wrong)


def test_the_real_check_digit_vectors():
    """GS1's own vectors of sums of digits (8, 12, 13, 14 and 18 digits)."""
    path = shared_folder("barcode_gs1") / "gs1_vectors.jsonl"
    seen = 0
    for line in path.read_text().splitlines():
        case = json.loads(line)
        if case["kind"] == "lint_csum" and len(case["input"]) > 1:
            text = case["input"]
            ok = text.isascii() and text.isdigit() and check_digit(text[:-1]) == int(text[-1])
            assert ok is case["valid"], text
            seen += 1
    assert seen >= 10
