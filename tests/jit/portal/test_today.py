"""A supplier looks at his call-offs and answers them, by link and by log-in alike."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jit.portal import selectors
from jit.supply.models import CallOff, CallOffReply
from jit.supply.services import call_off
from tests import factories as make
from tests.jit.portal.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_shows_what_when_where_and_how_much(world, way):
    """T01: window, dock and supply area stand on the supplier's phone."""
    world.call(world.A, 10)
    page = world.A.browser(way).open()
    said = words(page)
    assert page.status_code == 200
    for word in ("恒力五金", "今天 1 单", "待回复", "09:00", "10:00", "D2", "L1-A", "支架 X", "200", "4 箱"):
        assert word in said, word
    assert len(page.content) < 30_000
    assert "noindex" in page["X-Robots-Tag"] and "no-store" in page["Cache-Control"]


def test_looking_changes_nothing_but_the_page_then_says_it_was_seen(world, way):
    row = world.call(world.A)
    stored = CallOff.objects.get(pk=row.pk)
    phone = world.A.browser(way)
    for tail in ("", "?writing=1", f"calloffs/{row.pk}/", f"calloffs/{row.pk}/less"):
        assert phone.open(tail).status_code == 200
        assert phone.client.head(phone.base + tail).status_code == 200
    before = CallOff.objects.get(pk=row.pk)
    assert (before.state, before.acked_at, before.updated_at) == ("RELEASED", None, stored.updated_at)
    assert phone.tap("seen", {"id": [str(row.pk)]}).status_code == 204
    after = CallOff.objects.get(pk=row.pk)
    assert after.state == "ACKED" and after.acked_at is not None


def test_an_answer_given_meanwhile_does_not_keep_the_others_from_being_seen(world, way, monkeypatch):
    first, second = world.call(world.A), world.call(world.A, 11)
    phone = world.A.browser(way)
    waiting = selectors.calloffs_waiting

    def answered_meanwhile(actor, ids):
        found = waiting(actor, ids)
        CallOff.objects.filter(pk=first.pk).update(state="CONFIRMED")
        return found

    monkeypatch.setattr(selectors, "calloffs_waiting", answered_meanwhile)
    assert phone.tap("seen", {"id": [str(first.pk), str(second.pk)]}).status_code == 204
    assert CallOff.objects.get(pk=second.pk).state == "ACKED"


def test_one_tap_confirms_and_a_double_tap_is_one_answer(world, way):
    row = world.call(world.A)
    phone = world.A.browser(way)
    tap = {"revision": "1", "key": "one-intent"}
    first = phone.tap(f"calloffs/{row.pk}/confirm", tap)
    again = phone.tap(f"calloffs/{row.pk}/confirm", tap)
    assert (first.status_code, again.status_code) == (200, 200)
    assert "已确认" in words(first) and "toast" in first["HX-Trigger"]
    assert CallOffReply.objects.filter(calloff=row).count() == 1
    late = phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "1", "key": "another"})
    assert late.status_code == 409 and "已确认" in words(late)


@pytest.mark.parametrize(
    ("verb", "typed", "state", "firm"),
    [
        ("less", {"quantity": "150", "reason": "库存不足"}, "PARTIAL", 150),
        ("later", {"delay": make.at(13).isoformat()}, "PARTIAL", 200),
        ("later", {"promised_at": "2026-11-23T13:30"}, "PARTIAL", 200),
        ("refuse", {"words": "没有原料"}, "DECLINED", 0),
    ],
)
def test_less_later_and_no_are_taken(world, verb, typed, state, firm):
    row = world.call(world.A)
    answer = world.A.browser().tap(f"calloffs/{row.pk}/{verb}", {"revision": "1", "key": "k", **typed})
    row.refresh_from_db()
    assert answer.status_code == 200, words(answer)
    assert (row.state, row.confirmed_quantity) == (state, firm)
    assert CallOffReply.objects.get(calloff=row).by_name == "恒力五金"


@pytest.mark.parametrize(
    ("typed", "told"), [("999", "数量须大于 0 且小于需求数量"), ("10.5", "按整数计，不能填 10.5")]
)
def test_a_wrong_number_is_said_at_the_field_and_what_was_typed_stays(world, typed, told):
    row = world.call(world.A)
    answer = world.A.browser().tap(
        f"calloffs/{row.pk}/less", {"revision": "1", "key": "k", "quantity": typed, "words": "缺货"}
    )
    assert answer.status_code == 422
    assert told in words(answer) and 'value="缺货"' in answer.content.decode()
    assert CallOff.objects.get(pk=row.pk).state == "RELEASED"


def test_a_change_shows_the_difference_and_an_old_answer_is_refused(world, way):
    """T68: 150 to 200 stands as +50; who still sees version 1 cannot confirm it."""
    row = world.call(world.A, quantity=150)
    call_off.calloff_change(actor=make.system(), calloff=row, quantity=Decimal(200))
    phone = world.A.browser(way)
    said = words(phone.open())
    assert "150 → 200 (+50)" in said and "第 2 版" in said
    old = phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "1", "key": "k"})
    assert old.status_code == 409 and "已变更" in words(old)
    assert phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "2", "key": "k2"}).status_code == 200


def test_a_withdrawn_one_stays_until_it_is_noted(world):
    row = world.call(world.A)
    phone = world.A.browser()
    phone.tap("seen", {"id": [str(row.pk)]})
    call_off.calloff_cancel(actor=make.system(), calloff=row)
    assert row.number in phone.open().content.decode() or "已取消" in words(phone.open())
    phone.tap("seen", {"id": [str(row.pk)]})
    assert "已取消" in words(phone.open()), "reading alone is no acknowledgement"
    assert phone.tap(f"calloffs/{row.pk}/see").status_code == 200
    assert "已取消" not in words(phone.open())
    assert "已取消" in words(phone.open("?show=all"))


def test_all_shown_ones_are_confirmed_at_once_and_the_changed_one_is_named(world):
    rows = [world.call(world.A, hour) for hour in (10, 11, 12)]
    call_off.calloff_change(actor=make.system(), calloff=rows[2], quantity=Decimal(250))
    marks = [f"{row.pk}:1:key-{number}" for number, row in enumerate(rows)]
    answer = world.A.browser().tap("confirm-all", {"card": marks})
    states = [CallOff.objects.get(pk=row.pk).state for row in rows]
    assert answer.status_code == 204
    assert states == ["CONFIRMED", "CONFIRMED", "RELEASED"]
    assert "\\u5df2\\u786e\\u8ba4 2 \\u5355" in answer["HX-Trigger"]


def test_filters_part_open_answered_and_shipped(world):
    open_one, answered = world.call(world.A, 10), world.call(world.A, 11, 100)
    call_off.calloff_reply(actor=make.system(), calloff=answered, kind=CallOffReply.Kind.CONFIRM)
    world.call(world.A, 12, release=False)
    phone = world.A.browser()
    shows = {
        name: [str(row.pk) in phone.open(f"?show={name}").content.decode() for row in world.A.calls]
        for name in ("today", "open", "answered", "shipped", "all")
    }
    assert shows == {
        "today": [True, True, False],
        "open": [True, False, False],
        "answered": [False, True, False],
        "shipped": [False, False, False],
        "all": [True, True, False],
    }
    assert open_one.number != answered.number


def test_a_long_day_comes_in_pages(world):
    for number in range(25):
        world.call(world.A, 9 + number % 6, 50 + number, release=False, kind="EMERGENCY")
    CallOff.objects.update(state="SENT", released_at=make.at(7))
    phone = world.A.browser()
    first = phone.open("?show=open").content.decode()
    shown = first.count('<article class="floor-card')
    cursor = first.partition("after=")[2].partition('"')[0]
    second = phone.open(f"?show=open&after={cursor}", **{"HX-Request": "true", "HX-Target": "more"})
    assert (shown, second.content.decode().count('<article class="floor-card')) == (10, 10)
    assert "<html" not in second.content.decode()
    assert len(first.encode()) < 30_000
