"""One subscription per process, one encoded frame per message, handed to each socket of its topic.

A socket keeps what it has not sent yet by topic, so a slow phone holds up nobody and never falls behind
by more than one message a topic.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from typing import Protocol

import redis.asyncio
from django.conf import settings

from forms_engine.live.services import CHANNEL

FIRST_PAUSE, LAST_PAUSE = 0.2, 5.0

log = logging.getLogger(__name__)


class Socket(Protocol):
    """What the hub needs of an open socket."""

    topics: frozenset[str]

    def offer(self, topic: str, frame: str) -> None: ...


def frame_of(topic: str, seq: int) -> str:
    """Return what goes over the wire: the topic and a number, never data."""
    return json.dumps({"t": topic, "v": seq}, separators=(",", ":"))


class Hub:
    """The sockets of one process by topic, and the task that listens for all of them."""

    def __init__(self) -> None:
        self._sockets: defaultdict[str, dict[Socket, None]] = defaultdict(dict)
        self._task: asyncio.Task[None] | None = None
        self._last = 0

    def start(self) -> None:
        """Listen, if not listening yet; called whenever a socket opens."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen(), name="takt-hub")

    def watch(self, socket: Socket, topics: frozenset[str]) -> None:
        """Let a socket hear these topics and no others."""
        for topic in socket.topics - topics:
            listeners = self._sockets[topic]
            listeners.pop(socket, None)
            if not listeners:
                del self._sockets[topic]
        for topic in topics - socket.topics:
            self._sockets[topic][socket] = None
        socket.topics = topics

    def told(self, topic: str, seq: int) -> None:
        """Hand one message to everybody who listens to its topic."""
        listeners = self._sockets.get(topic)
        if listeners:
            frame = frame_of(topic, seq)
            for socket in listeners:
                socket.offer(topic, frame)

    def told_all(self) -> None:
        """Let every page read again: what was missed is unknown."""
        for topic in list(self._sockets):
            self.told(topic, self._last)

    def heard(self, data: bytes) -> None:
        """Take one message of the channel; a hole in the numbers means that one was lost."""
        number, _, topic = data.decode().partition(" ")
        seq = int(number)
        missing = self._last and seq != self._last + 1
        self._last = seq
        if missing:
            log.warning("live messages were missed before number %s", seq)
            self.told_all()
        else:
            self.told(topic, seq)

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        is_first = True
        this = asyncio.current_task()
        # A cancellation that meets the client while it connects can be swallowed; the task must end anyway.
        while this is None or not this.cancelling():
            client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
            try:
                async with client.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    if this is not None and this.cancelling():
                        return
                    if not is_first:
                        self._last = 0
                        self.told_all()
                    is_first = False
                    pause = FIRST_PAUSE
                    async for message in channel.listen():
                        self.heard(message["data"])
            except (redis.RedisError, OSError) as error:
                is_first = False
                log.warning("the live channel is down, trying again: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_PAUSE)
            finally:
                await client.aclose()


hub = Hub()
