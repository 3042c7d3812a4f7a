"""The dock's page as the warehouse uses it: labels, counts, repeats, wrong codes."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from forms_engine.access import services as access
from forms_engine.access.actor import Actor
from forms_engine.kernel import clock
from forms_engine.packages.services import package_install
from jit.catalog.label_code import label_write
from jit.stock.models import HandlingUnit, Posting
from jit.stock.selectors import ledger_violations, stock_at
from jit.supply.models import CallOff, LineCover, Receipt, ReceiptLine, Shipment, ShipmentLine
from jit.supply.services import call_off, shipment
from jit.supply.views.dock import _received_words
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PACKAGE = Path(settings.ROOT) / "jit" / "packages" / "jit_mes"


@pytest.fixture
def plant():
    """F0 at 08:00 with nothing at the line."""
    built = make.f0(line_stock=0)
    clock.set(make.at(8))
    yield built
    clock.set(None)


def person(role: str) -> Client:
    """A client logged in as somebody with the ready role."""
    package_install(actor=Actor.system("test"), folder=PACKAGE)
    user = access.user_create(actor=make.system(), username=f"{role}-1", roles=[role], language="zh-hans")
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def dock(plant):
    return person("warehouse")


def announced(plant, quantity: int = 200, hour: int = 12) -> Shipment:
    """A shipment of X to the line side, four packages of fifty."""
    row = make.proposal(plant, make.at(hour), quantity, f"CO-{uuid.uuid4().hex[:6]}")
    row = call_off.calloff_release(actor=make.system(), calloff=row)
    return shipment.shipment_announce(
        actor=make.system(), lines=[shipment.PackedLine(row.pk, Decimal(quantity), lot_code="L1")]
    )


def scanned(client: Client, code: str, **more):
    """Scan a code; returns the answer and what the page says in colour."""
    sent = {"code": code, "idempotency_key": uuid.uuid4().hex} | more
    answer = client.post(reverse("dock:scan"), sent, headers={"HX-Request": "true"})
    said = json.loads(answer["HX-Trigger"])["scan-result"] if answer.has_header("HX-Trigger") else {}
    return answer, said


def on_line(plant) -> Decimal:
    return stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk)


def received(client: Client, row: Shipment, counts: dict, key: str = ""):
    sent = {f"count-{pk}": str(count) for pk, count in counts.items()}
    sent["idempotency_key"] = key or uuid.uuid4().hex
    return client.post(reverse("dock:receive", args=[row.pk]), sent, headers={"HX-Request": "true"})


def test_the_page_lists_what_is_expected_and_a_supplier_role_is_kept_out(dock, plant):
    row = announced(plant)
    text = dock.get(reverse("dock:page")).content.decode()
    assert row.number in text and "待收" in text and "支架 X" in text
    assert person("operator").get(reverse("dock:page")).status_code == 403
    assert Client().get(reverse("dock:page")).status_code == 302


def test_a_late_shift_sees_what_comes_after_midnight(dock, plant):
    clock.set(make.at(23))
    row = announced(plant, hour=22)
    for hours, is_shown in ((2, True), (30, False)):
        Shipment.objects.filter(pk=row.pk).update(arrives_at=make.at(23) + timedelta(hours=hours))
        text = dock.get(reverse("dock:page")).content.decode()
        assert (row.number in text) is is_shown
        assert ("没有在途送货" in text) is not is_shown


def test_a_shipment_label_number_or_delivery_note_opens_the_count(dock, plant):
    row = announced(plant)
    label = label_write("A", shipment=row.number, supplier="S1", packages="4")
    for code in (label, row.number, row.delivery_note):
        answer, said = scanned(dock, code)
        text = answer.content.decode()
        assert answer.status_code == 200 and said["tone"] == "ok", code
        assert row.number in said["text"] and 'value="200"' in text and "收货" in text
    assert Receipt.objects.count() == 0


def test_receiving_as_announced_posts_once_however_often_it_is_pressed(dock, plant):
    row = announced(plant)
    line = ShipmentLine.objects.get(shipment=row)
    first = received(dock, row, {line.pk: 200}, key="one-intent")
    assert first.status_code == 200 and on_line(plant) == 200
    said = json.loads(first["HX-Trigger"])["scan-result"]
    assert said["tone"] == "ok" and row.number in said["text"]
    assert received(dock, row, {line.pk: 200}, key="one-intent").status_code == 200
    again = received(dock, row, {line.pk: 200})
    assert json.loads(again["HX-Trigger"])["scan-result"]["tone"] == "risk"
    answer, said = scanned(dock, row.number)
    assert said["tone"] == "risk" and "已收过" in said["text"] and answer.status_code == 200
    assert Receipt.objects.count() == 1 and Posting.objects.filter(kind="RECEIPT").count() == 1
    assert on_line(plant) == 200 and ledger_violations() == {}


def test_a_short_and_an_over_count_are_recorded_and_said(dock, plant):
    for hour, count, difference, words in ((12, 150, "SHORT", "少 50"), (13, 210, "OVER", "多 10")):
        row = announced(plant, hour=hour)
        answer = received(dock, row, {ShipmentLine.objects.get(shipment=row).pk: count})
        assert json.loads(answer["HX-Trigger"])["scan-result"]["tone"] == "risk"
        shown = answer.content.decode()
        assert words in shown and "4/4 箱" not in shown  # all packages in, and yet short, would be two truths
        found = ReceiptLine.objects.get(receipt__shipment=row)
        assert (found.difference, found.counted_quantity) == (difference, count)
    assert on_line(plant) == 360


def test_the_banner_says_how_many_more_lines_differ():
    def line(name, counted, bad=0):
        return SimpleNamespace(
            item=SimpleNamespace(name=name),
            difference="SHORT",
            gap=Decimal(200 - counted),
            blocked_quantity=Decimal(bad),
            blocked_reason="WET",
        )

    shown = SimpleNamespace(shipment=SimpleNamespace(number="ASN1"), differences=[line("壳体", 150)])
    assert _received_words(shown)[1].in_language("zh") == "ASN1 已收货，有差异：壳体 少件 50"
    shown.differences = [line("壳体", 150, bad=4)]
    assert _received_words(shown)[1].in_language("en").endswith(": 壳体 Short 50, Wet or dirty 4")
    shown.differences = [line("壳体", 150), line("支架", 0), line("螺栓", 1)]
    assert _received_words(shown)[1].in_language("zh") == "ASN1 已收货，有差异：壳体 少件 50，另有 2 处，见下"


def test_a_wrong_count_comes_back_with_what_was_typed(dock, plant):
    row = announced(plant)
    line = ShipmentLine.objects.get(shipment=row)
    for typed in ("-1", "abc", ""):
        answer = received(dock, row, {line.pk: typed})
        text = answer.content.decode()
        assert answer.status_code == 422, typed
        assert f'value="{typed}"' in text and "form-error" in text
    assert received(dock, row, {uuid.uuid4(): 5}).status_code == 422
    assert received(dock, row, {"nonsense": 5}).status_code == 422
    assert Receipt.objects.count() == 0


def test_a_package_is_received_at_once_with_progress_and_once_only(dock, plant):
    row = announced(plant)
    units = list(HandlingUnit.objects.order_by("code"))
    label = label_write("P", package=units[0].code, shipment=row.number, item="X", quantity="50", lot="L1")
    answer, said = scanned(dock, label)
    assert said["tone"] == "ok" and "1/4" in said["text"] and on_line(plant) == 50
    answer, said = scanned(dock, units[0].code)
    assert said["tone"] == "risk" and "已收过" in said["text"] and answer.status_code == 200
    assert on_line(plant) == 50
    for unit in units[1:]:
        answer, said = scanned(dock, unit.code)
    assert "4/4" in said["text"] and on_line(plant) == 200
    row.refresh_from_db()
    assert row.state == Shipment.State.RECEIVED
    assert CallOff.objects.get().state == CallOff.State.RECEIVED and ledger_violations() == {}


def test_a_kept_scan_sent_later_twice_books_once(dock, plant):
    announced(plant)
    unit = HandlingUnit.objects.order_by("code").first()
    for _ in range(2):
        answer = dock.post(
            reverse("dock:scan"),
            {"code": unit.code, "idempotency_key": "kept"},
            headers={"HX-Request": "true", "Idempotency-Key": "kept"},
        )
        assert answer.status_code == 200
        assert json.loads(answer["HX-Trigger"])["scan-result"]["tone"] == "ok"
    assert on_line(plant) == 50


def test_wrong_codes_say_what_was_expected(dock, plant):
    damaged = label_write("A", shipment="ASN-1").replace("ASN-1", "ASN-2")
    codes = ["nonsense", "", label_write("W", work_order="WO-1"), label_write("L", location="D2"), damaged]
    for code in codes:
        answer, said = scanned(dock, code)
        assert answer.status_code == 422 and said["tone"] == "short", code
        assert "送货单" in answer.content.decode()
    assert "/do/supply.receipt.unannounced/" in scanned(dock, "nonsense")[0].content.decode()


def test_a_waiting_line_is_told_in_strong_words_and_a_covered_one_is_not(dock, plant):
    row = announced(plant)
    answer, _ = scanned(dock, row.number)
    assert "产线等料" in answer.content.decode() and "is-waiting" in answer.content.decode()
    make.stock(plant.part, plant.line_side, 500)
    answer, _ = scanned(dock, row.number)
    assert "is-waiting" not in answer.content.decode() and "送线边" in answer.content.decode()
    LineCover.objects.create(
        item=plant.part,
        area=plant.line_side,
        stock=100,
        burn_per_hour=Decimal("122.4"),
        stock_out_at=make.at(8, 49),
        computed_at=make.at(8),
    )
    answer, _ = scanned(dock, row.number)
    assert "is-waiting" in answer.content.decode() and "49 分钟后停线" in answer.content.decode()


def test_the_gate_is_registered_and_stands_first(dock, plant):
    early, late = announced(plant), announced(plant, hour=14)
    Shipment.objects.filter(pk=early.pk).update(arrives_at=make.at(9))
    answer = dock.post(reverse("dock:arrive", args=[late.pk]), {}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.index(late.number) < text.index(early.number)
    late.refresh_from_db()
    assert late.state == Shipment.State.ARRIVED and late.arrived_at is not None


def test_the_count_works_through_the_api_too(plant):
    package_install(actor=Actor.system("test"), folder=PACKAGE)
    user = access.user_create(actor=make.system(), username="scanner", roles=["warehouse"])
    secret = access.token_create(actor=make.system(), user=user)[1]
    row = announced(plant)
    line = ShipmentLine.objects.get(shipment=row)
    headers = {"Authorization": f"Token {secret}"}
    url = f"/api/v1/supply.shipment/{row.pk}/receive/"
    for body in ([{"id": str(line.pk)}], [{"received_quantity": "3"}], [{"id": "x", "received_quantity": 3}]):
        answer = Client().post(url, {"counted": body}, content_type="application/json", headers=headers)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["field"].startswith("counted.0")
    body = {"counted": [{"id": str(line.pk), "received_quantity": "180"}]}
    answer = Client().post(url, body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    assert on_line(plant) == 180 and ReceiptLine.objects.get().difference == "SHORT"


def test_command_labels_can_be_printed(dock):
    text = dock.get(reverse("dock:commands")).content.decode()
    assert "CMD:confirm" in text and "CMD:cancel" in text and text.count('<svg class="qr"') == 2
