"""No byte of B reaches A (I19), links end alike (S6), nobody else comes in."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from itertools import count

import pytest
from django.db import connections, models
from django.test import Client

from forms_engine.access import policy, walls
from forms_engine.access import services as access
from forms_engine.access.models import AccessLink
from forms_engine.kernel import clock
from jit.stock.models import HandlingUnit
from jit.supply.models import (
    CallOff,
    CallOffReply,
    CallOffVersion,
    Receipt,
    ReceiptLine,
    Shipment,
    ShipmentLine,
)
from jit.supply.services import call_off, receipt, shipment
from tests import factories as make
from tests.jit.portal.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN = uuid.UUID("01900000-0000-7000-8000-000000000001")
MARKED = (CallOff, CallOffVersion, CallOffReply, Shipment, ShipmentLine, Receipt, ReceiptLine, HandlingUnit)
NUMBERS = count(1)


def filled(world, side):
    """Give a supplier one open call-off and one delivered with a difference; mark every text of his rows."""
    world.call(side, 11)
    row = world.call(side, 12)
    row = call_off.calloff_reply(actor=make.system(), calloff=row, kind=CallOffReply.Kind.CONFIRM)
    line = shipment.PackedLine(row.pk, row.quantity, lot_code="L1")
    sent = shipment.shipment_announce(actor=make.system(), lines=[line])
    receipt.shipment_receive(
        actor=make.system(), shipment=sent, counted={sent.lines.get().pk: row.quantity - 7}
    )
    shipment.shipment_announce(
        actor=make.system(),
        lines=[
            shipment.PackedLine(
                call_off.calloff_reply(
                    actor=make.system(), calloff=world.call(side, 13), kind=CallOffReply.Kind.CONFIRM
                ).pk,
                row.quantity,
            )
        ],
    )
    ids, marks = {"calloff": [], "shipment": []}, []
    for model in MARKED:
        for made in model.objects.filter(supplier=side.supplier):
            texts = {
                field.name: f"mark{side.supplier.code}{next(NUMBERS):04}q"
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField)
                and not field.choices
                and field.name not in ("held_from", "state", "kind")
            }
            model.objects.filter(pk=made.pk).update(**texts)
            marks += [*texts.values(), str(made.pk)]
            if model is CallOff:
                ids["calloff"].append(made.pk)
            if model is Shipment:
                ids["shipment"].append(made.pk)
    return ids, [*marks, side.supplier.name, side.base]


def routes(ids):
    """Yield (method, address below the base, data) of everything the portal answers."""
    for show in ("today", "open", "answered", "shipped", "all", "nonsense"):
        yield "GET", f"?show={show}", None
    yield from [("GET", tail, None) for tail in ("ship/", "shipments/", "?writing=1")]
    for pk in ids["calloff"]:
        yield "GET", f"calloffs/{pk}/", None
        for verb in ("confirm", "less", "later", "refuse", "see", "release"):
            yield "GET", f"calloffs/{pk}/{verb}", None
            yield "POST", f"calloffs/{pk}/{verb}", {"quantity": "1", "reason": "x", "revision": "1"}
        yield "POST", "seen", {"id": [str(pk)]}
        yield "POST", "confirm-all", {"card": [f"{pk}:1:k{pk}"]}
        yield "POST", "ship/", {"pick": [str(pk)], f"quantity-{pk}": "1", "key": f"s{pk}"}
    for pk in ids["shipment"]:
        for tail in ("", "labels.pdf", "labels.pdf?size=single"):
            yield "GET", f"shipments/{pk}/{tail}", None
        for verb in ("depart", "cancel"):
            yield "POST", f"shipments/{pk}/{verb}", {}


def crawl(phone, ids):
    """Return [(route, status, everything that came back)]."""
    answers = []
    for method, tail, data in routes(ids):
        answer = phone.open(tail) if method == "GET" else phone.tap(tail, data)
        assert answer.status_code < 500, (method, tail, answer.content[:500])
        text = answer.content.decode("utf-8", "replace") + repr(dict(answer.items()))
        answers.append(((method, tail), answer.status_code, text))
    return answers


def states_of(side):
    """Return row version and state of every call-off of a supplier."""
    rows = CallOff.objects.filter(supplier=side.supplier).order_by("pk")
    return list(rows.values_list("version", "state"))


def said(answer):
    """Return the whole answer without what differs by request: its number, nonce and CSRF mark."""
    page = words(answer).replace(answer["X-Request-ID"], "")
    return page, {name for name, _ in answer.items()}


def leaks_of(answers, marks):
    return [
        (route, mark)
        for route, _, text in answers
        for mark in marks
        if mark in text and mark not in str(route)
    ]


@pytest.mark.parametrize("wall", ["both", "rls_only", "app_only"])
def test_no_byte_of_b_reaches_a(world, way, wall, monkeypatch):
    ids_a, marks_a = filled(world, world.A)
    ids_b, marks_b = filled(world, world.B)
    if wall == "rls_only":
        monkeypatch.setattr(policy, "_is_free", lambda actor: True)
    if wall == "app_only":
        monkeypatch.setattr(walls, "alias_of", lambda actor: "default")
    before = list(
        CallOff.objects.filter(supplier=world.B.supplier).order_by("pk").values_list("version", "state")
    )
    phone = world.A.browser(way)
    answers = crawl(phone, ids_b)
    assert not leaks_of(answers, marks_b)
    for (method, tail), status, _ in answers:
        pk = next((str(pk) for pk in (*ids_b["calloff"], *ids_b["shipment"]) if str(pk) in tail), None)
        if pk is not None:
            assert status == 404, (method, tail, status)
        if pk is not None and method == "GET":
            foreign, never = phone.open(tail), phone.open(tail.replace(pk, str(UNKNOWN)))
            assert (said(foreign), foreign.status_code) == (said(never), never.status_code), tail
    after = list(
        CallOff.objects.filter(supplier=world.B.supplier).order_by("pk").values_list("version", "state")
    )
    assert after == before
    own = crawl(phone, ids_a)
    assert not leaks_of(own, marks_b)
    seen = "".join(text for _, _, text in own)
    assert sum(mark in seen for mark in marks_a) > 10, "A sees its own rows"


def test_without_both_walls_the_proof_fails(world, monkeypatch):
    """Sabotage: the crawl must be able to see a leak."""
    filled(world, world.A)
    ids_b, marks_b = filled(world, world.B)
    monkeypatch.setattr(policy, "_is_free", lambda actor: True)
    monkeypatch.setattr(walls, "alias_of", lambda actor: "default")
    assert len({route for route, _ in leaks_of(crawl(world.A.browser(), ids_b), marks_b)}) > 5


def ended(link, how):
    now = clock.real_now()
    changes = {
        "revoked": {"revoked_at": now},
        "expired": {"expires_at": now - dt.timedelta(seconds=1)},
        "used up": {"max_uses": 1, "uses": 1},
        "for something else": {"purpose": "form"},
    }
    AccessLink.objects.filter(pk=link.pk).update(**changes[how])


@pytest.mark.parametrize("how", ["revoked", "expired", "used up", "for something else"])
def test_an_ended_link_answers_like_one_that_never_was(world, how):
    """T78: a link used after its end is refused, and nothing tells why."""
    row = world.call(world.A)
    ended(world.A.link, how)
    phone = world.A.browser()
    page, refused = phone.open(), phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "1", "key": "k"})
    never = Client().get("/s/tl_never-made-by-anybody-0000000000000000000000/")
    assert (page.status_code, refused.status_code, never.status_code) == (404, 404, 404)
    assert words(page).replace(page["X-Request-ID"], "") == words(never).replace(never["X-Request-ID"], "")
    assert "链接已失效" in words(page) and "恒力五金" not in words(page)
    assert page["Referrer-Policy"] == "no-referrer" and "noindex" in page["X-Robots-Tag"]
    assert CallOff.objects.get(pk=row.pk).state == "RELEASED"


def test_guessing_links_is_stopped(world, settings):
    settings.LINK_LIMIT = 3
    found = [Client().get(f"/s/tl_guess-{number}/").status_code for number in range(5)]
    assert found == [404, 404, 404, 429, 429]
    assert world.A.browser().open().status_code == 200


def test_a_link_for_one_use_counts_answers_not_looks(world):
    one, other = world.call(world.A, 11), world.call(world.A, 12)
    AccessLink.objects.filter(pk=world.A.link.pk).update(max_uses=1)
    phone = world.A.browser()
    for _ in range(3):
        assert phone.open().status_code == 200
    assert phone.tap("seen", {"id": [str(one.pk)]}).status_code == 204
    assert phone.tap(f"calloffs/{one.pk}/confirm", {"revision": "1", "key": "a"}).status_code == 200
    assert phone.tap(f"calloffs/{other.pk}/confirm", {"revision": "1", "key": "b"}).status_code == 404


def test_a_link_for_one_call_off_shows_that_one_only(world):
    one, other = world.call(world.A, 11), world.call(world.A, 12)
    _, secret = access.link_create(
        actor=make.system(),
        supplier_id=world.A.supplier.pk,
        purpose="portal",
        record=("supply.calloff", one.pk),
    )
    page = Client().get(f"/s/{secret}/").content.decode()
    assert str(one.pk) in page and str(other.pk) not in page
    assert Client().get(f"/s/{secret}/calloffs/{other.pk}/").status_code == 404


def test_two_phones_with_one_link_are_one_answer(world):
    row = world.call(world.A)
    found = []

    def tap(number):
        phone = world.A.browser()
        try:
            answer = phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "1", "key": f"phone-{number}"})
            found.append(answer.status_code)
        finally:
            connections.close_all()

    phones = [threading.Thread(target=tap, args=(number,)) for number in range(2)]
    for phone in phones:
        phone.start()
    for phone in phones:
        phone.join()
    assert sorted(found) == [200, 409]
    assert CallOffReply.objects.filter(calloff=row).count() == 1


def test_posts_need_the_mark_of_the_page(world, way):
    row = world.call(world.A)
    phone = world.A.browser(way, enforce_csrf_checks=True)
    bare = phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "1"})
    assert bare.status_code == 403
    mark = phone.open().content.decode().partition('"X-CSRFToken": "')[2].partition('"')[0]
    good = phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "1"}, **{"X-CSRFToken": mark})
    assert good.status_code == 200


def test_the_language_of_a_link_is_switched_without_a_referrer(world):
    phone = world.A.browser(enforce_csrf_checks=True)
    answer = phone.client.post(
        f"{phone.base}language", {"language": "en", "next": phone.base}, headers={"Origin": "null"}
    )
    assert (answer.status_code, answer["Location"]) == (302, phone.base)
    assert "all answered" in words(phone.open())


def test_the_plants_own_people_and_strangers_stay_outside(world):
    assert Client().get("/portal/")["Location"] == "/login?next=/portal/"
    planner = access.user_create(actor=make.system(), username="planner", roles=["supplier"])
    inside = Client()
    inside.force_login(planner)
    assert inside.get("/portal/").status_code == 403


def test_what_was_never_released_is_not_the_suppliers_to_read(world):
    """A proposal held or withdrawn before its release stays the plant's own, through the API as well."""
    proposed = [world.call(world.A, hour, release=False) for hour in (11, 12, 13)]
    call_off.calloff_hold(actor=make.system(), calloff=proposed[0])
    call_off.calloff_cancel(actor=make.system(), calloff=proposed[1])
    told = world.call(world.A, 14)
    client = world.A.browser("login").client
    shown = client.get("/api/v1/supply.calloff/").json()["results"]
    assert [row["id"] for row in shown] == [str(told.pk)]
    for row in proposed:
        assert client.get(f"/api/v1/supply.calloff/{row.pk}/").status_code == 404
    call_off.calloff_hold(actor=make.system(), calloff=told)
    assert client.get(f"/api/v1/supply.calloff/{told.pk}/").status_code == 200
