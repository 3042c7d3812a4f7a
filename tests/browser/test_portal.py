"""A supplier's phone, for real: link, tap, form, packing page, labels, at 360 pixels."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from forms_engine.access import policy
from forms_engine.access import services as access
from forms_engine.core import entity as nouns
from forms_engine.kernel import clock
from jit.catalog.models import Item
from jit.supply.models import CallOff, Shipment
from jit.supply.services import call_off
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]
GRANTS = yaml.safe_load((settings.ROOT / "jit/packages/jit_mes/roles/supplier.yaml").read_text())["grants"]
#: Where to keep pictures of every screen; nothing is kept without it.
SHOTS = os.environ.get("TAKT_SHOTS", "")


def plant_opened():
    """F0 with the supplier's rights, for as long as a test lasts."""
    nouns.entities_forget()
    policy.cache_forget()
    access.role_define(actor=make.system(), key="supplier", label="Supplier")
    access.grants_set(actor=make.system(), role="supplier", grants=GRANTS)
    built = make.f0()
    Item.objects.filter(pk=built.part.pk).update(name="支架 X 左前悬挂")
    built.part.refresh_from_db()
    yield built
    nouns.entities_forget()
    policy.cache_forget()


@pytest.fixture
def plant(services):
    yield from plant_opened()


def called(plant, minutes: int, quantity: int = 200) -> CallOff:
    """Call off a window that ends so many minutes from now."""
    end = clock.real_now().replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    kind = CallOff.Kind.EMERGENCY if minutes < 60 else CallOff.Kind.JIT
    row = make.proposal(plant, end, quantity, f"CO-{minutes}", kind)
    return call_off.calloff_release(actor=make.system(), calloff=row)


def link(plant) -> str:
    _, secret = access.link_create(
        actor=make.system(),
        supplier_id=plant.supplier.pk,
        supplier_name=plant.supplier.name,
        purpose="portal",
    )
    return f"/s/{secret}/"


def shot(page, name: str) -> None:
    """Keep a picture when asked; always: nothing stands wider than the phone."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name}: {wide} px wider than the screen"
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_supplier_answers_packs_and_sends_on_his_phone(plant, phone, new_page):
    """T78: the link opens, two taps answer; then the notice, its labels, and the truck leaves."""
    soon, later, third = called(plant, 49), called(plant, 110), called(plant, 170, 100)
    call_off.calloff_change(actor=make.system(), calloff=later, quantity=Decimal(250))
    base = link(plant)
    phone.goto(base)
    assert "恒力五金" in phone.inner_text("h1")
    cards = phone.locator("article")
    assert cards.count() == 3
    assert "200 → 250 (+50)" in cards.nth(1).inner_text()
    phone.wait_for_selector("#today")
    shot(phone, "today-zh")
    for button in phone.locator(".call-acts .btn").all():
        assert button.bounding_box()["height"] >= 48

    cards.nth(0).get_by_role("button", name="确认").tap()
    phone.wait_for_selector(f"#c{soon.pk} .state.sig-ok")
    assert CallOff.objects.get(pk=soon.pk).state == "CONFIRMED"

    phone.locator(f"#c{later.pk}").get_by_role("button", name="少发").tap()
    phone.wait_for_selector(f"#c{later.pk} input[name=quantity]")
    shot(phone, "less-zh")
    phone.locator(f"#c{later.pk}").get_by_role("button", name="库存不足").tap()
    phone.wait_for_selector(f"#c{later.pk}:has-text('部分确认')")
    assert CallOff.objects.get(pk=later.pk).confirmed_quantity == 200

    phone.locator(f"#c{third.pk}").get_by_role("button", name="改时间").tap()
    phone.wait_for_selector(f"#c{third.pk} .call-taps")
    shot(phone, "later-zh")
    phone.locator(f"#c{third.pk} .call-taps .btn").first.tap()
    phone.wait_for_selector(f"#c{third.pk}:has-text('预计到达')")
    shot(phone, "answered-zh")
    reason = "模具故障，换班后才能继续生产，其余预计次日中午送到，给贵厂添麻烦了"
    CallOff.objects.filter(pk=later.pk).update(reason=reason)
    phone.goto(f"{base}?show=answered")
    assert reason in phone.locator(f"#c{later.pk} .call-note").inner_text()
    shot(phone, "long-reason-zh")

    phone.goto(f"{base}ship/")
    assert phone.locator("input[name=pick]").count() == 3
    assert phone.locator(".pack-when del").count() == 1  # the time that was put off
    shot(phone, "ship-zh")
    phone.fill(f"#l{soon.pk}", "L2611")
    phone.fill("#plate", "沪A12345")
    phone.get_by_role("button", name="生成送货单和标签").tap()
    phone.wait_for_url("**/shipments/*/")
    shot(phone, "shipment-zh")
    pdf = phone.get_by_role("link", name="打印标签 A4").get_attribute("href")
    assert phone.request.get(pdf).body().startswith(b"%PDF")
    phone.get_by_role("button", name="发车").tap()
    phone.wait_for_selector("#shipment:has-text('已发车')")
    assert Shipment.objects.get().state == "DEPARTED"
    phone.goto(f"{base}shipments/")
    shot(phone, "shipments-zh")

    called(plant, 230, 150)
    dark = new_page(width=360, height=740, color_scheme="dark", locale="en-GB")
    dark.goto(base)
    dark.get_by_role("button", name="EN").click()
    dark.wait_for_selector("h1")
    dark.wait_for_selector("button:has-text('Confirm')")
    shot(dark, "today-en-dark")
    dark.get_by_role("button", name="Refuse").click()
    dark.wait_for_selector(".call-form")
    shot(dark, "refuse-en-dark")
    dark.goto(f"{base}ship/")
    shot(dark, "ship-en-dark")
    dark.goto("/s/tl_nobody-has-this-one-000000000/")
    shot(dark, "dead-en-dark")

    # A new one appears by itself, but never under somebody's typing.
    first = called(plant, 100)
    phone.goto(base)
    phone.wait_for_selector("mes-live[state=live]")
    second = called(plant, 160)
    phone.wait_for_selector(f"#c{second.pk}")
    phone.locator(f"#c{first.pk}").get_by_role("button", name="少发").tap()
    phone.fill(f"#c{first.pk} input[name=words]", "模具")
    third = called(plant, 220)
    phone.wait_for_selector("#news:has-text('内容有变化')")
    assert phone.input_value(f"#c{first.pk} input[name=words]") == "模具"
    phone.locator(f"#c{first.pk}").get_by_role("button", name="发送").tap()
    phone.wait_for_selector("#news:not(:has-text('内容有变化'))", state="attached")
    phone.wait_for_selector(f"#c{third.pk}")
    a_tap_is_kept_until_the_script_is_there(new_page, base)
    a_press_outlives_a_refresh(plant, new_page, base)


def a_tap_is_kept_until_the_script_is_there(new_page, base: str) -> None:
    """A slow line shows the page long before it can answer; what was tapped meanwhile isn't lost."""
    slow = new_page(width=360, height=740, has_touch=True)
    held = []
    slow.route("**/js/app.js*", lambda route: held.append(route))
    slow.goto(base, wait_until="commit")
    slow.get_by_role("button", name="拒绝").first.tap()
    slow.wait_for_timeout(200)
    assert slow.locator(".call-form").count() == 0
    held[0].continue_()
    slow.wait_for_selector(".call-form")
    slow.context.close()


def a_press_outlives_a_refresh(plant, new_page, base: str) -> None:
    """The list is read again between the press and the release of a finger; the tap counts all the same."""
    page = new_page(width=360, height=740)
    page.goto(base)
    page.wait_for_selector("mes-live[state=live]")
    before = page.locator("article").count()
    spot = page.get_by_role("button", name="确认").last.bounding_box()
    page.mouse.move(spot["x"] + 9, spot["y"] + 9)
    page.mouse.down()
    row = called(plant, 290)
    page.wait_for_timeout(1500)  # it would stand in the list by now
    assert page.locator("article").count() == before
    page.mouse.up()
    page.wait_for_selector(f"#c{row.pk}")
    assert page.locator(".state.sig-ok").count()
