"""Processes by pid, safely: who is alive, whose pid file is stale, how to stop one."""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1


def stat_fields(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat after the name (state first), or None when there is none."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie nobody has reaped yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    fields = stat_fields(pid)
    return fields is None or fields[0] not in "ZX"


def started_at(pid: int) -> str:
    """Return the kernel's start tick of a process: with the pid it names one for ever ('' off Linux)."""
    fields = stat_fields(pid)
    return fields[19] if fields else ""


def command_name(pid: int) -> str:
    """Return the short name of a process, '' when unknown."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def pid_file_write(file: Path, pid: int) -> None:
    """Remember a process of ours together with its start tick."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(f"{pid} {started_at(pid)}\n")
    fresh.replace(file)


def pid_file_read(file: Path) -> int | None:
    """Return the living process a pid file names, or None: gone, a zombie, or the pid is another's by now."""
    try:
        pid_text, _, tick = file.read_text().strip().partition(" ")
        pid = int(pid_text)
    except (OSError, ValueError):
        return None
    if not is_alive(pid) or tick != started_at(pid):
        return None
    return pid


def wait_gone(pid: int, seconds: float) -> bool:
    """Wait until a process has ended; reap it if it is our child. False when it still runs at the end."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if not is_alive(pid):
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.02)


def stop_pid(pid: int, signals: tuple[tuple[int, float], ...], *, group: bool = False) -> None:
    """Send each signal in turn, waiting its seconds, until the process (or its whole group) has ended."""
    for number, seconds in signals:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if group else os.kill)(pid, number)
        if wait_gone(pid, seconds):
            break
    if group:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def run_child(command: list[str], environment: Mapping[str, str], folder: Path) -> int:
    """Run a command to its end and return its status; asked to stop, stop it first, gently."""
    with subprocess.Popen(command, cwd=folder, env=dict(environment)) as child:
        try:
            return child.wait()
        except BaseException:
            child.send_signal(signal.SIGINT)
            if not wait_gone(child.pid, 15.0):
                child.kill()
            raise


def interrupt(*_: object) -> None:
    """Signal handler: turn SIGTERM and a closed terminal into the way out that Ctrl-C takes."""
    raise KeyboardInterrupt


def die_with_parent(parent: int, number: int = signal.SIGTERM) -> None:
    """Ask Linux to signal this process when its parent dies; survives exec. A no-op elsewhere."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), number)


@contextlib.contextmanager
def exclusive(file: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file: one process at a time, released by the kernel even after kill -9."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
