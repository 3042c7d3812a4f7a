"""What a live process does with the messages it hears, and with those it did not."""

from __future__ import annotations

import json

from forms_engine.live.hub import Hub


class Page:
    """An open page that notes what it is told."""

    def __init__(self, hub: Hub, *topics: str) -> None:
        self.topics: frozenset[str] = frozenset()
        self.told: list[tuple[str, int]] = []
        hub.watch(self, frozenset(topics))

    def offer(self, topic: str, frame: str) -> None:
        message = json.loads(frame)
        assert set(message) == {"t", "v"} and message["t"] == topic
        self.told.append((message["t"], message["v"]))


def test_a_page_hears_its_topics_only():
    hub = Hub()
    one, other = Page(hub, "a.b", "c.d"), Page(hub, "c.d")
    hub.heard(b"1 a.b")
    hub.heard(b"2 c.d")
    assert one.told == [("a.b", 1), ("c.d", 2)] and other.told == [("c.d", 2)]


def test_a_page_that_shows_something_else_hears_something_else():
    hub = Hub()
    page = Page(hub, "a.b")
    hub.watch(page, frozenset({"c.d"}))
    hub.heard(b"1 a.b")
    hub.heard(b"2 c.d")
    assert page.told == [("c.d", 2)]
    hub.watch(page, frozenset())
    assert hub._sockets == {}


def test_a_lost_message_makes_every_page_read_again():
    hub = Hub()
    one, other = Page(hub, "a.b"), Page(hub, "c.d")
    hub.heard(b"7 x.y")
    hub.heard(b"9 x.y")
    assert one.told == [("a.b", 9)] and other.told == [("c.d", 9)]


def test_a_valkey_that_forgot_its_numbers_makes_every_page_read_again():
    hub = Hub()
    page = Page(hub, "a.b")
    hub.heard(b"900 x.y")
    hub.heard(b"1 x.y")
    assert page.told == [("a.b", 1)]
