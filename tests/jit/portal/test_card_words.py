"""What a card says of a call-off that was withdrawn, and of a run that changed it."""

from decimal import Decimal

from jit.portal.cards import Card


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
