"""Numbers in sentences are written as people write them."""

from decimal import Decimal

import pytest

from forms_engine.kernel.text import Text


@pytest.mark.parametrize(
    ("number", "written"),
    [("50.000000", "50"), ("12.500", "12.5"), ("100", "100"), ("0E-6", "0"), ("1E+3", "1000")],
)
def test_a_quantity_of_the_database_loses_its_zeros(number, written):
    assert Text("%(n)s left", n=Decimal(number)).in_language("en") == f"{written} left"
