"""What a card says of a call-off that was withdrawn, and of a run that changed it."""

from datetime import timedelta
from decimal import Decimal

from forms_engine.kernel import clock
from jit.portal.cards import Card, by_day
from tests import factories as make


def card(**more):
    row = {"state": "SENT", "quantity": Decimal(200), "previous_quantity": Decimal(150), "reason": ""}
    return Card(row | {"pack_quantity": Decimal(50)} | more)


def test_a_withdrawn_call_off_strikes_through_what_it_was():
    gone = card(state="CANCELLED", quantity=Decimal(0))
    assert (gone.shown_quantity, gone.boxes) == (150, 3)
    assert card().shown_quantity == 200
    assert card(state="CANCELLED", previous_quantity=None).shown_quantity == 200


def test_the_number_of_a_run_is_no_reason_a_supplier_could_use():
    assert card(reason="RUN0000003").reason == ""
    assert card(reason="换型 RUN0000003").reason == "换型 RUN0000003"


def test_an_emergency_over_midnight_stands_under_today():
    with clock.freeze(make.at(23)):
        over = card(window_start=make.at(22, 50), window_end=make.at(23) + timedelta(hours=1))
        next_day = card(
            window_start=make.at(23) + timedelta(hours=3), window_end=make.at(23) + timedelta(hours=4)
        )
        days = by_day([over, next_day])
    assert [(day.word[:2], day.cards) for day in days] == [("今天", [over]), ("明天", [next_day])]
