"""The real socket: uvicorn, Valkey, a session cookie, a page of our own origin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
import redis
import websockets
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.test import Client

from forms_engine.access.actor import Actor
from forms_engine.access.models import Grant, Role, User
from forms_engine.access.services import link_create, link_revoke, user_roles_set
from forms_engine.kernel.ids import new_id
from forms_engine.live import services as live
from forms_engine.live.consumers import LiveConsumer
from forms_engine.live.hub import hub
from forms_engine.live.identity import BySession

pytestmark = pytest.mark.services
PATIENCE = 5.0
T = TypeVar("T")


def log_in() -> str:
    """Return the session cookie of a fresh administrator."""
    user = User.objects.create(username=f"live-{new_id()}", is_superuser=True)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"takt-sid={session.session_key}"


@asynccontextmanager
async def page(
    services: Any, cookie: str = "", origin: str | None = None, query: str = ""
) -> AsyncIterator[Any]:
    """Open one socket as a browser would."""
    headers = {"Cookie": cookie} if cookie else {}
    async with websockets.connect(
        f"{services.live_url}/ws/{query}",
        origin=origin or services.url,
        additional_headers=headers,
        proxy=None,
    ) as socket:
        yield socket


async def told(socket: Any) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))


def run(story: Coroutine[Any, Any, T]) -> T:
    """Run a story in a thread of its own: a browser of another test may have left a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result()


def test_a_page_hears_that_its_topic_changed_and_nothing_more(services):
    cookie = log_in()

    async def story() -> None:
        async with page(services, cookie) as one, page(services, cookie) as other:
            await one.send(json.dumps({"topics": ["supply.calloff", "no.such.thing"]}))
            await other.send(json.dumps({"topics": ["catalog.item"]}))
            for socket in (one, other):  # messages are answered in order, so the topics are known now
                await socket.send(json.dumps({"ping": 5}))
                assert await told(socket) == {"pong": 5}
            live.send("supply.calloff")
            live.send("no.such.thing")
            live.send("catalog.item")
            first = await told(one)
            assert set(first) == {"t", "v"} and first["t"] == "supply.calloff"
            assert (await told(other))["t"] == "catalog.item"

    run(story())


def test_nobody_without_a_session_gets_in(services):
    async def story() -> int:
        async with page(services) as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await told(socket)
            return closed.value.rcvd.code

    assert run(story()) == 4401


def test_a_page_of_another_origin_is_refused_though_the_cookie_is_right(services):
    cookie = log_in()

    async def story() -> None:
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with page(services, cookie, origin="http://evil.example:20080"):
                pass

    run(story())


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not json", 4400),
        ('{"topics": 5}', 4400),
        (json.dumps({"topics": [f"t{i}" for i in range(300)]}), 4409),
    ],
)
def test_a_message_that_makes_no_sense_ends_the_connection(services, message, code):
    cookie = log_in()

    async def story() -> int:
        async with page(services, cookie) as socket:
            await socket.send(message)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await told(socket)
            return closed.value.rcvd.code

    assert run(story()) == code


def test_when_valkey_comes_back_every_page_reads_again_and_goes_on_listening(services):
    cookie = log_in()

    async def story() -> None:
        async with page(services, cookie) as socket:
            await socket.send(json.dumps({"topics": ["supply.calloff"]}))
            await socket.send(json.dumps({"ping": 1}))
            assert await told(socket) == {"pong": 1}
            with redis.Redis.from_url(settings.REDIS_URL) as valkey:
                assert valkey.execute_command("CLIENT", "KILL", "TYPE", "pubsub") > 0
            assert (await told(socket))["t"] == "supply.calloff"  # something may have been missed
            live.send("supply.calloff")
            assert (await told(socket))["v"] > 0

    run(story())


def test_a_suppliers_link_hears_of_his_own_call_offs_until_it_is_revoked(services):
    supplier = new_id()
    link, secret = link_create(
        actor=Actor.system("test"), supplier_id=supplier, supplier_name="供应商", purpose="portal"
    )
    role, _ = Role.objects.get_or_create(
        key="supplier", defaults={"label": {"en": "Supplier", "zh": "供应商"}}
    )
    Grant.objects.get_or_create(role=role, entity="supply.calloff", defaults={"actions": ["read"]})
    own, others = f"supply.calloff@{supplier}", f"supply.calloff@{new_id()}"

    async def story() -> None:
        async with page(services, query=f"?link={secret}") as socket:
            await socket.send(json.dumps({"topics": [own, others, "supply.calloff", "board:line"]}))
            await socket.send(json.dumps({"ping": 1}))
            assert await told(socket) == {"pong": 1}
            for topic in (others, "supply.calloff", "board:line", own):
                live.send(topic)
            assert (await told(socket))["t"] == own

    run(story())
    link_revoke(actor=Actor.system("test"), link=link)

    async def refused() -> int:
        async with page(services, query=f"?link={secret}") as socket:
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await told(socket)
            return closed.value.rcvd.code

    assert run(refused()) == 4401


def test_an_identity_ends_with_its_session(services):
    cookie = log_in()
    session = cookie.partition("=")[2]
    who = BySession(User.objects.order_by("-date_joined").first().pk, session)
    assert who.actor() is not None
    SessionStore(session_key=session).delete()
    assert who.actor() is None


def suppliers_account() -> tuple[Client, User]:
    """Return a supplier's user and a browser he has logged in with."""
    role, _ = Role.objects.get_or_create(
        key="supplier", defaults={"label": {"en": "Supplier", "zh": "供应商"}}
    )
    Grant.objects.get_or_create(role=role, entity="supply.calloff", defaults={"actions": ["read"]})
    user = User.objects.create(username=f"live-{new_id()}", supplier_id=new_id())
    user.roles.add(role)
    client = Client()
    client.force_login(user)
    return client, user


def log_out(client: Client, user: User) -> None:
    assert client.post("/logout").status_code == 302


def block(client: Client, user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def new_password(client: Client, user: User) -> None:
    user.set_password("another-long-one-7")
    user.save(update_fields=["password"])


async def aside(work: Callable[..., None], *args: Any) -> None:
    """Do something with the database in a thread of its own."""

    def done() -> None:
        try:
            work(*args)
        finally:
            connections.close_all()

    await asyncio.to_thread(done)


@pytest.mark.parametrize("end", [log_out, block, new_password])
def test_a_suppliers_socket_is_closed_at_once_when_he_may_no_longer_listen(services, end):
    client, user = suppliers_account()
    cookie = f"takt-sid={client.cookies['takt-sid'].value}"
    own, others = f"supply.calloff@{user.supplier_id}", f"supply.calloff@{new_id()}"

    async def story() -> int:
        async with page(services, cookie) as socket:
            await socket.send(json.dumps({"topics": [own, others, f"ends:{new_id()}"]}))
            await socket.send(json.dumps({"ping": 1}))
            assert await told(socket) == {"pong": 1}
            live.send(others)
            live.send(own)
            assert (await told(socket))["t"] == own
            await aside(end, client, user)
            live.send(own)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await told(socket)
            return closed.value.rcvd.code

    assert run(story()) == 4401


def test_the_socket_of_a_link_is_closed_when_the_link_is_revoked(services):
    suppliers_account()
    supplier = new_id()
    link, secret = link_create(actor=Actor.system("test"), supplier_id=supplier, purpose="portal")

    async def story() -> int:
        async with page(services, query=f"?link={secret}") as socket:
            await socket.send(json.dumps({"topics": [f"supply.calloff@{supplier}"]}))
            await socket.send(json.dumps({"ping": 1}))
            assert await told(socket) == {"pong": 1}
            await aside(lambda: link_revoke(actor=Actor.system("test"), link=link))
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await told(socket)
            return closed.value.rcvd.code

    assert run(story()) == 4401


def test_a_role_taken_away_takes_its_topics_with_it(services):
    client, user = suppliers_account()
    cookie, own = f"takt-sid={client.cookies['takt-sid'].value}", f"supply.calloff@{user.supplier_id}"

    async def story() -> None:
        async with page(services, cookie) as socket:
            await socket.send(json.dumps({"topics": [own]}))
            await socket.send(json.dumps({"ping": 1}))
            assert await told(socket) == {"pong": 1}
            await aside(lambda: user_roles_set(actor=Actor.system("test"), user=user, roles=[]))
            live.send(own)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(socket.recv(), 1)

    run(story())


def test_a_socket_that_breaks_off_leaves_no_writer_behind(services):
    """A page gone in the middle of an answer ended the consumer without a word to it."""
    client, _ = suppliers_account()
    session = SessionStore(client.cookies["takt-sid"].value)

    async def story() -> tuple[list[str], int, bool]:
        coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in ({"type": "websocket.connect"}, {"type": "websocket.receive", "text": '{"ping": 1}'}):
            coming.put_nowait(message)

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.send":
                raise OSError("the page is gone")

        user = await asyncio.to_thread(lambda: User.objects.get(pk=session["_auth_user_id"]))
        scope = {"type": "websocket", "user": user, "session": session, "query_string": b""}
        with pytest.raises(OSError, match="gone"):
            await asyncio.wait_for(LiveConsumer.as_asgi()(scope, coming.get, send), PATIENCE)
        left = [task.get_coro().__qualname__ for task in asyncio.all_tasks() if not task.done()]
        listening = sum(len(sockets) for sockets in hub._sockets.values())
        task = hub._task
        assert task is not None
        task.cancel()  # while it connects: this one cancellation has to be enough
        await asyncio.wait({task}, timeout=PATIENCE)
        ended = task.done()
        task.cancel()
        return left, listening, ended

    left, listening, ended = run(story())
    assert "LiveConsumer._write" not in left and listening == 0 and ended
