"""When the sockets of a person are told to ask again, the answer must be the new one already."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from forms_engine.access.services import user_create
from forms_engine.live import consumers
from forms_engine.live import services as live
from forms_engine.live.consumers import LiveConsumer
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


def test_sockets_hear_of_a_log_out_when_the_session_is_gone(monkeypatch):
    """Django sends its signal first and deletes the session after: a socket asking in between stayed open."""
    user = user_create(actor=make.system(), username="leaver", password="long-enough-1", roles=[])
    client = Client()
    client.force_login(user)
    left: list[int] = []

    def told(topics) -> None:
        if live.ends_topic(str(user.pk)) in topics:
            left.append(Session.objects.count())

    monkeypatch.setattr(live._sender, "add", told)
    assert client.post("/logout").status_code == 302
    assert left == [0]


def test_an_answer_that_an_ending_overtook_does_not_count(monkeypatch):
    """Asked, answered yes, blocked, told so, and only then the yes arrives: it held for a minute."""
    socket = LiveConsumer()
    answers = iter(["somebody", None])

    def asked(identity, topics):
        answer = next(answers)
        if answer is not None:
            socket.offer(socket._ends, "")
        return answer, frozenset()

    monkeypatch.setattr(consumers, "_still_there", asked)
    with ThreadPoolExecutor(1) as thread:  # a browser of another test may have left a loop in this one
        assert thread.submit(asyncio.run, socket._stays_welcome()).result() is False
