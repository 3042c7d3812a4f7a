"""A supplier packs, prints, sends, and sees what the dock counted."""

from __future__ import annotations

import io
import re
import time
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pypdfium2
import pytest
import zxingcpp
from django.conf import settings
from django.test import Client
from django.urls import reverse

from forms_engine.access import services as access
from forms_engine.kernel import clock
from jit.catalog.label_code import label_read
from jit.stock.models import HandlingUnit
from jit.supply.models import CallOff, CallOffReply, Shipment
from jit.supply.services import call_off, receipt
from tests import factories as make
from tests.jit.portal.conftest import Browser, words

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


def test_chosen_is_what_the_truck_of_the_most_urgent_call_can_bring(world):
    urgent, also, later = (confirmed(world, world.A, hour, 50) for hour in (12, 13, 14))
    CallOff.objects.filter(pk=also.pk).update(window_start=make.at(10))
    page = world.A.browser().open("ship/").content.decode()
    chosen = set(re.findall(r'name="pick" value="([0-9a-f-]+)" checked', page))
    assert chosen == {str(urgent.pk), str(also.pk)} and str(later.pk) in page


def test_after_a_later_answer_the_new_time_stands_and_the_old_one_is_struck_through(world, way):
    kept, row = confirmed(world, world.A, 11, 50), world.call(world.A, 12)
    promised = make.at(15, 30)
    call_off.calloff_reply(
        actor=make.system(), calloff=row, kind=CallOffReply.Kind.LATER, promised_at=promised, reason="M"
    )
    phone = world.A.browser(way)
    page = phone.open("ship/").content.decode()
    mine = page[page.index(str(row.pk)) :].split("</label>")[0]
    assert "15:30" in mine and re.search(r"原 <del><time[^>]*>12:00</time></del>", mine)
    other = page[page.index(str(kept.pk)) :].split("</label>")[0]
    assert "11:00" in other and "<del>" not in other
    # The truck of the earlier one does not bring it; one with nothing else is there at the promised time.
    assert f'value="{kept.pk}" checked' in page and f'value="{row.pk}" checked' not in page
    packed(phone, kept, "50")
    page = phone.open("ship/").content.decode()
    assert f'value="{row.pk}" checked' in page and f'value="{make.DAY:%Y-%m-%d}T15:30"' in page
    packed(phone, row)
    assert Shipment.objects.get(lines__calloff=row).arrives_at == promised


def test_who_drives_and_when_he_is_there_may_be_said_as_the_truck_leaves(world, way):
    row = confirmed(world, world.A)
    phone = world.A.browser(way)
    arrives = (make.at(11) + timedelta(minutes=20)).astimezone(make.SHANGHAI)
    packed(phone, row, "200", plate="沪A12345", driver_phone="138 0001 0001",
           arrives_at=f"{arrives:%Y-%m-%dT%H:%M}")  # fmt: skip
    sent = Shipment.objects.get()
    page = phone.open(f"shipments/{sent.pk}/").content.decode()
    assert 'value="138 0001 0001"' in page and f'value="{arrives:%Y-%m-%dT%H:%M}"' in page
    leave = f"shipments/{sent.pk}/depart"
    wrong = phone.tap(leave, {"driver_phone": "call me", "arrives_at": "2020-01-01T08:00", "key": "d"})
    assert wrong.status_code == 422
    assert "电话号码不正确" in words(wrong) and "预计到达时间已过" in words(wrong)
    late = arrives + timedelta(minutes=25)
    said = {"plate": "", "driver_phone": "139 0002 0002", "arrives_at": f"{late:%Y-%m-%dT%H:%M}", "key": "e"}
    assert phone.tap(leave, said).status_code == 200
    sent.refresh_from_db()
    assert (sent.state, sent.plate, sent.driver_phone) == ("DEPARTED", "沪A12345", "139 0002 0002")
    assert sent.arrives_at == late


def on_the_road(world, hours: float, arrives: float, **more: str):
    """Tell of a truck that left so many hours ago, to arrive so many hours from now: (answer, shipment)."""
    row, phone = confirmed(world, world.A), world.A.browser("link")
    packed(phone, row)
    told = {
        "happened_at": (clock.now() - timedelta(hours=hours)).isoformat(timespec="milliseconds"),
        "arrives_at": (clock.now() + timedelta(hours=arrives)).isoformat(timespec="minutes"),
        "key": "d",
    }
    answer = phone.tap(f"shipments/{Shipment.objects.get().pk}/depart", told | more)
    return answer, Shipment.objects.get()


def test_a_phone_that_had_no_network_tells_of_a_truck_that_is_there_already(world):
    answer, sent = on_the_road(world, hours=3, arrives=-1)
    assert answer.status_code == 200 and sent.state == "DEPARTED", words(answer)
    assert sent.departed_at == clock.now() - timedelta(hours=3) and sent.reported_late
    assert sent.arrives_at == clock.now() - timedelta(hours=1)
    assert "补报" in words(answer)
    call = CallOff.objects.get()
    assert (call.state, call.shipped_quantity) == ("SHIPPED", 200)


def test_a_departure_of_just_now_is_not_late(world):
    answer, sent = on_the_road(world, hours=0.1, arrives=1)
    assert answer.status_code == 200 and not sent.reported_late and "补报" not in words(answer)


def test_what_the_driver_says_of_his_departure_comes_before_what_the_phone_says(world):
    left = clock.now() - timedelta(hours=5)
    _, sent = on_the_road(world, hours=0, arrives=-1, departed_at=left.isoformat(timespec="minutes"))
    assert sent.departed_at == left and sent.reported_late


@pytest.mark.parametrize(
    ("hours", "arrives", "said"),
    [
        (2, -3, "预计到达早于发车时间"),
        (25, 1, "发车已超过 24 小时"),
        (-2, 3, "发车时间不能晚于现在"),
        (1, 24 * 31, "超过 30 天"),
    ],
)
def test_times_that_cannot_be_are_refused_when_a_departure_is_told_late(world, hours, arrives, said):
    answer, sent = on_the_road(world, hours, arrives)
    assert answer.status_code == 422 and said in words(answer)
    assert sent.state == "SUBMITTED" and sent.departed_at is None


def test_without_a_departure_time_a_past_arrival_stays_refused(world):
    answer, sent = on_the_road(world, hours=0, arrives=-2, happened_at="")
    assert answer.status_code == 422 and "预计到达时间已过" in words(answer)
    assert sent.state == "SUBMITTED"


def test_a_fault_in_a_line_is_said_at_the_line_and_nothing_is_made(world):
    row = confirmed(world, world.A)
    answer = packed(world.A.browser(), row, "201")
    assert answer.status_code == 422
    assert "最多还可发 200" in words(answer) and 'value="201"' in answer.content.decode()
    nothing = world.A.browser().tap("ship/", {"key": "k"})
    assert nothing.status_code == 422 and "form" in nothing.content.decode()
    assert Shipment.objects.count() == 0


def test_the_journey_is_told_and_the_dock_sees_it(world, way):
    row = confirmed(world, world.A)
    phone = world.A.browser(way)
    page = phone.open("ship/").content.decode()
    usual = f"{make.at(11).astimezone(make.SHANGHAI):%Y-%m-%dT%H:%M}"
    assert f'name="arrives_at" type="datetime-local" value="{usual}"' in page
    arrives = (make.at(11) + timedelta(minutes=20)).astimezone(make.SHANGHAI)
    answer = packed(phone, row, "100", carrier="安达物流", plate="沪A·12345", driver_phone="138 0001 0001",
                    arrives_at=f"{arrives:%Y-%m-%dT%H:%M}")  # fmt: skip
    assert answer.status_code == 204, words(answer)
    sent = Shipment.objects.get()
    assert (sent.arrives_at, sent.carrier, sent.driver_phone) == (arrives, "安达物流", "138 0001 0001")
    said = words(phone.open(f"shipments/{sent.pk}/"))
    for word in ("安达物流", "138 0001 0001", "11:20", "沪A·12345"):
        assert word in said, word
    assert (
        'name="carrier" maxlength="80" autocomplete="off" value="安达物流"'
        in phone.open("ship/").content.decode()
    )
    user = access.user_create(actor=make.system(), username="dock", is_superuser=True)
    dock = Client()
    dock.force_login(user)
    for address in ("/dock/", reverse("dock:shipment", args=[sent.pk])):
        seen = words(dock.get(address))
        assert "138 0001 0001" in seen and "安达物流" in seen and "11:20" in seen, address


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        ("arrives_at", "2020-01-01T08:00", "预计到达时间已过", "lies in the past"),
        ("arrives_at", "2099-01-01T08:00", "超过 30 天", "more than 30 days"),
        ("plate", "??", "车牌不正确", "no number plate"),
        ("driver_phone", "call me", "电话号码不正确", "no telephone number"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field_in_both_languages(world, field, value, zh, en):
    row = confirmed(world, world.A)
    for language, said in (("zh-hans", zh), ("en", en)):
        phone = world.A.browser()
        phone.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        answer = packed(phone, row, **{field: value})
        page = answer.content.decode()
        assert answer.status_code == 422 and said in words(answer)
        assert f'value="{value}" aria-invalid="true"' in page
    assert Shipment.objects.count() == 0


def test_a_hundred_and_one_call_offs_can_all_be_reached(world):
    for number in range(101):
        row = confirmed(world, world.A, 9, 50 + number)
        end = make.at(10) + timedelta(minutes=number)
        CallOff.objects.filter(pk=row.pk).update(window_start=make.at(9), window_end=end)
    phone = world.A.browser()
    page = phone.open("ship/").content.decode()
    seen = set(re.findall(r'name="pick" value="([0-9a-f-]+)"', page))
    while (more := re.search(r'hx-get="(\?[^"]+)"', page)) is not None:
        page = phone.open(
            "ship/" + unescape(more[1]), **{"HX-Request": "true", "HX-Target": "more"}
        ).content.decode()
        found = set(re.findall(r'name="pick" value="([0-9a-f-]+)"', page))
        assert found and not found & seen
        seen |= found
    assert len(seen) == 101
    last = CallOff.objects.order_by("-window_end").first()
    refused = packed(phone, last, "9999", card=[str(last.pk)])
    assert refused.status_code == 422 and 'value="9999"' in refused.content.decode()


def test_a_link_for_one_call_off_shows_and_sends_only_that(world):
    rows = [confirmed(world, world.A, hour) for hour in (11, 12, 13)]
    whole = world.A.browser()
    shared = {"pick": [str(row.pk) for row in rows[:2]], "key": "k"}
    shared |= {f"quantity-{row.pk}": "50" for row in rows[:2]} | {
        f"lot-{row.pk}": f"LOT{n}" for n, row in enumerate(rows)
    }
    assert whole.tap("ship/", shared).status_code == 204
    mixed = Shipment.objects.get()
    assert packed(whole, rows[2], "50").status_code == 204
    strange = Shipment.objects.exclude(pk=mixed.pk).get()
    _, secret = access.link_create(
        actor=make.system(), supplier_id=world.A.supplier.pk, supplier_name="x", purpose="portal",
        record=("supply.calloff", rows[0].pk),
    )  # fmt: skip
    phone = Browser(Client(raise_request_exception=False), f"/s/{secret}/")
    pages = [phone.open(tail) for tail in ("", "?show=all", "ship/", "shipments/", f"shipments/{mixed.pk}/")]
    for page in pages:
        body = page.content.decode()
        assert page.status_code == 200
        for hidden in (rows[1].number, rows[2].number, strange.number, "LOT1", "LOT2", str(rows[1].pk)):
            assert hidden not in body, (page.request["PATH_INFO"], hidden)
    assert mixed.number in words(pages[3]) and "LOT0" in words(pages[4])
    assert phone.open(f"shipments/{strange.pk}/").status_code == 404
    assert phone.open(f"shipments/{mixed.pk}/labels.pdf").status_code == 404
    for verb in ("depart", "cancel"):
        assert phone.tap(f"shipments/{mixed.pk}/{verb}", {"key": "z"}).status_code == 404
        assert phone.tap(f"shipments/{strange.pk}/{verb}", {"key": "z"}).status_code == 404
    assert phone.tap(f"calloffs/{rows[1].pk}/confirm", {"key": "z"}).status_code == 404
    assert packed(phone, rows[1], "50").status_code == 422
    assert packed(phone, rows[0], "50").status_code == 204
    own = Shipment.objects.exclude(pk__in=[mixed.pk, strange.pk]).get()
    assert phone.open(f"shipments/{own.pk}/labels.pdf").status_code == 200
    assert phone.tap(f"shipments/{own.pk}/depart", {"key": "d"}).status_code == 200


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


def test_what_came_and_is_not_good_is_seen_with_its_reason_by_its_supplier_alone(world, way):
    row = confirmed(world, world.A)
    phone = world.A.browser(way)
    packed(phone, row)
    shipment = Shipment.objects.get()
    bad = receipt.Blocked(shipment.lines.get().pk, Decimal(4), "DAMAGED")
    receipt.shipment_receive(actor=make.system(), shipment=shipment, blocked=[bad])
    said = words(phone.open(f"shipments/{shipment.pk}/"))
    assert "码头点收有差异" in said and "实收 200，其中不合格 4：破损" in said
    assert "一致" not in said and "200 → 200" not in said
    assert "码头点收有差异" in words(phone.open("shipments/"))
    assert world.B.browser(way).open(f"shipments/{shipment.pk}/").status_code == 404


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
