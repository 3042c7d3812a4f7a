"""A phone in a hall of steel: what was answered without network is neither lost nor said twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from forms_engine.kernel import clock
from jit.supply.models import CallOff, CallOffReply
from jit.supply.services import call_off, shipment
from tests import factories as make
from tests.browser.test_portal import called, link, plant_opened, shot

pytestmark = [pytest.mark.browser, pytest.mark.services(only=("web", "live"))]


@pytest.fixture
def plant(services):
    yield from plant_opened()


def test_an_answer_given_without_network_is_kept_and_sent_once(plant, phone):
    _while_offline(plant, phone, called(plant, 170))
    _receipt_lost(plant, phone, called(plant, 230))
    _truck_left(plant, phone, called(plant, 290))


def _while_offline(plant, phone, row) -> None:
    """The form keeps what was typed, an impatient thumb makes one answer."""
    phone.goto(link(plant))
    phone.wait_for_selector("mes-live[state=live]", state="attached")
    phone.context.set_offline(True)
    phone.click(
        ".call button:has-text('少发')"
    )  # a form that was never fetched cannot open: a word, not silence
    phone.wait_for_selector(".toast-item:has-text('重试')")
    phone.context.set_offline(False)
    phone.click(".call button:has-text('少发')")
    phone.fill("[name=quantity]", "150")
    phone.fill("[name=words]", "设备故障")
    phone.context.set_offline(True)
    for _ in range(2):  # an impatient thumb
        phone.click(".call-form button:has-text('发送')")
        phone.wait_for_selector(".offline-kept:has-text('未发送')")
    phone.wait_for_selector("mes-offline:has-text('1 条待发送')")
    assert phone.input_value("[name=quantity]") == "150"
    shot(phone, "portal-offline")
    assert CallOffReply.objects.filter(calloff=row).count() == 0
    phone.context.set_offline(False)
    phone.wait_for_selector(".offline-kept", state="detached")
    phone.wait_for_selector(".call:has-text('部分确认')")
    reply = CallOffReply.objects.get(calloff=row)
    assert (reply.quantity, reply.reason) == (150, "设备故障")


def _receipt_lost(plant, phone, row) -> None:
    """The plant has heard it, the phone does not know: sent again, it is the same answer."""

    def cut(route):
        route.fetch()  # the plant has it; the phone never hears so
        route.abort()

    phone.goto(link(plant))
    phone.route("**/confirm", cut)
    phone.click(".call button:has-text('确认')")
    phone.wait_for_selector(".offline-kept:has-text('未发送')")
    assert CallOffReply.objects.filter(calloff=row).count() == 1
    phone.unroute("**/confirm")
    phone.click(".offline-kept button:has-text('立即发送')")
    phone.wait_for_selector(".offline-kept", state="detached")
    phone.wait_for_selector(".call:has-text('已确认')")
    assert CallOffReply.objects.filter(calloff=row).count() == 1
    assert CallOff.objects.get(pk=row.pk).state == CallOff.State.CONFIRMED


def _truck_left(plant, phone, row) -> None:
    """A truck that left without network left when it did; last, for the clock of the page stays set."""
    call_off.calloff_reply(actor=make.system(), calloff=row, kind=CallOffReply.Kind.CONFIRM)
    lines = [shipment.PackedLine(row.pk, Decimal(200))]
    sent = shipment.shipment_announce(actor=make.system(), lines=lines)
    phone.goto(f"{link(plant)}shipments/{sent.pk}/")
    phone.wait_for_selector("mes-live[state=live]", state="attached")
    phone.clock.install(time=clock.real_now() - timedelta(hours=2))  # the tap was two hours ago
    phone.context.set_offline(True)
    phone.get_by_role("button", name="发车").tap()
    phone.wait_for_selector(".offline-kept:has-text('未发送')")
    shot(phone, "portal-departing-offline")
    phone.context.set_offline(False)
    phone.click(".offline-kept button:has-text('立即发送')")
    phone.wait_for_selector(".offline-kept", state="detached")
    sent.refresh_from_db()
    assert sent.state == "DEPARTED" and sent.reported_late
    assert timedelta(minutes=119) < clock.real_now() - sent.departed_at < timedelta(minutes=125)
    phone.goto(phone.url)
    assert "补报" in phone.inner_text("#shipment")
    shot(phone, "portal-reported-late")
