"""A supplier packs, prints, sends, and sees what the dock counted."""

from __future__ import annotations

import io
import time
from decimal import Decimal

import pypdfium2
import pytest
import zxingcpp

from jit.catalog.label_code import label_read
from jit.stock.models import HandlingUnit
from jit.supply.models import CallOff, CallOffReply, Shipment
from jit.supply.services import call_off, receipt
from tests import factories as make
from tests.jit.portal.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)


def confirmed(world, side, hour=12, quantity=200):
    row = world.call(side, hour, quantity)
    return call_off.calloff_reply(actor=make.system(), calloff=row, kind=CallOffReply.Kind.CONFIRM)


def packed(phone, row, quantity="200", **more):
    """Post the packing page for one call-off; returns the answer."""
    pk = row.pk
    typed = {
        "pick": [str(pk)],
        "key": f"key-{pk}-{quantity}",
        f"quantity-{pk}": quantity,
        f"lot-{pk}": "L2611",
        **more,
    }
    return phone.tap("ship/", typed)


def codes_of(pdf, scale=3):
    """Render every page and return the texts of all QR codes on them."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    found = []
    for page in document:
        image = page.render(scale=scale, grayscale=True).to_numpy()
        found += [code.text for code in zxingcpp.read_barcodes(image.squeeze())]
    return found, "".join(page.get_textpage().get_text_range() for page in document), len(document)


def test_from_a_confirmed_call_off_to_the_truck_leaving(world, way):
    row = confirmed(world, world.A)
    phone = world.A.browser(way)
    page = phone.open("ship/")
    said = words(page)
    assert "支架 X" in said and f'name="pick" value="{row.pk}" checked' in page.content.decode()
    answer = packed(
        phone, row, delivery_note="DN-77", plate="沪A12345", **{f"expires-{row.pk}": "2027-01-31"}
    )
    assert answer.status_code == 204, words(answer)
    shipment = Shipment.objects.get()
    assert answer["HX-Redirect"] == f"{phone.base}shipments/{shipment.pk}/"
    assert packed(phone, row, delivery_note="DN-77", plate="沪A12345",
                  **{f"expires-{row.pk}": "2027-01-31"}).status_code == 204  # fmt: skip
    assert Shipment.objects.count() == 1, "a double tap makes one notice"
    assert [unit.quantity for unit in HandlingUnit.objects.all()] == [50] * 4
    said = words(phone.open(f"shipments/{shipment.pk}/"))
    for word in (shipment.number, "DN-77", "沪A12345", "L2611", "4 箱", "打印标签", "01-31"):
        assert word in said, word
    left = phone.tap(f"shipments/{shipment.pk}/depart", {"plate": "沪A99999", "key": "d"})
    assert left.status_code == 200 and "已发车" in words(left)
    row.refresh_from_db()
    shipment.refresh_from_db()
    assert (row.state, shipment.state, shipment.plate) == ("SHIPPED", "DEPARTED", "沪A99999")
    assert phone.tap(f"shipments/{shipment.pk}/cancel").status_code == 409
    assert shipment.number in words(phone.open("shipments/"))


def test_a_fault_in_a_line_is_said_at_the_line_and_nothing_is_made(world):
    row = confirmed(world, world.A)
    answer = packed(world.A.browser(), row, "201")
    assert answer.status_code == 422
    assert "最多还可发 200" in words(answer) and 'value="201"' in answer.content.decode()
    nothing = world.A.browser().tap("ship/", {"key": "k"})
    assert nothing.status_code == 422 and "form" in nothing.content.decode()
    assert Shipment.objects.count() == 0


def test_a_used_delivery_note_is_refused(world):
    row = confirmed(world, world.A)
    phone = world.A.browser()
    packed(phone, row, "50", delivery_note="DN-1")
    again = packed(phone, row, "100", delivery_note="DN-1")
    assert again.status_code == 409 and "DN-1 已使用过" in words(again)


def test_a_notice_taken_back_opens_the_call_off_again(world):
    row = confirmed(world, world.A)
    phone = world.A.browser()
    packed(phone, row)
    shipment = Shipment.objects.get()
    assert "已撤销" not in words(phone.tap(f"shipments/{shipment.pk}/cancel", {"key": "c"}))
    assert CallOff.objects.get(pk=row.pk).state == "CONFIRMED"
    assert phone.open(f"shipments/{shipment.pk}/labels.pdf").status_code == 404


def test_what_the_dock_counted_otherwise_is_seen(world, way):
    row = confirmed(world, world.A)
    phone = world.A.browser(way)
    packed(phone, row)
    shipment = Shipment.objects.get()
    receipt.shipment_receive(
        actor=make.system(), shipment=shipment, counted={shipment.lines.get().pk: Decimal(150)}
    )
    said = words(phone.open(f"shipments/{shipment.pk}/"))
    assert "码头点收有差异" in said and "200 → 150" in said and "−50" in said
    assert "码头点收有差异" in words(phone.open("shipments/"))


@pytest.mark.parametrize("size", ["a4", "single"])
def test_labels_can_be_scanned_and_carry_their_chinese(world, size):
    row = confirmed(world, world.A)
    phone = world.A.browser()
    packed(phone, row)
    shipment = Shipment.objects.get()
    answer = phone.open(f"shipments/{shipment.pk}/labels.pdf?size={size}")
    assert answer["Content-Type"] == "application/pdf" and b"FontFile2" in answer.content
    texts, said, pages = codes_of(answer.content)
    assert pages == (1 if size == "a4" else 5)
    read = [label_read(text) for text in texts]
    notice = next(code for code in read if code.kind == "A")
    assert dict(notice.values) == {"shipment": shipment.number, "supplier": "S1", "packages": "4"}
    plates = {code.values["package"] for code in read if code.kind == "P"}
    assert plates == set(HandlingUnit.objects.values_list("code", flat=True))
    one = next(code for code in read if code.kind == "P")
    assert (one.values["item"], one.values["quantity"], one.values["lot"]) == ("X", "50", "L2611")
    for word in ("支架 X", "恒力五金", "批号", "L2611", "D2", "L1-A", *plates):
        assert word in said, word


def test_a_hundred_labels_take_about_two_seconds(world):
    row = confirmed(world, world.A, quantity=5000)
    phone = world.A.browser()
    packed(phone, row, "5000")
    shipment = Shipment.objects.get()
    phone.open(f"shipments/{shipment.pk}/labels.pdf")
    began = time.process_time()
    answer = phone.open(f"shipments/{shipment.pk}/labels.pdf?size=a4")
    assert time.process_time() - began < 2
    assert len(pypdfium2.PdfDocument(io.BytesIO(answer.content))) == 13
    assert len(answer.content) < 1_000_000


def test_a_long_notice_prints_in_parts(world):
    row = confirmed(world, world.A, quantity=500)
    phone = world.A.browser()
    packed(phone, row, "500", **{f"packages-{row.pk}": "250"})
    shipment = Shipment.objects.get()
    assert "2/2" in words(phone.open(f"shipments/{shipment.pk}/"))
    second = phone.open(f"shipments/{shipment.pk}/labels.pdf?size=single&part=2")
    assert len(pypdfium2.PdfDocument(io.BytesIO(second.content))) == 50
    assert phone.open(f"shipments/{shipment.pk}/labels.pdf?part=3").status_code == 404
    assert phone.open(f"shipments/{shipment.pk}/labels.pdf?size=huge").status_code == 404
