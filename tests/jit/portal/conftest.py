"""Two suppliers of one plant, each with a log-in and a signed link."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from html import unescape

import pytest
import yaml
from django.conf import settings
from django.test import Client

from forms_engine.access import policy
from forms_engine.access import services as access
from forms_engine.access.models import AccessLink, User
from forms_engine.core import entity as nouns
from forms_engine.kernel import clock
from forms_engine.kernel.ids import new_id
from jit.catalog.models import Supplier
from jit.supply.models import Agreement, CallOff
from jit.supply.services import call_off
from tests import factories as make

GRANTS = yaml.safe_load((settings.ROOT / "jit/packages/jit_mes/roles/supplier.yaml").read_text())["grants"]


@dataclass
class Side:
    """One supplier: his pages by log-in (`/portal/`) and by link (`/s/…/`)."""

    supplier: Supplier
    user: User
    link: AccessLink
    base: str
    calls: list[CallOff] = field(default_factory=list)

    def browser(self, way: str = "link", **more) -> Browser:
        """Return a browser that comes by `link` or `login`."""
        client = Client(raise_request_exception=False, **more)
        if way == "login":
            client.force_login(self.user)
        return Browser(client, self.base if way == "link" else "/portal/")


class Browser:
    """A phone: addresses are relative to its base; `tap` posts as htmx does."""

    def __init__(self, client: Client, base: str) -> None:
        self.client, self.base = client, base

    def open(self, tail: str = "", **headers):
        return self.client.get(self.base + tail, headers=headers)

    def tap(self, tail: str, data=None, **headers):
        return self.client.post(self.base + tail, data or {}, headers={"HX-Request": "true", **headers})


def words(answer) -> str:
    """Return what a page says, without markup, on one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@dataclass
class World:
    plant: make.F0
    A: Side
    B: Side

    def call(
        self, side: Side, hour: int = 12, quantity: int = 200, *, release: bool = True, **more
    ) -> CallOff:
        """Call off one hour's quantity of X from a supplier."""
        row = call_off.calloff_built(
            call_off.CallOffDraft(
                item=self.plant.part,
                area=self.plant.line_side,
                supplier=side.supplier,
                dock=self.plant.dock,
                window_start=make.at(hour - 1),
                window_end=make.at(hour),
                quantity=Decimal(quantity),
                pack_quantity=Decimal(50),
                **more,
            ),
            f"CO-{side.supplier.code}-{hour}-{str(new_id())[-6:]}",
        )
        row.save(force_insert=True)
        if release:
            row = call_off.calloff_release(actor=make.system(), calloff=row)
        side.calls.append(row)
        return row


def side_of(supplier: Supplier) -> Side:
    user = access.user_create(
        actor=make.system(),
        username=f"user-{supplier.code}",
        roles=["supplier"],
        supplier_id=supplier.pk,
    )
    link, secret = access.link_create(
        actor=make.system(), supplier_id=supplier.pk, supplier_name=supplier.name, purpose="portal"
    )
    return Side(supplier, user, link, f"/s/{secret}/")


@pytest.fixture
def world(transactional_db):
    nouns.entities_forget()
    policy.cache_forget()
    clock.set(make.at(8))
    plant = make.f0()
    access.role_define(actor=make.system(), key="supplier", label="Supplier")
    access.grants_set(actor=make.system(), role="supplier", grants=GRANTS)
    other = make.supplier("S2", name="宏远精密")
    Agreement.objects.create(number="SA-X2", supplier=other, item=plant.part, price=Decimal("3.10"))
    yield World(plant, side_of(plant.supplier), side_of(other))
    clock.set(None)
    nouns.entities_forget()
    policy.cache_forget()


@pytest.fixture(params=["link", "login"])
def way(request):
    """Both ways in: the same views must hold for each."""
    return request.param
