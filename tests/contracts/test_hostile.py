"""Addresses, forms and bodies nobody would send by mistake: refused or read sensibly, never a fault."""

import json
import uuid

import pytest
from django.test import Client

from forms_engine.access.services import user_create
from forms_engine.core.entity import entity_keys
from jit.exchange.sandbox import workbook_rows
from tests import factories as make

NOWHERE = uuid.UUID(int=1)


@pytest.fixture
def admin(transactional_db):
    user = user_create(actor=make.system(), username="boss", password="long-enough-1", is_superuser=True)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_every_list_leaves_as_a_workbook(admin):
    keys = entity_keys()
    assert len(keys) > 20
    assert {key: admin.get(f"/e/{key}/export.xlsx").status_code for key in keys} == dict.fromkeys(keys, 200)


@pytest.mark.parametrize(
    "address",
    [
        "/board/calls/?hours=99999999",
        "/board/calls/?hours=１２",
        "/board/calls/?start=9999-12-31T23:00&hours=48",
        "/board/calls/?start=0001-01-01T00:00",
        "/board/exceptions/?kind=%00",
        "/e/catalog.item/?q=%00",
    ],
)
def test_an_odd_address_is_read_sensibly(admin, address):
    assert admin.get(address).status_code in (200, 400)


def test_a_minute_no_plant_has_is_not_found(admin):
    for at in ("9" * 30, "999999999", "１２", "-1", "x"):
        assert admin.get(f"/board/calls/cell/?item={NOWHERE}&area={NOWHERE}&at={at}").status_code == 404


def test_a_login_with_nul_is_only_wrong(transactional_db):
    client = Client(raise_request_exception=False)
    for name, password in (("a\0b", "x"), ("a", "\0p"), ("\0", "\0")):
        assert client.post("/login", {"username": name, "password": password}).status_code == 422


def test_guessing_a_password_is_stopped(transactional_db):
    client = Client(raise_request_exception=False)
    tries = [client.post("/login", {"username": "eve", "password": f"x{n}"}).status_code for n in range(11)]
    assert tries[-1] == 429  # five a quarter of an hour; eleven even where the quarter turns between them


def test_a_broken_multipart_body_is_refused(admin):
    for address in ("/api/v1/catalog.item/", "/api/v1/do/planning.run.queue/"):
        for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
            answer = admin.post(address, data=b"x", content_type=kind)
            assert 400 <= answer.status_code < 500, (address, kind, answer.status_code)


HOSTILE_NAMES = ("<img src=x onerror=alert(1)>", "{{7*7}}", "\u202eabc", "宽" * 200, "👨‍👩‍👧‍👦", "=1+1")


def test_a_hostile_name_is_text_on_every_page_of_the_plant(admin):
    plant = make.f0()
    for number, name in enumerate(HOSTILE_NAMES):
        body = {"code": f"H{number}", "name": name, "unit": str(plant.part.unit_id)}
        made = admin.post("/api/v1/catalog.item/", data=json.dumps(body), content_type="application/json")
        assert made.status_code == 201, (name, made.content)
    for code in (name[:60] for name in HOSTILE_NAMES):
        body = {"code": code, "name": "x", "unit": str(plant.part.unit_id)}
        made = admin.post("/api/v1/catalog.item/", data=json.dumps(body), content_type="application/json")
        assert made.status_code in (201, 422), (code, made.content)
    type(plant.part).objects.filter(pk=plant.part.pk).update(name=HOSTILE_NAMES[0])
    plant.supplier.__class__.objects.filter(pk=plant.supplier.pk).update(name=HOSTILE_NAMES[0])
    seen = 0
    for address in (
        *("/e/catalog.item/", "/e/catalog.supplier/", "/e/catalog.item/?q=%3Cimg", "/board/calls/"),
        *(f"/e/catalog.item/{plant.part.pk}/", "/dock/", "/line/", "/import/", "/inbox/"),
    ):
        page = admin.get(address)
        assert page.status_code == 200, address
        assert b"<img src=x" not in page.content, address
        seen += page.content.count(b"&lt;img src=x")
    assert seen > 3
    book = b"".join(admin.get("/e/catalog.item/export.xlsx").streaming_content)
    cells = [cell for row in workbook_rows(book) for cell in row]
    assert set(HOSTILE_NAMES) <= set(cells), "exported as text, not as formulas"
