"""What came and is not good: kept apart with its reason, for no plan to use and for its supplier to see."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from forms_engine.access import services as access
from forms_engine.base import db
from forms_engine.kernel import clock
from forms_engine.packages.services import package_install
from jit.catalog.models import Location
from jit.stock.models import HandlingUnit, Posting
from jit.stock.selectors import ledger_violations, stock_at
from jit.stock.services import StockShort, stock_transfer
from jit.supply.models import CallOff, Receipt, ReceiptLine, Shipment
from jit.supply.services import receipt
from tests import factories as make
from tests.jit.supply.test_dock_page import PACKAGE, announced, on_line, person, scanned

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
BAD = ReceiptLine.Blocked


@pytest.fixture
def plant():
    """F0 at 08:00 with nothing at the line."""
    built = make.f0(line_stock=0)
    clock.set(make.at(8))
    yield built
    clock.set(None)


def quarantine() -> Location:
    return Location.objects.get(kind=Location.Kind.QUARANTINE)


def in_quarantine(plant) -> Decimal:
    return stock_at(item_id=plant.part.pk, location_id=quarantine().pk)


def received(row: Shipment, *blocked: tuple[int, str], counted: int | None = None) -> Receipt:
    line = row.lines.get()
    return receipt.shipment_receive(
        actor=make.system(),
        shipment=row,
        counted={} if counted is None else {line.pk: Decimal(counted)},
        blocked=[receipt.Blocked(line.pk, Decimal(many), why) for many, why in blocked],
    )


def test_of_a_hundred_pieces_four_damaged_go_to_the_quarantine(plant):
    row = announced(plant, 100)
    got = received(row, (4, BAD.DAMAGED))
    line = got.lines.get()
    assert (line.counted_quantity, line.blocked_quantity, line.blocked_reason) == (100, 4, "DAMAGED")
    assert (line.difference, line.is_different, got.state) == ("NONE", True, Receipt.State.DISCREPANT)
    assert on_line(plant) == 96 and in_quarantine(plant) == 4
    assert not quarantine().allow_negative and quarantine().plant_id == plant.line_side.plant_id
    call = CallOff.objects.get()
    assert (call.state, call.received_quantity) == (CallOff.State.RECEIVED, 96)
    row.refresh_from_db()
    assert (row.state, row.lines.get().received_quantity) == (Shipment.State.DISCREPANT, 100)
    assert Posting.objects.filter(kind="RECEIPT").count() == 1  # one receipt, one voucher
    assert ledger_violations() == {}


def test_short_and_damaged_at_once_and_all_of_it_damaged(plant):
    line = received(announced(plant, 100), (4, BAD.WET), counted=90).lines.get()
    assert (line.difference, line.gap, line.blocked_quantity) == ("SHORT", 10, 4)
    assert on_line(plant) == 86
    received(announced(plant, 50, hour=13), (50, BAD.WRONG_ITEM))
    assert on_line(plant) == 86 and in_quarantine(plant) == 54
    assert Location.objects.filter(kind=Location.Kind.QUARANTINE).count() == 1
    assert ledger_violations() == {}


def test_a_plant_with_a_quarantine_of_its_own_uses_that(plant):
    own = make.location("Q-1", Location.Kind.QUARANTINE)
    received(announced(plant, 100), (1, BAD.LABEL))
    assert stock_at(item_id=plant.part.pk, location_id=own.pk) == 1


@pytest.mark.parametrize(
    ("many", "why", "fields"),
    [
        (201, "DAMAGED", ["blocked.0.quantity"]),
        (0, "DAMAGED", ["blocked.0.quantity"]),
        (-1, "DAMAGED", ["blocked.0.quantity"]),
        (4, "MOOD", ["blocked.0.reason"]),
        (4, "", ["blocked.0.reason"]),
    ],
)
def test_what_cannot_be_is_refused_and_posts_nothing(plant, many, why, fields):
    row = announced(plant)
    with pytest.raises(receipt.ReceiptRefused) as refusal:
        received(row, (many, why))
    assert [error.field for error in refusal.value.errors] == fields
    assert Receipt.objects.count() == 0 and on_line(plant) == 0


def test_a_line_is_blocked_once_and_only_of_this_shipment(plant):
    row, other = announced(plant), announced(plant, hour=13)
    with pytest.raises(receipt.ReceiptRefused) as refusal:
        received(row, (4, BAD.WET), (2, BAD.QUALITY))
    assert [error.code for error in refusal.value.errors] == ["supply.receipt.blocked_twice"]
    with pytest.raises(receipt.ReceiptRefused) as refusal:
        receipt.shipment_receive(
            actor=make.system(),
            shipment=row,
            blocked=[receipt.Blocked(other.lines.get().pk, Decimal(1), BAD.WET)],
        )
    assert [error.field for error in refusal.value.errors] == ["blocked.0.line"]


def test_the_database_keeps_no_blocked_quantity_without_a_reason(plant):
    line = received(announced(plant, 100), (4, BAD.WET)).lines.get()
    for wrong in ({"blocked_reason": ""}, {"blocked_quantity": 101}, {"blocked_quantity": 0}):
        with pytest.raises(IntegrityError), db.atomic():
            ReceiptLine.objects.filter(pk=line.pk).update(**wrong)


def test_the_api_takes_it_for_the_warehouse_and_for_nobody_else(plant):
    package_install(actor=make.system(), folder=PACKAGE)
    row = announced(plant, 100)
    line = str(row.lines.get().pk)
    url = f"/api/v1/supply.shipment/{row.pk}/receive/"

    def sent(role: str, blocked: list) -> tuple[int, dict]:
        user = access.user_create(actor=make.system(), username=uuid.uuid4().hex, roles=[role])
        headers = {"Authorization": f"Token {access.token_create(actor=make.system(), user=user)[1]}"}
        answer = Client().post(url, {"blocked": blocked}, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    good = {"line": line, "quantity": "4", "reason": "DAMAGED"}
    assert [sent(role, [good])[0] for role in ("buyer", "operator")] == [403, 404]
    for wrong, field in (
        ({"line": line, "quantity": "4"}, "blocked.0.reason"),
        ({"line": line, "reason": "WET"}, "blocked.0.quantity"),
        ({"quantity": "4", "reason": "WET"}, "blocked.0.line"),
        (good | {"reason": "MOOD"}, "blocked.0.reason"),
        (good | {"quantity": "1e999"}, "blocked.0.quantity"),
        (good | {"quantity": "101"}, "blocked.0.quantity"),
        (good | {"line": str(uuid.uuid4())}, "blocked.0.line"),
        (good | {"colour": "red"}, "blocked.0.colour"),
    ):
        status, body = sent("warehouse", [wrong])
        assert status == 422 and [error["field"] for error in body["errors"]] == [field], (wrong, body)
    assert Receipt.objects.count() == 0
    status, body = sent("warehouse", [good])
    assert status == 200 and on_line(plant) == 96 and in_quarantine(plant) == 4, body


def test_the_dock_page_takes_it_and_keeps_what_was_typed(plant):
    dock, row = person("warehouse"), announced(plant, 100)
    pk = row.lines.get().pk
    shown = dock.get(reverse("dock:shipment", args=[row.pk])).content.decode()
    assert "有不合格品" in shown and "破损" in shown and "受潮或脏污" in shown
    typed = {f"count-{pk}": "100", f"blocked-{pk}": "101", f"reason-{pk}": "WET", "remark": "箱角压坏"}

    def sent(**more: str):
        body = typed | more | {"idempotency_key": uuid.uuid4().hex}
        return dock.post(reverse("dock:receive", args=[row.pk]), body, headers={"HX-Request": "true"})

    answer = sent()
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="101"' in text and "须大于零，且不超过实收的 100。" in text
    assert '<option value="WET" selected>' in text and "箱角压坏" in text
    answer = sent(**{f"blocked-{pk}": "4"})
    text = answer.content.decode()
    said = json.loads(answer["HX-Trigger"])["scan-result"]
    assert (
        answer.status_code == 200 and said["tone"] == "risk" and said["text"].endswith("支架 X 受潮或脏污 4")
    )
    assert "不合格 4：受潮或脏污" in text and "不合格 4" in dock.get(reverse("dock:page")).content.decode()
    assert on_line(plant) == 96 and in_quarantine(plant) == 4 and ledger_violations() == {}


def test_a_reason_without_a_quantity_means_all_of_it_is_good(plant):
    dock, row = person("warehouse"), announced(plant, 100)
    pk = row.lines.get().pk
    sent = {f"count-{pk}": "100", f"blocked-{pk}": "0", f"reason-{pk}": "DAMAGED"}
    dock.post(reverse("dock:receive", args=[row.pk]), sent, headers={"HX-Request": "true"})
    assert (on_line(plant), Receipt.objects.get().state) == (100, Receipt.State.ACCEPTED)


def test_the_sheet_of_the_action_shows_the_lines_too(plant):
    row = announced(plant, 100)
    text = person("warehouse").get(f"/e/supply.shipment/{row.pk}/do/receive").content.decode()
    assert "其中不合格" in text and "破损" in text


def blocked_later(row: Shipment, many: int, why: str = "DAMAGED") -> ReceiptLine:
    line = ReceiptLine.objects.filter(receipt__shipment=row).latest("created_at")
    return receipt.receipt_block(actor=make.system(), line=line, quantity=Decimal(many), reason=why)


def test_what_is_found_while_unpacking_follows_into_the_quarantine(plant):
    row = announced(plant, 100)
    received(row)
    assert CallOff.objects.get().received_quantity == 100
    line = blocked_later(row, 4)
    assert (line.blocked_quantity, line.blocked_reason, line.counted_quantity) == (4, "DAMAGED", 100)
    assert on_line(plant) == 96 and in_quarantine(plant) == 4 and ledger_violations() == {}
    assert Posting.objects.get(kind="TRANSFER").document == line.receipt.number
    assert CallOff.objects.get().received_quantity == 96
    row.refresh_from_db()
    assert (row.state, Receipt.objects.get().state) == (Shipment.State.DISCREPANT, Receipt.State.DISCREPANT)
    line = blocked_later(row, 96, "WET")
    assert (line.blocked_quantity, line.blocked_reason, on_line(plant)) == (100, "WET", 0)
    assert CallOff.objects.get().received_quantity == 0


@pytest.mark.parametrize(("many", "why"), [(101, "WET"), (0, "WET"), (-1, "WET"), (4, "MOOD"), (4, "")])
def test_no_more_is_found_than_was_good_and_never_without_a_reason(plant, many, why):
    row = announced(plant, 100)
    received(row)
    with pytest.raises(receipt.ReceiptRefused):
        blocked_later(row, many, why)
    assert on_line(plant) == 100


def test_what_the_line_has_used_meanwhile_cannot_be_taken_away(plant):
    row = announced(plant, 100)
    received(row)
    lot = ReceiptLine.objects.get().lot
    stock_transfer(
        actor=make.system(), item=plant.part, from_location=plant.line_side, to_location=plant.store,
        quantity=Decimal(98), lot=lot,
    )  # fmt: skip
    with pytest.raises(StockShort):
        blocked_later(row, 4)
    assert ReceiptLine.objects.get().blocked_quantity == 0 and ledger_violations() == {}


def test_a_package_scanned_first_is_found_damaged_at_the_dock_page(plant):
    dock, row = person("warehouse"), announced(plant, 100)
    units = list(HandlingUnit.objects.order_by("code"))
    answer, _ = scanned(dock, units[0].code)
    line = ReceiptLine.objects.get()
    url = reverse("dock:block", args=[line.pk])
    assert url in answer.content.decode()

    def sent(many: str, why: str = "QUALITY"):
        body = {f"blocked-{line.pk}": many, f"reason-{line.pk}": why, "unit": units[0].code}
        body["idempotency_key"] = uuid.uuid4().hex
        return dock.post(url, body, headers={"HX-Request": "true"})

    answer = sent("51")
    assert answer.status_code == 422 and "不超过合格的 50" in answer.content.decode()
    assert sent("x").status_code == 422 and sent("3", "").status_code == 422
    answer = sent("3")
    said = json.loads(answer["HX-Trigger"])["scan-result"]
    assert answer.status_code == 200 and said["text"] == "支架 X：质量问题 3，已移入隔离区。"
    assert units[0].code in answer.content.decode() and "不合格 3：质量问题" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == Shipment.State.RECEIVING  # the other package is still to come
    scanned(dock, units[1].code)
    row.refresh_from_db()
    assert (row.state, Receipt.objects.get().state) == (Shipment.State.DISCREPANT, Receipt.State.DISCREPANT)
    assert on_line(plant) == 97 and in_quarantine(plant) == 3 and ledger_violations() == {}
    assert CallOff.objects.get().received_quantity == 97
    shown = dock.get(reverse("dock:shipment", args=[row.pk])).content.decode()
    assert "不合格 3：质量问题" in shown and shown.count("移入隔离区") >= 2


def test_who_may_not_receive_may_not_block(plant):
    row = announced(plant, 100)
    received(row)
    buyer, pk = person("buyer"), ReceiptLine.objects.get().pk
    answer = buyer.post(reverse("dock:block", args=[pk]), {f"blocked-{pk}": "1", f"reason-{pk}": "WET"})
    assert answer.status_code in (403, 404) and on_line(plant) == 100
    answer = buyer.post(
        f"/api/v1/supply.receiptline/{pk}/block/",
        {"quantity": "1", "reason": "WET"},
        content_type="application/json",
    )
    assert answer.status_code in (403, 404) and on_line(plant) == 100


def test_half_a_piece_is_neither_counted_nor_blocked_and_said_at_its_line(plant):
    row = announced(plant, 100)
    for counted, blocked, fields in (
        ("99.5", "0", ["counted.0.received_quantity"]),
        ("100", "1.5", ["blocked.0.quantity"]),
    ):
        with pytest.raises(receipt.ReceiptRefused) as refusal:
            line = row.lines.get()
            receipt.shipment_receive(
                actor=make.system(),
                shipment=row,
                counted={line.pk: Decimal(counted)},
                blocked=[receipt.Blocked(line.pk, Decimal(blocked), BAD.WET)] if Decimal(blocked) else (),
            )
        assert [(error.field, error.code) for error in refusal.value.errors] == [(fields[0], "number.scale")]
    got = received(row, counted=100)
    with pytest.raises(receipt.ReceiptRefused) as refusal:
        receipt.receipt_block(
            actor=make.system(), line=got.lines.get(), quantity=Decimal("0.5"), reason=BAD.WET
        )
    assert [error.field for error in refusal.value.errors] == ["quantity"]
    assert "counted whole" in str(refusal.value.errors[0].message.en)
    with pytest.raises(receipt.ReceiptRefused):
        receipt.receipt_unannounced(
            actor=make.system(),
            item=plant.part,
            quantity=Decimal("2.5"),
            dock=row.dock,
            supplier=row.supplier,
        )


def test_what_is_measured_or_was_announced_in_parts_may_be_so_at_the_dock(plant):
    row = announced(plant, 100)
    row.lines.update(quantity=Decimal("99.5"))
    got = receipt.shipment_receive(actor=make.system(), shipment=row)
    assert got.lines.get().counted_quantity == Decimal("99.5")
    plant.part.unit.decimals = 1
    plant.part.unit.save()
    receipt.receipt_block(actor=make.system(), line=got.lines.get(), quantity=Decimal("0.5"), reason=BAD.WET)
    assert in_quarantine(plant) == Decimal("0.5")
