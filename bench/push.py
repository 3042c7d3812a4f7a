"""Event → last of 1,000 open boards, beside a raw in-process broadcast to as many sockets in the same run.

Real uvicorn, real Valkey, sockets on the loopback device; the clients are one process with a bare
protocol, the same for both sides. `python3 manage.py bench push [--clients 1000] [--rounds 20]`
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from forms_engine.access.models import User  # noqa: E402
from forms_engine.live import push  # noqa: E402
from jit.config.boot import ports, processes  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TOPIC = "board:bench"
LIMIT_SECONDS = 10.0


class Board(asyncio.Protocol):
    """One open page: shakes hands, says its topic, notes when a frame came."""

    def __init__(self, lines: list[str], hello: bytes, heard: Callable[[], None]) -> None:
        self._lines = lines
        self._hello = hello
        self._heard = heard
        self._buffer = b""
        self._open = False
        self.ready = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(("\r\n".join(self._lines) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.ready.set_exception(RuntimeError(head.decode()[:200]))
                return
            self._open, self._buffer = True, rest
            self.say(self._hello)
            self.ready.set_result(None)
        while len(self._buffer) >= 2:
            size = 2 + self._buffer[1]  # frames here are short and unmasked
            if len(self._buffer) < size:
                return
            opcode, self._buffer = self._buffer[0] & 0x0F, self._buffer[size:]
            if opcode == 1:
                self._heard()

    def say(self, text: bytes) -> None:
        """Send one short masked text frame."""
        mask = b"\0\0\0\0"
        self.transport.write(bytes([0x81, 0x80 | len(text)]) + mask + text)


async def raw_app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The reference: sockets in a set; a `go` from one is answered to all, with nothing in between."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    _sends[id(send)] = send
    try:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") == "go":
                frame = {"type": "websocket.send", "text": '{"t":"board:bench","v":1}'}
                for each in list(_sends.values()):
                    await each(frame)
    finally:
        _sends.pop(id(send), None)


_sends: dict[int, Any] = {}


def cookie() -> str:
    """Log a planner in and return his session cookie."""
    user, _ = User.objects.get_or_create(username="bench-push", defaults={"is_superuser": True})
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@contextlib.contextmanager
def server(name: str, port: int) -> Iterator[int]:
    """Start one uvicorn as the plant does, with our application or with the reference; yields its pid."""
    environment = processes.environment_of("live", dict(os.environ) | {"TAKT_LIVE_PORT": str(port)})
    line = processes.command_line("live", environment)
    if name == "raw":
        line = ["bench.push:raw_app" if part == "jit.config.asgi:application" else part for part in line]
    process = subprocess.Popen(line, cwd=ROOT, env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(15)


def cpu_seconds(pid: int) -> float:
    """Return the CPU a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(port: int, pid: int, clients: int, rounds: int, lines: list[str], hello: bytes,
                  fire: Callable[[list[Board]], None]) -> tuple[list[float], float]:  # fmt: skip
    """Open the boards and fire; returns the milliseconds to the last board, and CPU µs per message."""
    loop = asyncio.get_running_loop()
    state = {"left": 0, "last": 0.0}
    done = asyncio.Event()

    def heard() -> None:
        state["left"] -= 1
        if state["left"] == 0:
            state["last"] = time.perf_counter()
            done.set()

    boards: list[Board] = []
    gate = asyncio.Semaphore(20)

    async def open_one() -> None:
        async with gate:
            for attempt in range(100):
                with contextlib.suppress(ConnectionRefusedError):
                    _, board = await loop.create_connection(
                        lambda: Board(lines, hello, heard), "127.0.0.1", port
                    )
                    await board.ready
                    boards.append(board)
                    return
                await asyncio.sleep(0.1 + attempt / 100)
        raise RuntimeError("the server does not listen")

    await asyncio.gather(*(open_one() for _ in range(clients)))
    await asyncio.sleep(2)  # rights of the last subscriptions are being asked
    times, before = [], 0.0
    for number in range(rounds + 2):
        if number == 2:  # two to warm up
            before = cpu_seconds(pid)
        done.clear()
        state["left"] = clients
        start = time.perf_counter()
        fire(boards)
        await asyncio.wait_for(done.wait(), LIMIT_SECONDS)
        if number >= 2:
            times.append((state["last"] - start) * 1000)
        await asyncio.sleep(0.1)
    cost = (cpu_seconds(pid) - before) / (rounds * clients) * 1e6
    for board in boards:
        board.transport.close()
    await asyncio.sleep(0.3)
    return times, cost


def head(path: str, port: int, *more: str) -> list[str]:
    """Return the request of a hand-shake."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *more,
    ]


def main() -> int:
    """Run both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    login = cookie()
    results = {}
    publisher = ThreadPoolExecutor(1)
    for name in ("raw", "live"):
        port = ports.next_free("127.0.0.1", 21_300)
        origin = f"Origin: http://127.0.0.1:{settings.WEB_PORT}"
        lines = head("/ws/", port, f"Cookie: {login}", origin)
        hello = b"{}" if name == "raw" else f'{{"topics":["{TOPIC}"]}}'.encode()

        def fire(boards: list[Board], name: str = name) -> None:
            if name == "raw":
                boards[0].say(b"go")
            else:
                publisher.submit(push, TOPIC)  # as a web thread does

        with server(name, port) as pid:
            results[name] = asyncio.run(measure(port, pid, asked.clients, asked.rounds, lines, hello, fire))
    medians = {name: statistics.median(times) for name, (times, _) in results.items()}
    for name, label in (("raw", "raw in-process broadcast"), ("live", "push() → Valkey → live process")):
        times, cost = results[name]
        print(
            f"{label:32} {asked.clients} boards: median {medians[name]:6.1f} ms, min {min(times):6.1f}, "
            f"max {max(times):6.1f}, server CPU {cost:5.1f} µs a message"
        )
    ratio = medians["live"] / medians["raw"]
    print(f"ratio to the raw broadcast: {ratio:.2f} (goal: the last board in ≤ 70 ms)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
