"""Names nobody should give: pages, labels and toasts show them as what they are, text."""

from __future__ import annotations

import json

import pytest
from django.db import models
from reportlab.pdfbase import pdfmetrics

from forms_engine.access.models import AccessLink
from jit.portal.label_pdf import FONT, fitted, font_ready
from jit.supply.models import CallOff, Shipment
from tests.jit.portal.test_walls import MARKED, crawl, filled

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = {
    "markup": "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}{% load x %}%(number)s%s{0}",
    "odd": "\u202e\u2066abc\u200f\u200b\ufeff👨‍👩‍👧‍👦𠮷\U0010ffff\r\nX-Evil: 1\r\n\r\n\t\x1b[31m\x07",
    "long": "宽" * 500,
}
UNIQUE = ("number", "code", "delivery_note")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_text(world, name):
    text = HOSTILE[name]
    ids, _ = filled(world, world.A)
    for model in MARKED:
        for field in model._meta.concrete_fields:
            free = isinstance(field, models.CharField | models.TextField) and not field.choices
            if not free or field.unique or field.name in ("held_from", "state", "kind", *UNIQUE):
                continue
            model.objects.filter(supplier=world.A.supplier).update(
                **{field.name: text[: field.max_length] if field.max_length else text}
            )
    Shipment.objects.filter(pk=ids["shipment"][0]).update(delivery_note=text[:60])
    type(world.A.supplier).objects.filter(pk=world.A.supplier.pk).update(name=text[:120])
    AccessLink.objects.update(supplier_name=text[:120])
    phone = world.A.browser()
    answers = crawl(phone, ids)
    assert {status for route, status, _ in answers if route[0] == "GET" and route[1].endswith("/")} == {200}
    for route, _, body in answers:
        if body.startswith("%PDF"):
            continue  # its text is no markup
        assert "<img src=x" not in body and "<script>alert" not in body, route
    labels = [(s, b) for (m, tail), s, b in answers if "labels.pdf" in tail and s == 200]
    assert labels and all(body.startswith("%PDF") for _, body in labels)


def test_a_toast_is_one_line_of_json(world, way):
    row = world.call(world.A)
    CallOff.objects.filter(pk=row.pk).update(number="号\r\nSet-Cookie: a=b\"')}<img src=x>"[:30])
    answer = world.A.browser(way).tap(f"calloffs/{row.pk}/confirm", {"revision": "1", "key": "k"})
    assert answer.status_code == 200 and "Set-Cookie" not in dict(answer.items())
    assert answer["HX-Trigger"].isascii()
    assert json.loads(answer["HX-Trigger"])["toast"]["text"].startswith("号\r\nSet-Cookie")


def test_a_lot_that_fits_when_shrunk_is_printed_whole():
    font_ready()
    lot = "LOT-2026-11-24-0007"
    wide = pdfmetrics.stringWidth(lot, FONT, 10)
    for room in (wide, wide * 0.99, wide * 0.8, wide * 0.61):
        words, size = fitted(lot, 10, room)
        assert words == lot and pdfmetrics.stringWidth(words, FONT, size) <= room + 1e-6
    words, size = fitted(lot, 10, wide * 0.4)
    assert words.endswith("…") and size == 6 and pdfmetrics.stringWidth(words, FONT, size) <= wide * 0.4
