"""The whole pull loop as people live it, in a real browser: from a plan to the line."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from forms_engine.access.models import User
from forms_engine.access.services import user_create
from forms_engine.kernel import clock
from forms_engine.packages.services import package_install
from jit.planning.models import PlanRun
from jit.stock.selectors import ledger_violations, stock_at
from jit.supply.models import CallOff, Shipment
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.services]
PACKAGE = Path(__file__).parents[2] / "jit" / "packages" / "jit_mes"
SLOW = 30_000
G1 = [200, 100, 150, 100, 150, 100]


@pytest.fixture
def plant(services):
    """F0 with the ready MES and one person for each role."""
    package_install(actor=make.system(), folder=PACKAGE)
    built = make.f0()
    make.routing(built.product, built.work_centre, seconds=60)
    for role in ("planner", "approver", "buyer", "warehouse", "operator", "manager"):
        user_create(actor=make.system(), username=role, password="long-enough-1", roles=[role])
    user_create(
        actor=make.system(),
        username="supplier",
        password="long-enough-1",
        roles=["supplier"],
        supplier_id=built.supplier.pk,
    )
    return built


def until(what, seconds: float = 60):
    """Wait until a look at the database finds something; returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError("it never came about")


def choose(page, field: str, words: str) -> None:
    """Pick a reference as a person does: type, wait for the list, Enter."""
    page.click(f"#{field}")
    page.type(f"#{field}", words, delay=20)
    page.wait_for_selector(".choices:not([hidden]) [role=option]", timeout=SLOW)
    page.keyboard.press("Enter")


def test_from_demand_to_the_line(plant, services, new_page, sign_in):
    def as_person(name: str, **options):
        page = new_page(**options)
        page.set_default_timeout(SLOW)
        sign_in(page, User.objects.get(username=name))
        return page

    phone_size = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True}
    day = (clock.now().astimezone(make.SHANGHAI) + timedelta(days=1)).strftime("%Y-%m-%d")

    # The planner fills the plan and hands it in.
    planner = as_person("planner")
    planner.goto(f"{services.url}/e/planning.plan/new")
    planner.fill("#f-title", "明日计划")
    choose(planner, "f-plant", "P1")
    planner.click("[data-row-add]")
    choose(planner, "f-lines-0-item", "A")
    choose(planner, "f-lines-0-work_centre", "L1")
    planner.fill("[name=lines-0-quantity]", "480")
    planner.fill("[name=lines-0-start_at]", f"{day}T08:00")
    planner.fill("[name=lines-0-end_at]", f"{day}T16:00")
    planner.click(".form-actions button[type=submit]:not([name=next])")
    planner.wait_for_url(re.compile(r"/e/planning\.plan/[0-9a-f-]{36}/$"))
    planner.click("a:has-text('提交审批')")
    planner.click(".form-actions button[type=submit]")

    # The approver says yes; work orders stand, and the run comes by itself.
    approver = as_person("approver")
    until(lambda: _task_shown(approver, services.url))
    approver.click("tbody a.row-link")
    approver.click("button[name=verdict][value=approve]")
    until(lambda: PlanRun.objects.filter(state=PlanRun.State.DONE).first(), seconds=120)

    # The buyer sees G1 on the board and releases everything.
    buyer = as_person("buyer", width=1440)
    buyer.goto(f"{services.url}/board/calls/?start={day}T08:00&hours=8")
    row = buyer.locator("tr.calls-row").first
    shown = [int(cell.inner_text().replace(",", "") or 0) for cell in row.locator("td[data-cell]").all()[:6]]
    calls = list(CallOff.objects.order_by("window_end").values_list("quantity", flat=True))
    # By day the last window of today is still ahead: it brings what must lie at the line at 08:00 tomorrow.
    assert shown[1:] == G1[1:] and sum(calls[: len(calls) - 5]) == G1[0] and sum(calls) == sum(G1)
    buyer.goto(f"{services.url}/do/supply.calloff.release_all/")
    buyer.click(".form-actions button[type=submit]")
    until(lambda: CallOff.objects.filter(state=CallOff.State.SENT).count() == len(calls))

    # The supplier confirms on the phone with one tap, and ships what was confirmed.
    supplier = as_person("supplier", **phone_size)
    supplier.goto(f"{services.url}/portal/")
    supplier.locator(".call button:has-text('确认')").first.click()
    first = until(lambda: CallOff.objects.filter(state=CallOff.State.CONFIRMED).first())
    assert first.quantity == calls[0]
    supplier.goto(f"{services.url}/portal/ship/")
    supplier.click("main form button[type=submit]")
    shipment = until(lambda: Shipment.objects.first())
    supplier.wait_for_url(re.compile(r"/portal/shipments/"))
    labels = supplier.request.get(f"{services.url}/portal/shipments/{shipment.pk}/labels.pdf")
    assert labels.status == 200 and labels.body().startswith(b"%PDF")

    # A board is open on the wall while the dock works.
    wall = as_person("manager", width=1440)
    wall.goto(f"{services.url}/board/live/")
    wall.wait_for_selector(".cover")
    assert "200" in wall.inner_text(".cover")

    # The dock scans the notice and receives it as announced.
    dock = as_person("warehouse", **phone_size)
    dock.goto(f"{services.url}/dock/")
    dock.wait_for_selector("mes-live[state=live]", state="attached")  # the page listens to the scanner by now
    dock.keyboard.type(shipment.number)
    dock.keyboard.press("Enter")
    dock.click("#count button[type=submit]")
    until(lambda: Shipment.objects.get(pk=shipment.pk).state == Shipment.State.RECEIVED)
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 200 + calls[0]

    # The wall has it without a reload.
    wall.wait_for_function(_covers(200 + calls[0]))

    # The operator reports; components leave by the BOM, the board follows.
    operator = as_person("operator", **phone_size)
    operator.goto(f"{services.url}/line/")
    operator.locator("a[href^='/line/']").filter(has_text="WO").first.click()
    operator.fill("#good", "49")
    operator.click("#report button[type=submit]")
    until(lambda: stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 100 + calls[0])
    wall.wait_for_function(_covers(100 + calls[0]))
    assert ledger_violations() == {}


def _covers(quantity: Decimal) -> str:
    return f"() => document.querySelector('.cover').innerText.includes('{int(quantity)}')"


def _task_shown(page, url: str) -> bool:
    page.goto(f"{url}/inbox/")
    return page.query_selector("tbody a.row-link") is not None
