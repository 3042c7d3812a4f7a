"""The real plant under test: granian, uvicorn, a Celery worker and a scheduler on a database of their own.

A test that asks for `services` uses that database through the ORM as well; nothing is rolled back within a
file of tests, and each file begins on a fresh clone. The processes start once per pytest worker and file: all
of them, or those a file names because it needs no other, as each costs seconds of a core to start:
`pytest.mark.services(only=("web", "live"))`.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings

from jit.config.boot import ports, processes
from jit.config.boot.paths import ROOT
from jit.config.boot.process import stop_pid
from tests.databases import Clones, use

START_SECONDS = 60.0
STOP = ((signal.SIGTERM, 8.0), (signal.SIGKILL, 2.0))


class LiveServices:
    """The processes, their addresses and their logs."""

    def __init__(self, clones: Clones, environment: dict[str, str], worker: str) -> None:
        self.clones = clones
        self.worker = worker
        self.database = f"takt_story_{worker}"
        # Workers (and other checkouts on this machine) look at the same moment: each begins elsewhere.
        self.port = ports.next_free("127.0.0.1", 21_000 + os.getpid() * 7 % 8_000)
        self.live_port = ports.next_free("127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.live_url = f"ws://127.0.0.1:{self.live_port}"
        self.environment = self._environment(os.environ | environment)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.used_by = ""

    def _environment(self, given: dict[str, str]) -> dict[str, str]:
        """Return the variables of the processes: this database, these ports, pools on."""
        found = given | {
            "DJANGO_SETTINGS_MODULE": "jit.config.settings",
            "TAKT_PROFILE": "test",
            "TAKT_DB_POOL": "1",
            "TAKT_BOOTED": "1",
            "TAKT_PARENT": str(os.getpid()),
            "TAKT_HOST": "127.0.0.1",
            "TAKT_WEB_PORT": str(self.port),
            "TAKT_LIVE_PORT": str(self.live_port),
            "TAKT_WEB_WORKERS": "1",
            "TAKT_WORKERS": "1",
        }
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PORTAL_URL"):
            found[variable] = urlsplit(found[variable])._replace(path=f"/{self.database}").geturl()
        return found

    def log(self, name: str) -> Path:
        """Return where a process writes."""
        return Path(settings.DATA_FOLDER) / "log" / f"{self.worker}-{name}.log"

    def start(self, names: tuple[str, ...] = processes.NAMES) -> None:
        """Start processes and wait until the pages and the socket can be reached."""
        for name in names:
            with self.log(name).open("wb") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, str(ROOT / "manage.py"), "run", name],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        self._wait(names)

    def _wait(self, names: tuple[str, ...]) -> None:
        end = time.monotonic() + START_SECONDS
        while not (
            ("web" not in names or self._web_answers()) and ("live" not in names or self._live_listens())
        ):
            for name in names:
                if self.processes[name].poll() is not None:
                    raise RuntimeError(f"{name} ended:\n{self.log(name).read_text()[-3000:]}")
            if time.monotonic() > end:
                raise RuntimeError(
                    "\n".join(f"{name}: {self.log(name).read_text()[-1500:]}" for name in names)
                )
            time.sleep(0.05)

    def _web_answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def _live_listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.live_port), 1):
            return True
        return False

    def stop(self, names: tuple[str, ...] = processes.NAMES) -> None:
        """Stop processes the way the demo does, in reverse order."""
        for name in reversed(names):
            process = self.processes.pop(name, None)
            if process is not None:
                stop_pid(process.pid, STOP, group=True)
                process.wait()

    def kill(self, name: str) -> None:
        """Kill a process and its helpers with -9, as a fault would."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def reset(self, names: tuple[str, ...] = processes.NAMES) -> None:
        """Put a fresh clone under the processes and start those that are asked for."""
        self.stop()
        use(self.clones.name)
        self.clones.clone(self.database)
        use(self.database)
        self.start(names)


@pytest.fixture(scope="session")
def running_services(
    clones: Clones, servers_up: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[LiveServices]:
    """Stand ready to start the processes of this pytest worker, and stop them at the end."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    plant = LiveServices(clones, servers_up, worker)
    try:
        yield plant
    finally:
        plant.stop()
        clones.drop(plant.database)


@pytest.fixture
def services(
    request: pytest.FixtureRequest,
    running_services: LiveServices,
    django_db_setup: None,
    django_db_blocker: object,
) -> Iterator[LiveServices]:
    """Use the running plant in this test: `services.url`, and the ORM on its database."""
    with django_db_blocker.unblock():
        if running_services.used_by != request.path.name:  # two files may both build the plant P1
            marker = request.node.get_closest_marker("services")
            running_services.reset(marker.kwargs.get("only", processes.NAMES) if marker else processes.NAMES)
        running_services.used_by = request.path.name
        use(running_services.database)
        yield running_services
        use(running_services.clones.name)
