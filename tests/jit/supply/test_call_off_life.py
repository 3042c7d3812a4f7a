"""A call-off from proposal to receipt, as a buyer, a supplier and the dock live it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms_engine.core.query import record_history
from forms_engine.kernel import clock
from forms_engine.kernel.errors import ErrorList
from jit.stock.models import HandlingUnit
from jit.stock.selectors import ledger_violations, stock_at
from jit.supply.models import Agreement, CallOff, CallOffReply, CallOffVersion, Receipt, Shipment
from jit.supply.services import call_off, receipt, shipment
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
Kind = CallOffReply.Kind


@pytest.fixture
def plant():
    """F0 at 08:00."""
    built = make.f0()
    clock.set(make.at(8))
    yield built
    clock.set(None)


def proposal(plant: make.F0, hour: int = 12, quantity: int = 200) -> CallOff:
    """A proposal for the window that ends at `hour`."""
    return make.proposal(plant, make.at(hour), quantity, f"CO-{hour}")


def released(plant: make.F0, hour: int = 12, quantity: int = 200) -> CallOff:
    return call_off.calloff_release(actor=make.system(), calloff=proposal(plant, hour, quantity))


def reply(row: CallOff, kind: Kind, **more) -> CallOff:
    return call_off.calloff_reply(actor=make.system(), calloff=row, kind=kind, **more)


def announced(row: CallOff, quantity: int, **more) -> Shipment:
    line = shipment.PackedLine(row.pk, Decimal(quantity), lot_code="L1")
    return shipment.shipment_announce(actor=make.system(), lines=[line], **more)


def test_without_a_valid_price_nothing_is_released(plant):
    Agreement.objects.update(status=Agreement.Status.BLOCKED)
    with pytest.raises(call_off.CallOffRefused) as refusal:
        released(plant)
    assert "agreement" in refusal.value.in_language("en")
    assert "供货协议" in refusal.value.in_language("zh-hans")


def test_a_blocked_supplier_gets_nothing(plant):
    plant.supplier.status = "BLOCKED"
    plant.supplier.save()
    with pytest.raises(call_off.CallOffRefused):
        released(plant)


def test_a_call_off_is_answered_once(plant):
    row = released(plant)
    assert reply(row, Kind.CONFIRM).state == CallOff.State.CONFIRMED
    with pytest.raises(call_off.CallOffNotOpen):
        reply(row, Kind.CONFIRM)


def test_less_later_and_no_become_the_new_firm_quantity_and_time(plant):
    less = reply(released(plant, 12), Kind.LESS, quantity=Decimal(150), reason="no steel")
    later = reply(released(plant, 13), Kind.LATER, promised_at=make.at(14))
    no = reply(released(plant, 14), Kind.REFUSE, reason="machine down")
    assert (less.confirmed_quantity, less.state) == (150, CallOff.State.PARTIAL)
    assert (later.confirmed_quantity, later.promised_at) == (200, make.at(14))
    assert (no.confirmed_quantity, no.state) == (0, CallOff.State.DECLINED)


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        (Kind.LESS, {"quantity": Decimal(200), "reason": "x"}, "quantity"),
        (Kind.LESS, {"quantity": Decimal(0), "reason": "x"}, "quantity"),
        (Kind.LESS, {"quantity": Decimal("10.5"), "reason": "x"}, "quantity"),
        (Kind.LESS, {"quantity": Decimal(100)}, "reason"),
        (Kind.LATER, {"promised_at": make.at(11)}, "promised_at"),
        (Kind.REFUSE, {}, "reason"),
    ],
)
def test_an_answer_that_cannot_be_meant_is_refused_with_its_field(plant, kind, more, field):
    row = released(plant)
    with pytest.raises(call_off.CallOffRefused) as refusal:
        reply(row, kind, **more)
    assert refusal.value.field == field
    assert CallOff.objects.get(pk=row.pk).state == CallOff.State.RELEASED


def test_a_change_before_packing_shows_the_difference_and_asks_anew(plant):
    """T68: 150 to 100 before packing, the supplier sees -50."""
    row = reply(released(plant, quantity=150), Kind.CONFIRM)
    changed = call_off.calloff_change(actor=make.system(), calloff=row, quantity=Decimal(100))
    assert (changed.revision, changed.state, changed.confirmed_quantity) == (2, CallOff.State.RELEASED, None)
    assert CallOffVersion.objects.get(calloff=row, revision=2).delta == -50
    with pytest.raises(call_off.CallOffNotOpen):
        reply(row, Kind.CONFIRM, revision=1)


def test_after_packing_it_cannot_fall_below_and_after_shipping_not_change(plant):
    row = released(plant)
    sent = announced(row, 150)
    with pytest.raises(call_off.CallOffRefused):
        call_off.calloff_change(actor=make.system(), calloff=row, quantity=Decimal(100))
    rest = announced(row, 50)
    for one in (sent, rest):
        shipment.shipment_depart(actor=make.system(), shipment=one)
    with pytest.raises(call_off.CallOffNotOpen):
        call_off.calloff_change(actor=make.system(), calloff=row, quantity=Decimal(250))


def test_hold_remembers_where_it_was(plant):
    row = reply(released(plant), Kind.CONFIRM)
    assert call_off.calloff_hold(actor=make.system(), calloff=row).state == CallOff.State.HOLD
    assert call_off.calloff_resume(actor=make.system(), calloff=row).state == CallOff.State.CONFIRMED


def test_from_announcement_to_the_line(plant):
    row = reply(released(plant), Kind.CONFIRM)
    asn = announced(row, 200, delivery_note="DN-1")
    units = HandlingUnit.objects.filter(supplier=plant.supplier).order_by("code")
    assert [unit.quantity for unit in units] == [50, 50, 50, 50]
    row.refresh_from_db()
    assert row.state == CallOff.State.PACKED
    shipment.shipment_depart(actor=make.system(), shipment=asn)
    got = receipt.shipment_receive(actor=make.system(), shipment=asn)
    row.refresh_from_db()
    line = got.lines.get()
    assert (row.state, row.received_quantity) == (CallOff.State.RECEIVED, 200)
    assert (got.state, line.goes_to_line, line.to_location) == (Receipt.State.ACCEPTED, True, plant.line_side)
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 400
    with pytest.raises(receipt.ShipmentReceivedBefore):
        receipt.shipment_receive(actor=make.system(), shipment=asn)
    assert ledger_violations() == {}


@pytest.mark.parametrize(("counted", "difference"), [(150, "SHORT"), (250, "OVER"), (0, "SHORT")])
def test_a_count_that_differs_is_booked_as_counted_and_recorded(plant, counted, difference):
    asn = announced(reply(released(plant), Kind.CONFIRM), 200)
    line = asn.lines.get()
    got = receipt.shipment_receive(actor=make.system(), shipment=asn, counted={line.pk: Decimal(counted)})
    assert (got.state, got.lines.get().difference) == (Receipt.State.DISCREPANT, difference)
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 200 + counted


def test_each_package_is_received_once(plant):
    asn = announced(reply(released(plant, quantity=100), Kind.CONFIRM), 100)
    codes = list(HandlingUnit.objects.order_by("code").values_list("code", flat=True))
    receipt.package_receive(actor=make.system(), code=codes[0])
    with pytest.raises(receipt.PackageRefused):
        receipt.package_receive(actor=make.system(), code=codes[0])
    asn.refresh_from_db()
    assert asn.state == Shipment.State.RECEIVING
    receipt.package_receive(actor=make.system(), code=codes[1])
    asn.refresh_from_db()
    assert asn.state == Shipment.State.RECEIVED
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 300
    with pytest.raises(receipt.PackageRefused):
        receipt.package_receive(actor=make.system(), code="HU9999999")


@pytest.mark.parametrize(
    ("quantity", "code"), [("201", "supply.shipment.quantity"), ("10.5", "number.scale")]
)
def test_a_notice_over_the_open_quantity_or_of_half_a_piece_names_the_line(plant, quantity, code):
    row = released(plant)
    with pytest.raises(ErrorList) as refusal:
        announced(row, Decimal(quantity))
    assert [(error.field, error.code) for error in refusal.value.errors] == [("lines.0.quantity", code)]
    assert Shipment.objects.count() == 0


def test_a_delivery_note_is_used_once(plant):
    row = released(plant)
    announced(row, 50, delivery_note="DN-1")
    with pytest.raises(shipment.DeliveryNoteTaken):
        announced(row, 50, delivery_note="DN-1")


def test_a_cancelled_notice_opens_the_call_off_again(plant):
    row = reply(released(plant), Kind.CONFIRM)
    shipment.shipment_cancel(actor=make.system(), shipment=announced(row, 200))
    row.refresh_from_db()
    assert (row.state, row.packed_quantity) == (CallOff.State.CONFIRMED, 0)
    assert announced(row, 200).state == Shipment.State.SUBMITTED


def test_goods_nobody_announced_are_booked_and_marked(plant):
    got = receipt.receipt_unannounced(
        actor=make.system(), item=plant.part, quantity=Decimal(7), dock=plant.dock, supplier=plant.supplier
    )
    assert got.lines.get().difference == "UNKNOWN"
    assert stock_at(item_id=plant.part.pk, location_id=plant.store.pk) == 7


def lived(row: Receipt) -> list[str]:
    """What the history of a receipt tells, oldest first."""
    return [change["verb"] for change in reversed(record_history(make.system(), "supply.receipt", row.pk))]


def test_a_receipt_made_by_one_doing_is_one_line_of_its_history(plant):
    """One person did one thing, and the history said created, then changed."""
    unannounced = receipt.receipt_unannounced(
        actor=make.system(), item=plant.part, quantity=Decimal(7), dock=plant.dock, supplier=plant.supplier
    )
    assert lived(unannounced) == ["I"]
    whole = receipt.shipment_receive(
        actor=make.system(), shipment=announced(reply(released(plant), Kind.CONFIRM), 200)
    )
    assert (lived(whole), whole.state) == (["I"], Receipt.State.ACCEPTED)
    Receipt.objects.get(pk=whole.pk, posting__isnull=False)


def test_packages_one_by_one_are_one_line_of_history_each(plant):
    asn = announced(reply(released(plant, quantity=100), Kind.CONFIRM), 100)
    for code in HandlingUnit.objects.order_by("code").values_list("code", flat=True):
        receipt.package_receive(actor=make.system(), code=code)
    assert [verb for verb in lived(Receipt.objects.get(shipment=asn)) if verb != "I"] == ["U"]


@pytest.mark.parametrize(
    ("quantity", "packages", "pack"), [("200", 4, "50"), ("130", 3, "50"), ("10", 3, "50"), ("0.1", 3, "1")]
)
def test_packages_sum_to_the_line(quantity, packages, pack):
    parts = shipment.shares(Decimal(quantity), packages, Decimal(pack))
    assert len(parts) == packages
    assert sum(parts) == Decimal(quantity)


def test_cumulative_quantities_follow_the_documents(plant):
    row = reply(released(plant), Kind.CONFIRM)
    asn = announced(row, 200)
    shipment.shipment_depart(actor=make.system(), shipment=asn)
    receipt.shipment_receive(actor=make.system(), shipment=asn)
    receipt.agreement_recount(agreement_ids=[plant.agreement.pk])
    plant.agreement.refresh_from_db()
    assert (plant.agreement.cumulative_shipped, plant.agreement.cumulative_received) == (200, 200)
