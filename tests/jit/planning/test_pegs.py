"""Pegs both ways over the real tables and through the address that programs ask (pull.md 27, 29)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from forms_engine.access import services
from forms_engine.journal.delivery import outbox_drain
from jit.planning.models import CallOffPeg
from jit.planning.services.run import run_execute, run_request
from jit.shopfloor.services import work_order as orders
from jit.supply.models import CallOff
from jit.supply.services import call_off
from tests import factories as make

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])


@pytest.fixture
def plant():
    """F0 with the work order of G1, planned the evening before."""
    built = make.f0()
    make.routing(built.product, built.work_centre, seconds=60)
    order = orders.work_order_create(
        actor=make.system(),
        item=built.product,
        work_centre=built.work_centre,
        quantity=Decimal(480),
        planned_start=make.at(8),
        planned_end=make.at(16),
    )
    built.order = orders.work_order_release(actor=make.system(), work_order=order)
    evening = make.at(16) - timedelta(days=1)
    run = run_request(actor=make.system(), as_of=evening, horizon_end=evening + timedelta(days=1))
    run_execute(run_id=run.pk, actor=make.system())
    return built


def bearer(name: str, grants: list[dict], **more) -> dict[str, str]:
    """A token of a person whose role holds the grants."""
    role = services.role_define(actor=make.system(), key=name, label=name).key
    services.grants_set(actor=make.system(), role=role, grants=grants)
    user = services.user_create(actor=make.system(), username=name, roles=[role], **more)
    return {"HTTP_AUTHORIZATION": f"Token {services.token_create(actor=make.system(), user=user)[1]}"}


READ = [
    {"entity": "supply.calloff", "actions": ["read"]},
    {"entity": "shopfloor.workorder", "actions": ["read"]},
]


def test_pegs_both_ways_add_up(plant):
    client, token = Client(), bearer("planner", READ)
    first = CallOff.objects.order_by("window_end").first()
    answer = client.get(f"/board/pegs/{first.pk}.json", **token).json()
    assert answer["record"]["number"] == first.number
    assert {peg["label"] for peg in answer["serves"]} == {plant.order.number}
    assert sum(peg["quantity"] for peg in answer["serves"]) == pytest.approx(200)
    back = client.get(f"/board/pegs/{plant.order.pk}.json", **token).json()["supplied_by"]
    kinds: dict[str, float] = {}
    for peg in back:
        kinds[peg["label"] or peg["kind"]] = kinds.get(peg["label"] or peg["kind"], 0) + peg["quantity"]
    assert kinds["L1-A"] == pytest.approx(200)  # the stock at the line, named by its place
    assert kinds[first.number] == pytest.approx(200)
    assert sum(kinds.values()) == pytest.approx(480 * 2 / 0.98)  # rule 27: everything is covered


def test_only_who_may_read_sees_pegs(plant):
    first = CallOff.objects.order_by("window_end").first()
    assert Client().get(f"/board/pegs/{first.pk}.json").status_code == 401
    nobody = bearer("nobody", [])
    assert Client().get(f"/board/pegs/{first.pk}.json", **nobody).status_code == 404
    supplier = bearer("maker", READ, supplier_id=plant.supplier.pk)
    assert Client().get(f"/board/pegs/{first.pk}.json", **supplier).status_code == 404


def test_a_release_keeps_its_pegs(plant):
    first = CallOff.objects.order_by("window_end").first()
    call_off.calloff_release(actor=make.system(), calloff=first)
    outbox_drain()
    kept = CallOffPeg.objects.filter(calloff=first)
    assert {peg.demand for peg in kept} == {plant.order.number}
    assert abs(sum(peg.quantity for peg in kept) - 200) < Decimal("0.001")
    answer = Client().get(f"/board/pegs/{first.pk}.json", **bearer("planner", READ)).json()
    assert len(answer["when_released"]) == len(kept)
