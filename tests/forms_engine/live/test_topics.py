"""Who may be told that something changed: only those who may see it."""

from __future__ import annotations

import pytest

from forms_engine.access.actor import Actor
from forms_engine.kernel.ids import new_id
from forms_engine.live.origins import OriginGuard
from forms_engine.live.topics import may_watch

pytestmark = pytest.mark.django_db(databases=["default", "owner", "portal"])

PLANNER = Actor.system("test")
SUPPLIER_ID = new_id()
SUPPLIER = Actor(kind="supplier", id="s", name="供应商", user_id=new_id(), supplier_id=SUPPLIER_ID)
NOBODY = Actor(kind="person", id="n", name="without any role", user_id=new_id())


def test_one_hears_of_what_one_may_read():
    assert may_watch(PLANNER, "supply.calloff")
    assert may_watch(PLANNER, "board:line-1")
    assert not may_watch(NOBODY, "supply.calloff")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "nothing.here",
        "supply.calloff:not-an-id",
        "supply.calloff:01a20de1-426b-7c9c-a0f8-8f2c71702a11",  # one id for all: xdist compares the names
        "x" * 500,
        "user:",
        ":",
        "@",
    ],
)
def test_unknown_topics_are_refused_like_forbidden_ones(topic: str):
    assert not may_watch(PLANNER, topic)


def test_a_persons_own_topic_is_his_alone():
    assert may_watch(NOBODY, f"user:{NOBODY.user_id}")
    assert not may_watch(PLANNER, f"user:{NOBODY.user_id}")


def test_a_supplier_hears_nothing_of_others():
    for topic in (
        "supply.calloff",
        f"supply.calloff@{new_id()}",
        f"supply.calloff:{new_id()}@{SUPPLIER_ID}",
        "board:line-1",
        f"board:line-1@{SUPPLIER_ID}",
        f"catalog.item@{SUPPLIER_ID}",
    ):
        assert not may_watch(SUPPLIER, topic), topic


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://plant.local:20080", "plant.local:20081", True),
        ("http://127.0.0.1:20080", "127.0.0.1:20081", True),
        ("http://evil.example:20080", "plant.local:20081", False),
        ("http://plant.local:9999", "plant.local:20081", False),
        ("https://plant.local:20080", "plant.local:20081", False),
        ("", "plant.local:20081", False),
        ("null", "plant.local:20081", False),
        ("http://[", "plant.local:20081", False),
    ],
)
def test_only_our_own_pages_open_a_socket(origin: str, host: str, allowed: bool):
    assert OriginGuard(None, ["http://*:20080"]).allows(origin, host) is allowed


def test_in_production_the_origin_is_exact():
    guard = OriginGuard(None, ["https://takt.example"])
    assert guard.allows("https://takt.example", "anything")
    assert not guard.allows("https://takt.example.evil.example", "takt.example")
