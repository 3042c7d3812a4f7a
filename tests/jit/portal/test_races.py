"""Two answer at the same moment, or answer what changes meanwhile: one wins, the other reads why not."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from forms_engine.kernel.errors import MesError
from jit.supply.models import CallOff, CallOffReply
from jit.supply.services import call_off
from tests import factories as make
from tests.jit.portal.conftest import words
from tests.jit.portal.test_walls import crawl, ended, filled, states_of

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works):
    """Do things at the same moment, each with a connection of its own; returns what came of each."""
    start, found = threading.Barrier(len(works)), [None] * len(works)

    def run(index, work):
        try:
            start.wait(10)
            found[index] = work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_browsers_of_a_supplier_give_one_answer(world):
    """One confirms by log-in while another refuses by link."""
    row = world.call(world.A)
    one, other = world.A.browser("login"), world.A.browser("link")
    answers = together(
        lambda: one.tap(f"calloffs/{row.pk}/confirm", {"revision": "1", "key": "one"}),
        lambda: other.tap(f"calloffs/{row.pk}/refuse", {"revision": "1", "key": "other", "reason": "停电"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert row.number in words(lost) and 'role="alert"' in lost.content.decode()
    assert CallOffReply.objects.filter(calloff=row).count() == 1


def test_a_confirmation_and_a_withdrawal_at_once_leave_one_of_them(world, way):
    row = world.call(world.A)
    phone = world.A.browser(way)

    def withdraw():
        try:
            return call_off.calloff_cancel(actor=make.system(), calloff=row)
        except MesError as refusal:
            return refusal

    answer, _ = together(
        lambda: phone.tap(f"calloffs/{row.pk}/confirm", {"revision": "1", "key": "k"}), withdraw
    )
    state = CallOff.objects.get(pk=row.pk).state
    assert answer.status_code in (200, 404, 409, 422), words(answer)
    if answer.status_code != 200:
        assert state == "CANCELLED" and not CallOffReply.objects.filter(calloff=row).exists()
        assert 'role="alert"' in answer.content.decode() or "找不到" in words(answer)


def test_a_key_of_one_supplier_says_nothing_to_another(world, way):
    """A replay out of A's outbox on B's phone does B's own work only, and answers with B's own row."""
    mine, theirs = world.call(world.A), world.call(world.B)
    first = world.A.browser(way).tap(f"calloffs/{mine.pk}/confirm", {"revision": "1", "key": "same"})
    other = world.B.browser(way)
    foreign = other.tap(f"calloffs/{mine.pk}/confirm", {"revision": "1", "key": "same"})
    own = other.tap(f"calloffs/{theirs.pk}/confirm", {"revision": "1", "key": "same"})
    assert (first.status_code, foreign.status_code, own.status_code) == (200, 404, 200)
    assert mine.number not in words(foreign) and mine.number not in words(own)
    assert CallOffReply.objects.filter(calloff=mine).count() == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_address_of_an_ended_link_says_so_and_does_nothing(world, language, settings):
    """An open tab after the revocation: each tap, page and label says the same sentence."""
    ids, _ = filled(world, world.A)
    before = states_of(world.A)
    ended(world.A.link, "revoked")
    phone = world.A.browser()
    phone.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    settings.LINK_LIMIT = 1000  # else guessing is stopped after some
    for (method, tail), status, text in crawl(phone, ids):
        assert status == 404, (method, tail)
        assert ("链接已失效" if language == "zh-hans" else "This link has ended") in text, (method, tail)
        assert "no-referrer" in text and world.A.supplier.name not in text
    assert states_of(world.A) == before
