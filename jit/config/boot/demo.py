"""`manage.py demo`: everything on this machine, one Ctrl-C stops it."""

import argparse
import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from jit.config.boot import (
    children,
    phases,
    plant_clock,
    ports,
    postgres,
    processes,
    services,
    stamps,
    valkey,
    warm,
)
from jit.config.boot.messages import CannotStart, say
from jit.config.boot.paths import ROOT
from jit.config.boot.process import interrupt, run_child

SAMPLE_LOGINS = "planner · buyer · approver · warehouse · operator · supplier · admin"
WATCH_SECONDS = 1.0
READY_SECONDS = 60.0


def options(rest: list[str]) -> argparse.Namespace:
    """Read the flags of `demo`."""
    parser = argparse.ArgumentParser(
        prog="manage.py demo", description="Start the demo plant on this machine."
    )
    parser.add_argument("--port", type=port, help="web port; without it the first free one from 20080")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for phones in the LAN"
    )
    parser.add_argument(
        "--speed", type=speed, default=1.0, help="plant minutes in a real one; 60 = a minute per second"
    )
    parser.add_argument("--data", default="", metavar="FOLDER", help="load this folder of CSV or Excel files")
    parser.add_argument("--no-simulator", action="store_true", help="nobody acts but you")
    return parser.parse_args(rest)


def speed(text: str) -> float:
    """Read a speed between a standstill's opposite, 1, and what the machine can follow.

    Raises:
        ArgumentTypeError: no number from 1 to 240.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 1 <= number <= 240:
        raise argparse.ArgumentTypeError(
            f"{text!r}：请写 1 到 240 的数，如 60 / write a number from 1 to 240, e.g. 60"
        )
    return number


def port(text: str) -> int:
    """Read a port. Raises: ArgumentTypeError: no whole number from 1 to 65535."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= 65535):
        raise argparse.ArgumentTypeError(
            f"{text!r}：请写 1 到 65535 的端口号，或不写 / write a port from 1 to 65535, or leave it out"
        )
    return int(text)


def run(rest: list[str]) -> int:
    """Start, watch and stop the demo; returns the exit status.

    Raises:
        CannotStart: a demo of this folder runs already, a wished port is occupied, or a step failed.
    """
    flags = options(rest)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGINT too: a shell's `&` has it ignored
        signal.signal(number, interrupt)
    with services.running("demo") as servers:
        phases.mark("servers")
        run_folder = servers.data / "run"
        with (run_folder / "demo.lock").open("a") as lock:
            only_one(lock, run_folder)
            family = children.Children(run_folder)
            family.clear_orphans((*processes.NAMES, "simulator"))
            environment = addresses(flags, os.environ | servers.environment())
            clock = plant_clock.begin(run_folder, flags.speed)
            if clock.line():
                environment["TAKT_CLOCK"] = clock.line()
            try:
                prepare(servers, environment, flags)
                phases.mark("stamps")
                launch(family, environment, flags)
                announce(environment, run_folder)
                phases.mark(phases.LAST)
                watch(family, servers, lambda: plant_clock.keep(run_folder, clock))
            finally:
                say("正在停止 … / stopping")
                signal.signal(
                    signal.SIGINT, signal.SIG_IGN
                )  # an impatient second Ctrl-C must not leave half of it
                family.stop_all()
                plant_clock.keep(run_folder, clock)
                (run_folder / "demo.json").unlink(missing_ok=True)
    say("已停止，数据保留在 / stopped, the data stays in " + str(servers.data))
    return 0


def only_one(lock: object, run_folder: Path) -> None:
    """Refuse to run twice in one folder, and say where the other one is."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            where = json.loads((run_folder / "demo.json").read_text())["url"]
        except (OSError, ValueError, KeyError):
            where = "?"
        raise CannotStart(
            f"演示已经在运行：{where} 。请在它的窗口按 Ctrl-C 停止后再启动。",
            f"The demo is running already at {where} . Stop it with Ctrl-C in its window first.",
        ) from None


def addresses(flags: argparse.Namespace, environment: dict[str, str]) -> dict[str, str]:
    """Return the variables of all children: ports, and the checkout on the module path."""
    wished = flags.port or int(environment.get("TAKT_WEB_PORT", "0")) or None
    web = ports.choose(flags.host, wished)
    live = (
        ports.choose(flags.host, None, frozenset({web})) if not wished else ports.next_free(flags.host, web)
    )
    return environment | {
        "TAKT_HOST": flags.host,
        "TAKT_WEB_PORT": str(web),
        "TAKT_LIVE_PORT": str(live),
        "PYTHONPATH": os.pathsep.join(
            part for part in (str(ROOT), environment.get("PYTHONPATH", "")) if part
        ),
    }


def prepare(servers: services.Services, environment: dict[str, str], flags: argparse.Namespace) -> None:
    """Migrate and load once; a stamp inside the database folder skips what was done before."""
    marks = servers.database.data if servers.database else None
    django = [sys.executable, "-m", "django"]
    if not stamps.holds(marks, "migrated", stamps.migrations()):
        say("正在建立数据表 … / migrating")
        step([*django, "migrate", "--database", "owner", "--verbosity", "0"], environment)
        stamps.put(marks, "migrated", stamps.migrations())
    if not warm.planner(environment):
        raise CannotStart(
            "计划引擎编译失败（原因见上）。", "The planner could not be compiled (the reason is above)."
        )
    if processes.extra_command("demo_load") and (
        flags.data or not stamps.holds(marks, "loaded", stamps.demo_content())
    ):
        say("正在装入演示工厂 … / loading the demo plant")
        step([*django, "demo_load", *(["--data", flags.data] if flags.data else [])], environment)
        stamps.put(marks, "loaded", stamps.demo_content())


def step(command: list[str], environment: dict[str, str]) -> None:
    """Run one step of the preparation to its end."""
    if run_child(command, environment, ROOT):
        words = " ".join(command[2:4])
        raise CannotStart(
            f"步骤失败：{words}（原因见上）。", f"This step failed: {words} (the reason is above)."
        )


def launch(family: children.Children, environment: dict[str, str], flags: argparse.Namespace) -> None:
    """Start the web process, wait until it answers, then start the others."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    first, *others = processes.NAMES

    def add(name: str) -> None:
        family.add(children.Child(name, [*manage, "run", name], environment | {"TAKT_BOOTED": "1"}))

    add(first)  # alone until it answers: on a small machine the others would slow it down
    end = time.monotonic() + READY_SECONDS
    while not answers(local(flags.host), int(environment["TAKT_WEB_PORT"])):
        family.tick(0.05)
        if time.monotonic() > end:
            raise CannotStart(
                "网页服务一分钟内没有应答（日志见上）。", "The web process did not answer in a minute."
            )
    phases.mark("web answers")
    for name in others:
        add(name)
    if processes.extra_command("demo_simulator") and not flags.no_simulator:
        command = [sys.executable, "-m", "django", "demo_simulator", "--speed", f"{flags.speed:g}"]
        family.add(children.Child("simulator", command, processes.environment_of("simulator", environment)))


def local(host: str) -> str:
    """Return an address of this machine under which a server on `host` is reached."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound


def answers(host: str, number: int) -> bool:
    """Tell whether /healthz answers 200; urllib would cost every start of a process 20 ms of imports."""
    try:
        with socket.create_connection((host.strip("[]"), number), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(64).split(b" ", 2)[1:2] == [b"200"]
    except OSError:
        return False


def announce(environment: dict[str, str], run_folder: Path) -> None:
    """Print the address, who may log in and how to stop; other commands read the address from demo.json."""
    url = f"http://{local(environment['TAKT_HOST'])}:{environment['TAKT_WEB_PORT']}/"
    url = url.replace("127.0.0.1", "localhost")
    (run_folder / "demo.json").write_text(json.dumps({"url": url, "pid": os.getpid()}))
    lines = [
        "",
        f"  Takt 已启动 / is running:  {url}",
        f"  登录 / log in: 登录页一键选择 / one click on the log-in page: {SAMPLE_LOGINS}",
        "  停止 / stop: Ctrl-C",
        "",
    ]
    print("\n".join(lines), flush=True)


def watch(family: children.Children, servers: services.Services, keep_clock: Callable[[], None]) -> None:
    """Keep everything alive until Ctrl-C, the servers too; note the plant's time for the next start."""
    due = time.monotonic()
    try:
        while True:
            family.tick(0.5)
            if time.monotonic() >= due:
                due = time.monotonic() + WATCH_SECONDS
                revive(servers)
                keep_clock()
    except KeyboardInterrupt:
        print(flush=True)


def revive(servers: services.Services) -> None:
    """Start a server again that somebody killed."""
    if servers.database and not postgres.living(servers.database):
        say("PostgreSQL 意外停止，正在恢复 … / recovering")
        postgres.start(servers.database)
    if servers.memory and not valkey.living(servers.memory):
        say("Valkey 意外停止，正在恢复 … / recovering")
        valkey.start(servers.memory)
