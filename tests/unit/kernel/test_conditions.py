"""A condition is judged as the database judges it: what is not known breaks nothing."""

import itertools

import pytest

from forms_engine.kernel.conditions import All, Compared, Empty, Named, Not, OneOf, Some

TRUTHS = (True, False, None)


class Said:
    """A condition whose answer is given."""

    def __init__(self, answer):
        self.answer = answer

    def holds(self, row):
        return self.answer


@pytest.mark.parametrize(
    ("sign", "below", "same", "above"),
    [
        ("gt", False, False, True),
        ("gte", False, True, True),
        ("lt", True, False, False),
        ("lte", True, True, False),
        ("exact", False, True, False),
    ],
)
def test_a_field_is_compared_with_a_constant_and_with_another_field(sign, below, same, above):
    for value, wanted in ((1, below), (2, same), (3, above), (None, None)):
        assert Compared("a", sign, 2).holds({"a": value}) is wanted
        assert Compared("a", sign, Named("b")).holds({"a": value, "b": 2}) is wanted
    assert Compared("a", sign, Named("b")).holds({"a": 1, "b": None}) is None
    assert Compared("a", sign, 2).holds({}) is None


def test_nothing_is_known_of_a_field_that_is_not_there():
    assert Empty("a").holds({"a": None}) is True
    assert Empty("a").holds({"a": 0}) is False
    assert Empty("a").holds({}) is None
    assert OneOf("a", ("x", "y")).holds({"a": "y"}) is True
    assert OneOf("a", ("x", "y")).holds({"a": "z"}) is False
    assert OneOf("a", ("x", "y")).holds({"a": None}) is None


def test_and_or_and_not_follow_the_three_truths():
    """AND is the least, OR the greatest of false < unknown < true; NOT turns them round."""
    order = {False: 0, None: 1, True: 2}
    back = {0: False, 1: None, 2: True}
    for one, other in itertools.product(TRUTHS, repeat=2):
        parts = (Said(one), Said(other))
        assert All(parts).holds({}) is back[min(order[one], order[other])]
        assert Some(parts).holds({}) is back[max(order[one], order[other])]
    for one in TRUTHS:
        assert Not(Said(one)).holds({}) is back[2 - order[one]]
