"""Who listens to what: functions registered with `@subscribe` in an app's `subscribers.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from forms_engine.journal.events import StoredEvent

Subscriber = Callable[[StoredEvent], None]


@dataclass(frozen=True)
class Subscription:
    """A named listener.

    `outside`: the function is called without a transaction (it talks to the world outside); its effect
    must be keyed by the event, since a worker can die between the effect and the note that it was done.
    `only_if`: asked when an event is laid out, for listeners whose topics are data: without it a listener to
    "*" would cost a delivery for every event there is.
    """

    name: str
    patterns: tuple[str, ...]
    function: Subscriber
    outside: bool = False
    only_if: Callable[[str], bool] | None = None

    def wants(self, topic: str) -> bool:
        """Tell whether the listener takes events of this topic."""
        return any(fnmatchcase(topic, pattern) for pattern in self.patterns)


_subscriptions: dict[str, Subscription] = {}


def subscribe(
    *patterns: str, name: str, outside: bool = False, only_if: Callable[[str], bool] | None = None
) -> Callable[[Subscriber], Subscriber]:
    """Register `f(event)` for topics like "supply.calloff.*"; deliveries are noted under the stable `name`.

    Raises: RuntimeError if another function holds the name.
    """

    def decorate(function: Subscriber) -> Subscriber:
        known = _subscriptions.get(name)
        if known is not None and known.function.__module__ != function.__module__:
            raise RuntimeError(f"subscriber {name!r} is claimed by two modules")
        _subscriptions[name] = Subscription(name, patterns, function, outside, only_if)
        subscribers_of.cache_clear()
        return function

    return decorate


def subscription(name: str) -> Subscription | None:
    """Return a listener by its name."""
    return _subscriptions.get(name)


def subscriptions() -> dict[str, Subscription]:
    """Return all listeners by name."""
    return dict(_subscriptions)


@lru_cache(maxsize=4096)
def subscribers_of(topic: str) -> tuple[str, ...]:
    """Return the names of those who take a topic, sorted."""
    return tuple(sorted(name for name, one in _subscriptions.items() if one.wants(topic)))


def takers_of(topic: str) -> tuple[str, ...]:
    """Return the names of those who take a topic at this moment: subscribed, and waiting for it."""
    return tuple(
        name for name in subscribers_of(topic) if (ask := _subscriptions[name].only_if) is None or ask(topic)
    )
