"""A worker is woken at once, seldom, and never before the work that was there when it was asked for."""

from __future__ import annotations

import time

import pytest
import redis
from django.conf import settings

from forms_engine.base.poke import PAUSE_SECONDS, _Poker

pytestmark = pytest.mark.django_db  # asks for the servers

TASK = "tests.nobody.takes_this"


@pytest.fixture
def asked(running_services):
    """Tell how many messages ask for the task; two pokers stand for two processes."""
    running_services.stop()  # the worker of an earlier file would take what is counted here
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.delete("critical", f"takt:poke:{TASK}")

        def count() -> int:
            return sum(TASK.encode() in message for message in valkey.lrange("critical", 0, -1))

        yield count
        valkey.delete("critical", f"takt:poke:{TASK}")


def wait_until(true, seconds: float = 10) -> bool:
    """Look again until it is true; False when the time is up."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def test_who_comes_within_the_moment_of_another_is_heard_after_it(asked):
    one, other = _Poker(), _Poker()
    one.add(TASK)
    assert wait_until(lambda: asked() == 1)
    other.add(TASK)
    assert wait_until(lambda: asked() == 2)
    time.sleep(3 * PAUSE_SECONDS)
    assert asked() == 2  # and nobody asks for ever


def test_many_asks_of_many_processes_become_few_messages(asked):
    pokers = [_Poker() for _ in range(4)]
    began = time.monotonic()
    for _ in range(50):
        for poker in pokers:
            poker.add(TASK)
        time.sleep(0.01)
    before = asked()
    moments = (time.monotonic() - began) / PAUSE_SECONDS
    assert 1 <= before <= moments + 1
    assert wait_until(lambda: asked() > before)  # the last asks came after the last message
