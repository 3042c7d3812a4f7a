"""The processes of a plant, each as one command line: the demo starts them all, production one by one."""

import os
import sys
from pathlib import Path

from jit.config.boot.messages import CannotStart
from jit.config.boot.paths import ROOT

NAMES = ("web", "live", "worker", "scheduler")


def command_line(name: str, environment: dict[str, str]) -> list[str]:
    """Return what to execute for a process; figures come from the environment (docs/running.md).

    Raises:
        CannotStart: there is no such process.
    """
    host = environment.get("TAKT_HOST", "127.0.0.1")
    web_port = environment.get("TAKT_WEB_PORT", "20080")
    live_port = environment.get("TAKT_LIVE_PORT") or str(int(web_port) + 1)
    lines = {
        "web": [
            *("-m", "granian", "--interface", "wsgi", "--no-ws", "--host", host, "--port", web_port),
            *("--workers", environment.get("TAKT_WEB_WORKERS", "2")),
            *("--blocking-threads", environment.get("TAKT_WEB_THREADS", "4"), "--respawn-failed-workers"),
            *("--log-level", "warning", "jit.config.wsgi:application"),
        ],
        "live": [
            *("-m", "uvicorn", "jit.config.asgi:application", "--host", host, "--port", live_port),
            *("--ws", "websockets-sansio", "--ws-max-size", "65536", "--ws-per-message-deflate", "false"),
            *("--lifespan", "off", "--log-level", "warning"),
            *("--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "3"),
        ],
        "worker": [
            *("-m", "celery", "--quiet", "-A", "jit.config.celery", "worker", "--queues", "critical,bulk"),
            *("--concurrency", environment.get("TAKT_WORKERS", "2"), "--loglevel", "warning"),
            *("--without-mingle", "--without-gossip"),
        ],
        "scheduler": ["-m", "jit.config.scheduler"],
    }
    if name not in lines:
        raise CannotStart(
            f"没有名为 {name!r} 的进程。可用：{'、'.join(NAMES)}",
            f"There is no process {name!r}: {', '.join(NAMES)}.",
        )
    return [sys.executable, *lines[name]]


def environment_of(name: str, environment: dict[str, str]) -> dict[str, str]:
    """Return the variables of a process: its name decides its time limits and its pools."""
    path = os.pathsep.join(part for part in (str(ROOT), environment.get("PYTHONPATH", "")) if part)
    return environment | {"TAKT_PROCESS": name, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def extra_command(name: str) -> Path | None:
    """Return the file of a Django command if some room brings it; a room may come later than this line."""
    return next(ROOT.glob(f"*/*/management/commands/{name}.py"), None)
