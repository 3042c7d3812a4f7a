"""Our formulas against the values Excel computed (tests/data/formula_excel)."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from forms_engine.kernel.expressions import Env, formula_loose
from tests import fx_wire

LINES = (fx_wire.ROOT / "tests/data/formula_excel/cases.jsonl").read_text("utf-8").splitlines()
CASES = [json.loads(line, parse_float=Decimal) for line in LINES]


def same(ours, excel):
    """Excel counts in binary floats of 15 digits: numbers may differ behind the twelfth."""
    if isinstance(ours, Decimal) and isinstance(excel, int | Decimal) and not isinstance(excel, bool):
        return abs(ours - excel) <= Decimal("1e-12") * max(1, abs(excel))
    if isinstance(ours, dt.date):
        return f"{ours.isoformat()}T00:00:00" == excel
    return ours == excel and type(ours) is type(excel)


def test_we_compute_what_excel_computes():
    differing = []
    for case in CASES:
        values = {
            name: Decimal(value) if isinstance(value, int) else value
            for name, value in case["values"].items()
        }
        result = formula_loose(case["src"]).evaluate(Env(values))
        if not same(result, case["expected"]):
            differing.append((case["src"], case["values"], str(result), case["expected"]))
    assert not differing, differing[:5]
    assert len(CASES) > 300


@pytest.mark.parametrize(
    "source", ["ROUND(2.5, 0)", "MOD(-7, 3)", 'DATEDIF(DATE(2026,1,1), DATE(2026,12,31), "m")']
)
def test_a_leading_equals_sign_is_welcome(source):
    assert formula_loose(f"={source}").evaluate(Env({})) == formula_loose(source).evaluate(Env({}))
