"""The second start of the demo, beside the same servers and a bare Django process started in the same run.

The reference starts the demo's own PostgreSQL and Valkey folders and a granian of as many workers, whose
application is `django.setup()` and an empty answer, all at once, and waits for the first answer of each. What
the demo takes longer is ours: the bootstrap, its checks, the imports of our pages, and what waits for what.
`python3 manage.py bench start [--rounds 5]`
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from jit.config.boot import demo, phases, ports, processes
from jit.config.boot import services as servers
from jit.config.boot.paths import ROOT, data_folder
from jit.config.boot.process import stop_pid

GIVEN = (*servers.LOGINS, "REDIS_URL", "TAKT_DATA_FOLDER", "TAKT_ADMIN_URL", "TAKT_BOOTED")
PATIENCE = 600.0


def clean(folder: Path) -> dict[str, str]:
    """Return the variables of a demo on a folder of its own, without those that lead to our servers."""
    kept = {name: value for name, value in os.environ.items() if name not in GIVEN}
    return kept | {"TAKT_DATA": str(folder), phases.VARIABLE: "1", "NO_COLOR": "1"}


def demo_start(folder: Path) -> tuple[float, dict[str, float]]:
    """Start the demo, stop it as soon as it says its address; returns seconds until then, and its phases."""
    begun, said = time.monotonic(), []
    python = getattr(sys, "_base_executable", sys.executable)  # as a person calls it: it finds .venv itself
    command = [python, str(ROOT / "manage.py"), "demo", "--no-simulator"]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as started:
        took = 0.0
        for line in started.stdout or ():
            said.append(line)
            if line.startswith(f"[{phases.WORD}]") and line.rstrip().endswith(phases.LAST):
                took = time.monotonic() - begun
                started.send_signal(signal.SIGINT)
    if not took:
        raise SystemExit("".join(said[-20:]))
    return took, phases.read("".join(said))


@contextlib.contextmanager
def folder_of(folder: Path) -> Iterator[servers.Services]:
    """Describe the servers of that demo, as its own start does."""
    given = {name: os.environ.pop(name) for name in GIVEN if name in os.environ}
    before = os.environ.get("TAKT_DATA")
    os.environ["TAKT_DATA"] = str(folder)
    try:
        yield servers.services_for("demo")
    finally:
        os.environ.pop("TAKT_DATA")
        os.environ.update(given | ({"TAKT_DATA": before} if before else {}))


def reference_start(found: servers.Services, folder: Path) -> float:
    """Start the three programs at once; returns the seconds until each has answered."""
    number = ports.next_free("127.0.0.1", 21_500)
    environment = (
        clean(folder) | found.environment() | {"TAKT_WEB_PORT": str(number), "TAKT_HOST": "127.0.0.1"}
    )
    line = processes.command_line("web", environment)
    line[-1] = "bench.reference.bare_web:application"
    begun = time.monotonic()
    web = subprocess.Popen(
        line, cwd=ROOT, env=processes.environment_of("web", environment), start_new_session=True
    )
    try:
        servers.start(found)
        while not demo.answers("127.0.0.1", number):
            if web.poll() is not None or time.monotonic() > begun + PATIENCE:
                raise SystemExit("the bare process did not answer")
            time.sleep(0.01)
        return time.monotonic() - begun
    finally:
        stop_pid(web.pid, ((signal.SIGTERM, 8.0), (signal.SIGKILL, 2.0)), group=True)
        servers.stop(found)


def report(ours: list[float], bare: list[float], where: dict[str, float]) -> str:
    """Return the lines of the result: the least of each side, their ratio, their difference, the phases."""
    least, floor = min(ours), min(bare)
    parts = " · ".join(f"{name} {seconds:.2f}" for name, seconds in where.items())
    every = [" ".join(f"{one:.2f}" for one in sorted(side)) for side in (bare, ours)]
    return "\n".join(
        (
            f"bare servers and django.setup(): {floor:6.2f} s  (all: {every[0]})",
            f"second start of the demo:        {least:6.2f} s  (all: {every[1]})",
            f"  {parts}",
            f"ratio {least / floor:.2f}, own overhead {least - floor:+.2f} s (goal: at most 3 s)",
        )
    )


def main() -> int:
    """Start both by turns and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    folder = data_folder("bench") / "start"
    demo_start(folder)  # the first one migrates and loads the plant
    ours: list[float] = []
    bare: list[float] = []
    where: dict[str, float] = {}
    for _ in range(asked.rounds):
        with folder_of(folder) as found:
            bare.append(reference_start(found, folder))
        took, parts = demo_start(folder)
        where = parts if took < min(ours, default=PATIENCE) else where
        ours.append(took)
    print(report(ours, bare, where))
    return 0


if __name__ == "__main__":
    sys.exit(main())
