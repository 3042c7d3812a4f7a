"""The line's page as an operator uses it: find the order, report, see what is missing, take back."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from forms_engine.access import services as access
from forms_engine.access.actor import Actor
from forms_engine.kernel import clock
from forms_engine.packages.services import package_install
from jit.catalog.label_code import label_write
from jit.shopfloor.models import Report, WorkOrder
from jit.shopfloor.services import work_order as orders
from jit.stock.models import Variance
from jit.stock.selectors import ledger_violations, stock_at
from jit.supply.models import LineCover
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PACKAGE = Path(settings.ROOT) / "jit" / "packages" / "jit_mes"
HX = {"HX-Request": "true"}


@pytest.fixture
def plant():
    """F0 at 08:00."""
    built = make.f0()
    clock.set(make.at(8))
    yield built
    clock.set(None)


@pytest.fixture
def line(plant):
    return person("operator")


def person(role: str) -> Client:
    package_install(actor=Actor.system("test"), folder=PACKAGE)
    user = access.user_create(actor=make.system(), username=f"{role}-1", roles=[role], language="zh-hans")
    client = Client()
    client.force_login(user)
    return client


def order(plant, quantity: int = 60) -> WorkOrder:
    row = orders.work_order_create(
        actor=make.system(),
        item=plant.product,
        work_centre=plant.work_centre,
        quantity=Decimal(quantity),
        planned_start=make.at(8),
        planned_end=make.at(9),
    )
    return orders.work_order_release(actor=make.system(), work_order=row)


def reported(client: Client, row: WorkOrder, **values):
    sent = {"good": "10", "scrap": "0", "idempotency_key": uuid.uuid4().hex} | values
    return client.post(reverse("line:report", args=[row.pk]), sent, headers=HX)


def tone(answer) -> str:
    return json.loads(answer["HX-Trigger"])["scan-result"]["tone"]


def test_the_card_or_number_of_an_order_opens_it(line, plant):
    row = order(plant)
    assert row.number in line.get(reverse("line:page")).content.decode()
    for code in (row.number, label_write("W", work_order=row.number)):
        answer = line.post(reverse("line:scan"), {"code": code}, headers=HX)
        assert answer["HX-Redirect"] == reverse("line:order", args=[row.pk])
    for code in ("WO-nothing", "", label_write("A", shipment="ASN-1"), "T1W/0000/WO-1"):
        answer = line.post(reverse("line:scan"), {"code": code}, headers=HX)
        assert answer.status_code == 422 and tone(answer) == "short", code
        assert "请扫描工单" in json.loads(answer["HX-Trigger"])["scan-result"]["text"]
    assert person("warehouse").get(reverse("line:page")).status_code == 403


def test_a_report_moves_stock_and_ten_presses_report_once(line, plant):
    row = order(plant)
    page = line.get(reverse("line:order", args=[row.pk])).content.decode()
    assert 'name="good"' in page and 'data-fill="60"' in page
    for _ in range(10):
        answer = reported(line, row, good="49", scrap="0", idempotency_key="one-intent")
        assert answer.status_code == 200 and tone(answer) == "ok"
    row.refresh_from_db()
    assert (row.good_quantity, Report.objects.count()) == (49, 1)
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 100
    assert 'data-fill="11"' in answer.content.decode() and ledger_violations() == {}


def test_what_the_line_lacks_is_shown_with_the_report(line, plant):
    row = order(plant, 120)
    answer = reported(line, row, good="99", scrap="2", scrap_reason="划伤")
    text = answer.content.decode()
    assert tone(answer) == "risk" and Variance.objects.count() == 1
    assert "账面缺" in text and "划伤" in text and "已空" in text
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 0


def test_refusals_keep_what_was_typed(line, plant):
    row = order(plant)
    for values in (
        {"good": "61"},
        {"good": "0"},
        {"good": "-3"},
        {"good": "zehn"},
        {"good": "1", "scrap": "x"},
    ):
        answer = reported(line, row, **values)
        assert answer.status_code == 422 and tone(answer) == "short", values
        assert f'value="{values["good"]}"' in answer.content.decode()
    assert Report.objects.count() == 0
    orders.work_order_cancel(actor=make.system(), work_order=row)
    assert reported(line, row).status_code == 409


def test_a_report_is_taken_back_once(line, plant):
    row = order(plant)
    reported(line, row, good="49")
    made = Report.objects.get()
    url = reverse("line:reverse", args=[row.pk, made.pk])
    for _ in range(3):
        answer = line.post(url, {"reason": "误报"}, headers=HX)
    assert answer.status_code == 200 and "已冲销" in answer.content.decode()
    assert stock_at(item_id=plant.part.pk, location_id=plant.line_side.pk) == 200
    assert Report.objects.count() == 2 and ledger_violations() == {}


def test_start_pause_finish_with_a_reason(line, plant):
    row = order(plant)

    def do(verb: str, **more):
        answer = line.post(reverse("line:do", args=[row.pk, verb]), more, headers=HX)
        row.refresh_from_db()
        return answer

    assert do("start").status_code == 200 and row.state == WorkOrder.State.STARTED
    assert do("pause").status_code == 200 and row.state == WorkOrder.State.PAUSED
    assert do("finish").status_code == 422 and row.state == WorkOrder.State.PAUSED
    assert do("finish", reason="缺料").status_code == 200 and row.state == WorkOrder.State.DONE
    assert do("delete").status_code == 404
    assert "<mes-count" not in line.get(reverse("line:order", args=[row.pk])).content.decode()


def test_the_line_side_is_shown_in_time_with_its_signal(line, plant):
    row = order(plant)
    facts = reverse("line:facts", args=[row.pk])
    text = line.get(facts).content.decode()
    # 200 at 60/h x 2 / 0.98 = 122.449/h
    assert "98 分钟" in text and "sig-risk" in text
    LineCover.objects.create(
        item=plant.part,
        area=plant.line_side,
        stock=200,
        burn_per_hour=Decimal("300"),
        computed_at=make.at(8),
    )
    text = line.get(facts).content.decode()
    assert "40 分钟" in text and "sig-short" in text


def test_the_card_prints_the_order_and_both_commands(line, plant):
    row = order(plant)
    text = line.get(reverse("line:card", args=[row.pk])).content.decode()
    assert text.count('<svg class="qr"') == 3
    assert label_write("W", work_order=row.number) in text and row.number in text
    assert line.get(reverse("line:card", args=[uuid.uuid4()])).status_code == 404
