"""Send topics to all live processes through Valkey, from a thread of its own, many at once.

A topic is an entity key (`supply.calloff`), one record (`supply.calloff:<id>`), a board (`board:<name>`),
a person's own (`user:<id>`), each of the first three also for one supplier (`supply.calloff@<supplier
id>`). Nothing else is sent, so nothing can leak; a message that is lost costs a page one late refresh,
because every live process counts what it hears and refreshes everything when a number is missing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable

import redis
from django.conf import settings
from redis.connection import parse_url

from forms_engine.base import db
from forms_engine.journal.events import Event

# A channel is heard in every numbered database of a server, so it bears the number of ours.
CHANNEL = f"takt:{parse_url(settings.REDIS_URL).get('db', 0)}:live"
COUNTER = "takt:live:seq"
PAUSE_SECONDS = 0.02  # topics of one moment travel together; a burst of writes becomes one message a topic
RETRY_SECONDS = 1.0
MAX_WAITING = 10_000
ENDS = "ends:"  # not a topic a page may ask for: every socket hears its own

# Numbers and messages leave in one step, so that a hole in the numbers always means a lost message.
_SEND = """
for _, topic in ipairs(ARGV) do
  local seq = redis.call('INCR', KEYS[1])
  redis.call('PUBLISH', KEYS[2], seq .. ' ' .. topic)
end
return #ARGV"""

log = logging.getLogger(__name__)


class Sender:
    """Keeps what is to be sent and a thread that sends it. One per process: threads do not survive a fork."""

    def __init__(self) -> None:
        self._topics: dict[str, None] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._pid = 0

    def add(self, topics: Iterable[str]) -> None:
        """Queue topics; one that waits already is not queued twice."""
        with self._lock:
            if len(self._topics) < MAX_WAITING:
                self._topics.update(dict.fromkeys(topics))
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._wake = threading.Event()
                threading.Thread(target=self._run, name="takt-push", daemon=True).start()
        self._wake.set()

    def _take(self) -> list[str]:
        with self._lock:
            taken, self._topics = list(self._topics), {}
        return taken

    def _run(self) -> None:
        wake = self._wake
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        script = client.register_script(_SEND)
        while True:
            wake.wait()
            wake.clear()
            topics = self._take()
            try:
                if topics:
                    script(keys=[COUNTER, CHANNEL], args=topics)
            except redis.RedisError as error:
                # Live processes refresh everything when Valkey is back, so the topics need not be kept.
                log.warning("live topics were lost, Valkey does not answer: %s", error)
                time.sleep(RETRY_SECONDS)
            time.sleep(PAUSE_SECONDS)


_sender = Sender()


def send(topic: str) -> None:
    """Send one topic now; for callers that have committed already."""
    _sender.add((topic,))


def push(*topics: str) -> None:
    """Tell open pages that these topics changed, once the current transaction has committed."""
    if topics:
        db.on_commit(lambda: _sender.add(topics))


def push_event(event: Event) -> None:
    """Push what an event is about: the entity, the record, and the supplier's view of both."""
    key = event.topic.rpartition(".")[0]
    topics = [key, f"{key}:{event.record_id}"]
    supplier = getattr(event, "supplier_id", None)
    if supplier:
        topics.append(f"{key}@{supplier}")
    push(*topics)


def ends_topic(actor_id: str) -> str:
    """Return the topic on which the sockets of a person or link hear that they should ask who they are."""
    return f"{ENDS}{actor_id}"


def ends_push(actor_id: str) -> None:
    """Let the sockets of a person or link (`Actor.id`) ask again who they are, after the commit."""
    push(ends_topic(actor_id))
