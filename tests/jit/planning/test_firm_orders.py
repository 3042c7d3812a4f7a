"""A planner fixes what a run proposed: through the door, kept by every run, with components and messages."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from forms_engine.access import services as access
from forms_engine.access.actor import Actor
from forms_engine.core.run import action_run
from forms_engine.journal.selectors import history_of
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, MesError, NotFound
from jit.catalog.models import SourcingRule, WorkCentre
from jit.planning.models import Demand, FirmOrder, PlanException, PlannedOrder, PlanRun, PlanRunNode
from jit.planning.selectors.pegs import NodePegs
from jit.planning.services.run import run_execute, run_request
from jit.shopfloor.models import WorkOrder
from jit.supply.models import Agreement
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])


@pytest.fixture
def plant():
    """A is made from 2 C in 30 minutes of lead; 1 A takes 1 minute on line L1; 24 hours open."""
    site = make.plant()
    site.store = make.location("STORE")
    site.save(update_fields=["store"])
    site.a = make.item("A", mode="MAKE", planning_window_minutes=60, lead_minutes=30)
    site.c = make.item("C", planning_window_minutes=60)
    site.bom = make.bom(site.a, (site.c, 2))
    site.supplier = make.supplier("S1")
    SourcingRule.objects.create(item=site.c, supplier=site.supplier)
    Agreement.objects.create(number="SA-C", supplier=site.supplier, item=site.c, price=Decimal(1))
    site.demand = Demand.objects.create(number="D1", plant=site, item=site.a, quantity=60, due_at=make.at(12))
    yield site
    clock.set(None)


def routed(site) -> None:
    centre = WorkCentre.objects.create(code="L1", name="L1", plant=site, units_per_hour=Decimal(60))
    make.routing(site.a, centre, seconds=60)


def plan() -> PlanRun:
    clock.set(make.at(0))
    run = run_request(actor=make.system(), as_of=make.at(0), horizon_end=make.at(0) + timedelta(days=2))
    return run_execute(run_id=run.pk, actor=make.system())


def do(verb: str, record=None, actor: Actor | None = None, **raw):
    key = f"planning.firmorder.{verb}"
    return action_run(actor=actor or make.system(), key=key, record=record, raw=raw)


def firmed(item) -> FirmOrder:
    row = PlannedOrder.objects.get(item=item)
    do("firm", order=str(row.pk), item=str(item.pk))
    return FirmOrder.objects.get(order_id=row.pk)


def orders() -> dict[str, list[tuple[float, bool]]]:
    """Quantity and firmness of every planned order, by item, the largest first."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for row in PlannedOrder.objects.order_by("item__code", "-quantity"):
        found.setdefault(row.item.code, []).append((row.quantity, row.is_firm))
    return found


NOTHING = {"new": 0, "changed": 0, "cancelled": 0}


@pytest.mark.parametrize("with_routing", [False, True])
def test_fixing_changes_nothing_by_itself(plant, with_routing):
    """The order to make is fixed as it stands: the same components at the same minutes, no message."""
    if with_routing:
        routed(plant)
    plan()
    before = [
        (row.quantity, row.need_at) for row in PlannedOrder.objects.filter(item=plant.c).order_by("need_at")
    ]
    assert sum(quantity for quantity, _ in before) == 120
    firm = firmed(plant.a)
    run = plan()
    assert run.counts["orders"] == NOTHING
    rows = PlannedOrder.objects.filter(item=plant.c).order_by("need_at")
    assert [(row.quantity, row.need_at) for row in rows] == before
    assert (firm.quantity, firm.need_at, firm.number) == (60, make.at(12), f"PL{firm.order_id}")
    assert not PlanException.objects.filter(run=run).exists()
    pegs = NodePegs(PlanRunNode.objects.get(item=plant.a), run).supplied("D1", "A")
    assert [(peg.kind, peg.label, peg.quantity) for peg in pegs] == [("RECEIPT", firm.number, 60)]


def test_a_firm_order_keeps_its_quantity_and_the_rest_is_planned_beside_it(plant):
    plan()
    firmed(plant.a)
    plant.demand.quantity = 100
    plant.demand.save()
    plan()
    assert orders() == {"A": [(60, True), (40, False)], "C": [(200, False)]}


def test_no_longer_needed_it_stays_with_a_message(plant):
    """The demand is gone: CANCEL for the firm order, which still draws its components; none is deleted."""
    plan()
    firm = firmed(plant.a)
    plant.demand.delete()
    run = plan()
    assert orders() == {"A": [(60, True)], "C": [(120, False)]}
    message = PlanException.objects.get(run=run, kind="CANCEL")
    assert (message.item, message.document, message.quantity) == (plant.a, firm.number, 60)


def test_needed_later_or_earlier_it_stays_with_a_message(plant):
    plan()
    firm = firmed(plant.a)
    plant.demand.due_at = make.at(12) + timedelta(hours=30)
    plant.demand.save()
    run = plan()
    assert PlanException.objects.get(run=run, kind="PUSH_OUT").document == firm.number
    plant.demand.due_at = make.at(10)
    plant.demand.save()
    run = plan()
    assert PlanException.objects.get(run=run, kind="PULL_IN").document == firm.number
    firm.refresh_from_db()
    assert (firm.need_at, firm.quantity) == (make.at(12), 60)
    assert orders()["A"] == [(60, True)]


def test_a_firm_purchase_is_supply_and_counts_for_its_quota(plant):
    plan()
    firm = firmed(plant.c)
    assert (firm.kind, firm.source) == ("BUY", plant.supplier)
    run = plan()
    assert run.counts["orders"] == NOTHING
    assert orders() == {"A": [(60, False)], "C": [(120, True)]}
    other = make.supplier("S2")
    SourcingRule.objects.create(item=plant.c, supplier=other)
    Agreement.objects.create(number="SZ-C", supplier=other, item=plant.c, price=Decimal(1))
    plant.demand.quantity = 100
    plant.demand.save()
    plan()
    # S1 stands at 120 of its quota, S2 at 0: the 80 more are bought from S2.
    assert PlannedOrder.objects.get(item=plant.c, is_firm=False).source == other


def test_given_back_it_is_a_proposal_again_with_its_id(plant):
    plan()
    firm = firmed(plant.a)
    plant.demand.quantity = 80
    plant.demand.save()
    do("unfirm", firm)
    firm.refresh_from_db()
    assert firm.state == FirmOrder.State.GIVEN_BACK
    plan()
    (row,) = PlannedOrder.objects.filter(item=plant.a)
    assert (row.pk, row.quantity, row.is_firm) == (firm.order_id, 80, False)
    with pytest.raises(Conflict):
        do("unfirm", firm)


def test_it_becomes_a_work_order_that_takes_its_place(plant):
    routed(plant)
    plan()
    firm = firmed(plant.a)
    answer = do("make", firm)
    order = WorkOrder.objects.get(pk=answer.data["work_order"])
    # 60 pieces of a minute each, 30 minutes of lead before: the run is 11:00 to 12:00.
    assert (order.quantity, order.planned_start, order.planned_end) == (60, make.at(11), make.at(12))
    firm.refresh_from_db()
    assert (firm.state, firm.work_order) == (FirmOrder.State.MADE, order)
    run = plan()
    assert run.counts["orders"] == NOTHING
    assert orders() == {"C": [(120, False)]}
    assert not PlanException.objects.filter(run=run).exists()


def test_what_cannot_be_fixed_or_made_is_refused(plant):
    plan()
    with pytest.raises(NotFound):
        do("firm", order="12345")
    firm = firmed(plant.a)
    with pytest.raises(Conflict):
        do("firm", order=str(firm.order_id))
    with pytest.raises(MesError):  # no routing: nobody knows which line makes it
        do("make", firm)
    with pytest.raises(MesError):
        do("make", firmed(plant.c))
    Agreement.objects.all().delete()
    plant.demand.quantity = 90
    plant.demand.save()
    plan()
    blocked = PlannedOrder.objects.get(item=plant.c, is_blocked=True)
    with pytest.raises(MesError) as caught:
        do("firm", order=str(blocked.pk))
    assert caught.value.field == "order"


def test_only_who_may_does_it_and_the_history_says_who(plant):
    access.role_define(actor=make.system(), key="planner", label="planner")
    access.role_define(actor=make.system(), key="reader", label="reader")
    may = [{"entity": "planning.*", "actions": ["read", "firm", "unfirm", "make"]}]
    access.grants_set(actor=make.system(), role="planner", grants=may)
    access.grants_set(
        actor=make.system(), role="reader", grants=[{"entity": "planning.*", "actions": ["read"]}]
    )
    wei = access.user_create(actor=make.system(), username="wei", roles=["planner"])
    eve = access.user_create(actor=make.system(), username="eve", roles=["reader"])
    plan()
    row = PlannedOrder.objects.get(item=plant.a)
    token = {"HTTP_AUTHORIZATION": f"Token {access.token_create(actor=make.system(), user=wei)[1]}"}
    other = {"HTTP_AUTHORIZATION": f"Token {access.token_create(actor=make.system(), user=eve)[1]}"}
    listed = Client().get("/board/orders.json?q=A", **token).json()
    assert [(one["order"], one["quantity"], one["firm"]) for one in listed["rows"]] == [(row.pk, 60.0, None)]
    body = {"order": listed["rows"][0]["order"]}
    path = "/api/v1/do/planning.firmorder.firm/"
    refused = Client().post(path, body, content_type="application/json", **other)
    assert refused.status_code == 403 and not FirmOrder.objects.exists()
    done = Client().post(path, body, content_type="application/json", **token)
    assert done.status_code in (200, 201), done.content
    firm = FirmOrder.objects.get()
    assert {entry.actor_name for entry in history_of("planning_firmorder", firm.pk)} == {"wei"}
    listed = Client().get("/board/orders.json?firm=1", **other).json()
    assert [one["firm"] for one in listed["rows"]] == [str(firm.pk)]
    assert Client().get("/board/orders.json").status_code == 401
    back = f"/api/v1/planning.firmorder/{firm.pk}/unfirm/"
    assert Client().post(back, {}, content_type="application/json", **other).status_code == 403
    assert Client().post(back, {}, content_type="application/json", **token).status_code == 200


def test_the_page_fixes_and_gives_back(plant):
    access.role_define(actor=make.system(), key="planner", label="planner")
    may = [{"entity": "planning.*", "actions": ["read", "firm", "unfirm", "make"]}]
    may.append({"entity": "catalog.item", "actions": ["read"]})
    access.grants_set(actor=make.system(), role="planner", grants=may)
    browser = Client()
    browser.force_login(access.user_create(actor=make.system(), username="wei", roles=["planner"]))
    plan()
    row = PlannedOrder.objects.get(item=plant.a)
    page = browser.get("/board/orders/").content.decode()
    assert f'name="order" value="{row.pk}"' in page and "确定订单" in page
    answer = browser.post("/do/planning.firmorder.firm/", {"order": row.pk, "item": plant.a.pk}, follow=True)
    firm = FirmOrder.objects.get()
    assert answer.status_code == 200 and firm.number in answer.content.decode()
    page = browser.get("/board/orders/?firm=1&q=A").content.decode()
    assert firm.number in page and "退回计划" in page
    assert browser.post(f"/e/planning.firmorder/{firm.pk}/do/unfirm", follow=True).status_code == 200
    firm.refresh_from_db()
    assert firm.state == FirmOrder.State.GIVEN_BACK
    for odd in ("?kind=x", "?q=%00", "?firm=2", "?q=" + "x" * 999):
        assert browser.get(f"/board/orders/{odd}").status_code == 200, odd


def test_a_person_without_the_right_sees_no_page(plant):
    nobody = Client()
    nobody.force_login(access.user_create(actor=make.system(), username="n", roles=[]))
    assert nobody.get("/board/orders/").status_code == 403


def test_every_planned_order_is_reached_page_by_page(plant, monkeypatch):
    monkeypatch.setattr("jit.planning.selectors.orders.PAGE_ROWS", 2)
    plan()
    first = PlannedOrder.objects.get(item=plant.a)
    for number in range(1, 5):  # two of them are needed at one moment
        first.pk, first.need_at = first.pk + number, first.need_at + timedelta(hours=number // 2)
        first.save(force_insert=True)
    wanted = list(PlannedOrder.objects.order_by("need_at", "id").values_list("pk", flat=True))
    browser = Client()
    browser.force_login(access.user_create(actor=make.system(), username="boss", is_superuser=True))
    seen, after, pages = [], "", 0
    while after is not None:
        answer = browser.get("/board/orders.json", {"after": after, "kind": ""}).json()
        seen += [row["order"] for row in answer["rows"]]
        assert answer["more"] == (answer["after"] is not None)
        after, pages = answer["after"], pages + 1
    assert seen == wanted and pages == -(-len(wanted) // 2) > 1

    page = browser.get("/board/orders/?q=A").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "q=A" in following and "第一页" not in page
    second = browser.get(f"/board/orders/{following}").content.decode()
    assert "第一页" in second
    assert re.findall(r'name="order" value="(\d+)"', second) != re.findall(
        r'name="order" value="(\d+)"', page
    )
    for odd in ("x", "W10", "é", following.partition("after=")[2] + "zz"):
        assert browser.get("/board/orders/", {"after": odd}).status_code == 400, odd
