"""The one WebSocket of a page: says which topics it shows, hears when one of them changed.

In: `{"topics": ["supply.calloff", …]}` replaces what it listens to, `{"ping": 1}` asks for a sign of
life. Out: `{"t": topic, "v": number}`, `{"pong": 1}`. Nobody without a session or a signed link gets in,
or stays when it has ended (close code 4401): the hub says so at once, and nothing is sent on an answer
older than a minute.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, close_old_connections

from forms_engine.live.hub import hub
from forms_engine.live.identity import Identity, identity_of
from forms_engine.live.origins import DIRECT_SEND
from forms_engine.live.services import ends_topic
from forms_engine.live.topics import may_watch

LOG_IN_FIRST = 4401
MALFORMED = 4400
TOO_MANY = 4409
MAX_TOPICS = 200
ASK_AGAIN_SECONDS = 60.0
PAUSE_SECONDS = 2.0  # before asking again who this is, when the database did not answer


class LiveConsumer(AsyncWebsocketConsumer):
    """One open page."""

    channel_layer_alias = None  # the hub carries everything; a layer would cost eight times as much

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.topics: frozenset[str] = frozenset()
        self._due: dict[str, str] = {}
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._identity: Identity | None = None
        self._ask_again = 0.0
        self._ends = ""
        self._endings = 0  # how often this socket heard that something ended

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket; however it ends, the hub forgets it and its writer is gone before we are."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            hub.watch(self, frozenset())
            if self._writer is not None:
                self._writer.cancel()
                await asyncio.wait({self._writer})

    async def connect(self) -> None:
        """Let in whoever has a session; accept first, so that the page can read the close code."""
        await self.accept()
        self._identity = identity_of(self.scope)
        if self._identity is None or not await self._is_welcome():
            await self.close(code=LOG_IN_FIRST)
            return
        hub.start()
        hub.watch(self, frozenset({self._ends}))
        self._ask_again = 0.0  # what ended up to here was not heard: ask once more before anything is sent
        self._writer = asyncio.get_running_loop().create_task(self._write())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take a message of the page; one that makes no sense ends the connection."""
        if self._writer is None or self._writer.done():
            return  # closed already
        try:
            message = json.loads(text_data or "")
        except ValueError:
            message = None
        if isinstance(message, dict) and "ping" in message and isinstance(message["ping"], int | float):
            if not await self._stays_welcome():
                await self.close(code=LOG_IN_FIRST)
                return
            await self.send(text_data=json.dumps({"pong": message["ping"]}))
            return
        topics = message.get("topics") if isinstance(message, dict) else None
        if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
            await self.close(code=MALFORMED)
            return
        if len(topics) > MAX_TOPICS:
            await self.close(code=TOO_MANY)
            return
        new = frozenset(topics) - self.topics
        granted = await sync_to_async(_watchable, thread_sensitive=False)(self._identity, new)
        hub.watch(self, (self.topics & frozenset(topics)) | granted | {self._ends})

    async def _stays_welcome(self) -> bool:
        """Ask until an answer stands that no ending overtook; False when it is no."""
        while time.monotonic() > self._ask_again:
            if not await self._is_welcome():
                return False
        return True

    async def _is_welcome(self) -> bool:
        """Ask whether session or link still hold, and keep only the topics they may still watch."""
        heard = self._endings
        actor_id, kept = await sync_to_async(_still_there, thread_sensitive=False)(
            self._identity, self.topics - {self._ends}
        )
        if actor_id is None:
            return False
        if heard == self._endings:  # else the answer may be older than what ended while it was on its way
            self._ask_again = time.monotonic() + ASK_AGAIN_SECONDS
        if self._ends:
            hub.watch(self, kept | {self._ends})
        self._ends = ends_topic(actor_id)
        return True

    def offer(self, topic: str, frame: str) -> None:
        """Take a frame to send; a later one of the same topic takes its place."""
        if topic == self._ends:
            self._endings += 1
            self._ask_again = 0.0  # something ended for this person: ask before anything else is sent
        else:
            self._due[topic] = frame
        self._wake.set()

    async def _write(self) -> None:
        send = self.scope.get(DIRECT_SEND, self.base_send)
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if not await self._stays_welcome():
                    await self.close(code=LOG_IN_FIRST)
                    return
                due, self._due = self._due, {}
                for topic, frame in due.items():
                    if topic in self.topics:
                        await send({"type": "websocket.send", "text": frame})
            except DatabaseError:
                # Who this is cannot be known now: what is due waits, the page shows the last it read.
                await asyncio.sleep(PAUSE_SECONDS)
                self._wake.set()
            except OSError:
                return  # the page is gone


def _still_there(identity: Identity | None, topics: frozenset[str]) -> tuple[str | None, frozenset[str]]:
    """Return the id of who this is (None = nobody any more) and those of the topics he may still watch."""
    try:
        actor = identity.actor() if identity is not None else None
        if actor is None:
            return None, frozenset()
        return actor.id, frozenset(topic for topic in topics if may_watch(actor, topic))
    finally:
        close_old_connections()


def _watchable(identity: Identity | None, topics: frozenset[str]) -> frozenset[str]:
    """Return those of the topics one may watch, by the rights of now."""
    return _still_there(identity, topics)[1]
