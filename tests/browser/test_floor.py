"""The floor on a phone: a hand scanner receives at the dock, the line reports, without the network too."""

from __future__ import annotations

import os
import re
import time
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import zxingcpp
from django.conf import settings

from forms_engine.access import services as access
from forms_engine.access.actor import Actor
from forms_engine.kernel import clock
from forms_engine.packages.services import package_install
from jit.catalog.label_code import label_write
from jit.catalog.models import Item, Location, WorkCentre
from jit.shopfloor.models import Report
from jit.shopfloor.services import work_order as orders
from jit.stock.models import HandlingUnit
from jit.stock.selectors import ledger_violations, stock_at
from jit.supply.models import Agreement
from jit.supply.services import call_off, shipment
from tests import factories as make
from tests.browsers import ARGUMENTS, browser_find, policy_breach

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]
PACKAGE = Path(settings.ROOT) / "jit" / "packages" / "jit_mes"
#: A supplier writes what he likes: the button below has to stay on the screen.
LONG_LOT = "L1" * 40
#: Set TAKT_SHOTS to a folder to look at the pages in both themes, languages and widths.
SHOTS = os.environ.get("TAKT_SHOTS", "")


BURST = """(keys) => {
  for (const key of keys) {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
def floor(services):
    """A line side with nothing on it, two announced shipments of X and a work order over A."""
    package_install(actor=Actor.system("test"), folder=PACKAGE)
    mark = uuid.uuid4().hex[:5].upper()
    side = make.location(f"L1-{mark}", Location.Kind.LINE_SIDE, line="L1", name="线边 2 号位", station="3")
    dock = make.location(f"D2-{mark}", Location.Kind.DOCK, name="2 号码头")
    goods = make.location(f"FG-{mark}", name="成品库")
    part = make.item(f"X-{mark}", name="支架 X", mode=Item.Mode.JIT)
    product = make.item(f"A-{mark}", name="总成 A", mode=Item.Mode.MAKE)
    make.bom(product, (part, {"quantity_per": Decimal(2), "area": side}))
    maker = make.supplier(f"S-{mark}", name="恒力五金")
    Agreement.objects.create(number=f"SA-{mark}", supplier=maker, item=part, price=Decimal(3))
    centre = WorkCentre.objects.create(
        code=f"L1-{mark}", name="工位 3", plant=side.plant, line_side=side, output=goods, units_per_hour=60
    )
    now = clock.now()
    shipments = []
    for hour, quantity in ((1, 200), (2, 100)):
        row = call_off.calloff_built(
            call_off.CallOffDraft(
                item=part,
                area=side,
                supplier=maker,
                dock=dock,
                window_start=now + timedelta(minutes=hour),
                window_end=now + timedelta(minutes=hour * 2),
                quantity=Decimal(quantity),
                pack_quantity=Decimal(50),
            ),
            f"CO-{mark}-{hour}",
        )
        row.save(force_insert=True)
        row = call_off.calloff_release(actor=make.system(), calloff=row)
        lines = [shipment.PackedLine(row.pk, Decimal(quantity), lot_code=LONG_LOT)]
        shipments.append(shipment.shipment_announce(actor=make.system(), lines=lines, plate="沪A12345"))
    order = orders.work_order_create(
        actor=make.system(),
        item=product,
        work_centre=centre,
        quantity=Decimal(60),
        planned_start=now,
        planned_end=now + timedelta(hours=1),
    )
    orders.work_order_release(actor=make.system(), work_order=order)

    def person(role: str, language: str = "zh-hans"):
        return access.user_create(
            actor=make.system(), username=f"{role}-{mark}", roles=[role], language=language
        )

    return SimpleNamespace(part=part, side=side, goods=goods, shipments=shipments, order=order, person=person)


@pytest.fixture
def pocket(new_page):
    """A phone of 390 pixels."""

    def make_page(**more):
        return new_page(width=390, height=844, has_touch=True, is_mobile=True, **more)

    return make_page


def film(path: Path, text: str) -> Path:
    """Write what a camera held over a label sees, as raw video: a QR code somewhat off the middle."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    label = np.asarray(zxingcpp.write_barcode_to_image(code, scale=5, add_quiet_zones=True))
    picture = np.full((480, 640), 170, "u1")
    high, wide = label.shape[:2]
    picture[70 : 70 + high, 130 : 130 + wide] = np.clip(label, 25, 230)
    head = b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n"
    path.write_bytes(head + (b"FRAME\n" + picture.tobytes() + bytes([128]) * (640 * 480 // 2)) * 5)
    return path


@pytest.fixture
def phone_with_camera(playwright, services, tmp_path):
    """A phone whose camera sees the label of the given text, the policy on."""
    started, problems = [], []

    def make_page(text: str):
        seen = film(tmp_path / "label.y4m", text)
        camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        browser = playwright.chromium.launch(
            executable_path=browser_find(),
            args=[*ARGUMENTS, *camera, f"--use-file-for-fake-video-capture={seen}"],
        )
        started.append(browser)
        page = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True,
            base_url=services.url, permissions=["camera"],
        ).new_page()  # fmt: skip
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("console", lambda message: problems.extend(policy_breach(message.text)))
        return page

    yield make_page
    for browser in started:
        browser.close()
    assert not problems, problems


def scan(page, code: str) -> None:
    """A hand scanner: fast keys and Enter, wherever the focus is."""
    page.evaluate(BURST, [*code, "Enter"])


def until(wanted, seconds: float = 15.0):
    """Wait until something in the database is so."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def shot(page, name: str) -> None:
    if not SHOTS:
        return
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
        page.wait_for_timeout(200)
        page.screenshot(path=Path(SHOTS) / f"{name}-{theme}.png")
    page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'light')")


def no_sideways_scrolling(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_camera_reads_a_label_and_the_goods_are_received(floor, phone_with_camera, sign_in):
    first = floor.shipments[0]
    page = phone_with_camera(label_write("A", shipment=first.number, supplier="S1", packages="4"))
    sign_in(page, floor.person("warehouse"))
    page.goto("/dock/")
    page.wait_for_selector(".scan-answer")
    page.locator(".scan-box button").tap()
    page.locator("#count [name^='count-']").wait_for(timeout=30_000)
    assert page.locator(".scan-camera video").is_visible() and no_sideways_scrolling(page)
    shot(page, "dock-camera-390-zh")
    page.locator(".scan-box button").tap()
    assert page.locator(".scan-camera").count() == 0
    page.locator("button[data-scan-command=confirm]").tap()
    page.locator("#dock-result .state.sig-ok").wait_for()
    assert stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_damaged_pieces_are_taken_out_with_their_reason(floor, new_page, sign_in, language):
    page = new_page(
        width=390, height=844, has_touch=True, is_mobile=True, locale="zh-CN" if language != "en" else "en-GB"
    )
    sign_in(page, floor.person("warehouse", language))
    page.goto(f"/dock/{floor.shipments[0].pk}/")
    page.wait_for_selector(".scan-answer")
    assert not page.locator("[name^='blocked-']").is_visible()  # nothing in the way of the usual case
    page.locator(".dock-bad summary").tap()
    bad = page.locator(".dock-bad")
    for _ in range(4):
        bad.locator("[data-step='1']").tap()
    assert page.locator("[name^='blocked-']").input_value() == "4"
    assert page.locator("[name^='count-']").input_value() == "200" and no_sideways_scrolling(page)
    assert bad.locator("[data-step='1']").bounding_box()["height"] >= 48
    bad.locator("select").select_option("WET")
    bad.scroll_into_view_if_needed()
    shot(page, f"dock-bad-390-{language[:2]}")
    page.locator("button[data-scan-command=confirm]").tap()
    page.locator("#dock-result .state.sig-short").wait_for()
    said = page.locator("#dock-result").inner_text()
    assert ("不合格 4：受潮或脏污" if language != "en" else "4 not good: Wet or dirty") in said
    shot(page, f"dock-bad-received-390-{language[:2]}")
    assert stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 196
    assert ledger_violations() == {}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_scanned_package_is_found_damaged_when_it_is_opened(floor, new_page, sign_in, language):
    page = new_page(
        width=390, height=844, has_touch=True, is_mobile=True, locale="zh-CN" if language != "en" else "en-GB"
    )
    sign_in(page, floor.person("warehouse", language))
    page.goto("/dock/")
    page.wait_for_selector(".scan-answer")
    unit = HandlingUnit.objects.filter(item=floor.part).order_by("code").first()
    scan(page, unit.code)
    page.locator(".dock-later summary").tap()
    page.locator(".dock-later [data-step='1']").tap()
    page.locator(".dock-later select").select_option("QUALITY")
    assert no_sideways_scrolling(page)
    shot(page, f"package-bad-390-{language[:2]}")
    page.locator(".dock-later button[type=submit]").tap()
    page.locator(".scan-answer.is-risk").wait_for()
    said = page.locator("#dock-result").inner_text()
    assert ("不合格 1：质量问题" if language != "en" else "1 not good: Quality") in said
    shot(page, f"package-bad-done-390-{language[:2]}")
    assert stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 49
    assert ledger_violations() == {}


def test_a_scan_is_received_and_reported_without_touching_a_field(floor, pocket, sign_in):
    page = pocket()
    sign_in(page, floor.person("warehouse"))
    page.goto("/dock/")
    page.wait_for_selector(".scan-answer")
    first = floor.shipments[0]
    page.locator(".floor-card", has_text=first.number).wait_for()
    shot(page, "dock-390-zh")
    scan(page, label_write("A", shipment=first.number, supplier="S1", packages="4"))
    page.wait_for_selector(".scan-answer.is-ok")
    count = page.locator("#count [name^='count-']")
    assert count.input_value() == "200" and no_sideways_scrolling(page)
    assert "产线等料" in page.locator(".way.is-waiting").inner_text()
    page.locator("#count .stepper").first.locator("[data-step='-1']").tap()
    assert count.input_value() == "199"
    page.locator("#count .stepper").first.locator("[data-step='1']").tap()
    shot(page, "dock-count-390-zh")
    box = page.locator("button[data-scan-command=confirm]").bounding_box()
    assert box["height"] >= 48
    scan(page, "CMD:confirm")
    page.locator("#dock-result .state.sig-ok").wait_for()
    assert "产线等料" in page.locator(".scan-answer").inner_text()
    assert stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 200
    shot(page, "dock-received-390-zh")

    page = pocket()
    sign_in(page, floor.person("operator"))
    page.goto("/line/")
    page.wait_for_selector(".scan-answer")
    shot(page, "line-390-zh")
    scan(page, label_write("W", work_order=floor.order.number))
    page.wait_for_url(f"**/line/{floor.order.pk}/")
    page.wait_for_selector(".scan-answer")
    page.locator("button[data-for=good][data-step]").tap()
    assert page.locator("#good").input_value() == "20" and no_sideways_scrolling(page)
    page.locator("details summary").tap()
    page.locator("#good").focus()
    page.locator("[data-key='4']").tap()
    page.locator("[data-key='5']").tap()
    assert page.locator("#good").input_value() == "45"
    page.locator("details summary").tap()
    shot(page, "order-390-zh")
    scan(page, "CMD:confirm")
    page.locator(".scan-answer.is-ok", has_text="已报工").wait_for()
    assert page.locator("#rest").inner_text() == "15"
    assert Report.objects.get(work_order=floor.order).good_quantity == 45
    assert stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 110
    assert ledger_violations() == {}
    shot(page, "reported-390-zh")
    page.locator("button[data-dialog-open^=reverse]").tap()
    page.locator("dialog[open] textarea").fill("误报")
    page.locator("dialog[open] button[type=submit]").tap()
    page.locator(".scan-answer.is-ok", has_text="已冲销").wait_for()
    assert stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 200


def test_an_open_question_outlives_what_others_do(floor, pocket, sign_in):
    """The live region below a question is read when it is closed, not under the typing hand."""
    page = pocket()
    sign_in(page, floor.person("operator"))
    page.goto(f"/line/{floor.order.pk}/")
    page.wait_for_selector(".scan-answer")
    page.locator("button[data-dialog-open^=finish]").tap()
    page.locator("dialog[open] textarea").fill("换型")
    with page.expect_response(re.compile("/facts")):
        page.locator("#line-facts").evaluate("node => node.dispatchEvent(new CustomEvent('refresh'))")
    page.wait_for_timeout(300)  # where the answer would have been put in place
    assert page.locator("dialog[open] textarea").input_value() == "换型"
    with page.expect_response(re.compile("/facts")):
        page.locator("dialog[open] [data-dialog-close]").tap()
    assert page.locator("dialog[open]").count() == 0


def test_packages_scanned_without_network_are_booked_once_when_it_is_back(floor, pocket, sign_in):
    page = pocket()
    sign_in(page, floor.person("warehouse"))
    page.goto("/dock/")
    page.wait_for_selector(".scan-answer")
    second = floor.shipments[1]
    units = list(HandlingUnit.objects.filter(shipment_line_id__in=second.lines.values("pk")).order_by("code"))
    scan(page, units[0].code)
    page.wait_for_selector(".scan-answer.is-ok")
    assert "1/2" in page.locator(".scan-answer").inner_text()
    page.context.set_offline(True)
    scan(page, label_write("P", package=units[1].code, shipment=second.number))
    page.wait_for_selector("mes-offline[count='1']")
    shot(page, "dock-offline-390-zh")
    page.context.set_offline(False)
    page.wait_for_selector("mes-offline:not([count])", state="attached")
    until(lambda: stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 100)
    scan(page, units[1].code)
    page.wait_for_selector(".scan-answer.is-risk")
    assert "已收过" in page.locator(".scan-answer").inner_text()
    assert stock_at(item_id=floor.part.pk, location_id=floor.side.pk) == 100


def test_the_lists_follow_what_others_do_and_an_answer_is_quick(floor, new_page, sign_in):
    desk = new_page()
    sign_in(desk, floor.person("warehouse"))
    desk.goto("/dock/")
    desk.wait_for_selector("mes-live[state=live]")
    card = desk.locator(".floor-card", has_text=floor.shipments[0].number)
    card.locator("button", has_text="到厂登记").click()
    card.locator("text=已到厂").wait_for()
    times = []
    for code in (floor.shipments[0].number, "nonsense-1", floor.shipments[1].number):
        began = time.monotonic()
        scan(desk, code)
        desk.locator(".scan-answer:not(.is-busy)").wait_for()
        times.append(time.monotonic() - began)
    shot(desk, "dock-1280-zh")
    assert min(times) < 1.0, times
    shipment.shipment_depart(actor=make.system(), shipment=floor.shipments[1])
    desk.locator(".floor-card", has_text=floor.shipments[1].number).locator("text=已发车").first.wait_for()
    if SHOTS:
        english = new_page(locale="en-GB")
        line = f"/line/{floor.order.pk}/"
        for role, path, name in (("warehouse", "/dock/", "dock"), ("operator", line, "order")):
            user = access.user_create(
                actor=make.system(), username=f"en-{uuid.uuid4().hex[:6]}", roles=[role], language="en"
            )
            sign_in(english, user)
            english.goto(path)
            english.wait_for_selector(".scan-answer")
            shot(english, f"{name}-1280-en")
        english.goto(f"/line/{floor.order.pk}/card")
        shot(english, "card-1280-en")
