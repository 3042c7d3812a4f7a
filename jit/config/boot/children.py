"""Children of the demo: started, watched, restarted with a growing pause, stopped in reverse order.

Each child leads a process group of its own, so that Ctrl-C reaches only us and its helpers never outlive it;
a pid file names it, so that the next start can clear away what a killed parent left behind.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from jit.config.boot.messages import say
from jit.config.boot.paths import ROOT
from jit.config.boot.process import pid_file_read, pid_file_write, stop_pid

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_AFTER = 0.5, 30.0, 30.0
GENTLE_STOP = ((signal.SIGTERM, 8.0), (signal.SIGKILL, 2.0))
COLOURS = {"web": 36, "live": 35, "worker": 33, "scheduler": 34, "simulator": 32}


@dataclass
class Child:
    """One process of ours: how to start it, and how it fares."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    restarts: bool = True
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    rest: bytes = field(default=b"", repr=False)


class Children:
    """All of them; `tick` does what is due and waits at most a moment."""

    def __init__(self, run_folder: Path) -> None:
        self.run_folder = run_folder
        self.list: list[Child] = []
        self.selector = selectors.DefaultSelector()
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def clear_orphans(self, names: tuple[str, ...]) -> None:
        """Stop what a parent killed with -9 left running."""
        for name in reversed(names):
            pid = pid_file_read(self.pid_file(name))
            if pid:
                say(f"上次留下的 {name} 进程（{pid}）正在停止 … / stopping a left-over process")
                stop_pid(pid, GENTLE_STOP, group=True)
            self.pid_file(name).unlink(missing_ok=True)

    def pid_file(self, name: str) -> Path:
        """Return where a child's pid is noted."""
        return self.run_folder / f"{name}.pid"

    def add(self, child: Child) -> None:
        """Start a child and watch it from now on."""
        self.list.append(child)
        self.start(child)

    def start(self, child: Child) -> None:
        """Launch a child; it asks Linux to be told when we die."""
        child.process = subprocess.Popen(
            child.arguments,
            cwd=ROOT,
            env=child.environment | {"TAKT_PARENT": str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        child.started = time.monotonic()
        pid_file_write(self.pid_file(child.name), child.process.pid)
        os.set_blocking(child.process.stdout.fileno(), False)
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def tick(self, seconds: float) -> None:
        """Print what the children say, notice who ended, restart who is due."""
        for key, _ in self.selector.select(seconds):
            self.read(key.data)
        now = time.monotonic()
        for child in self.list:
            if child.process and child.process.poll() is not None:
                self.ended(child, now)
            elif child.process is None and child.restarts and now >= child.due:
                self.start(child)
            elif child.process and now - child.started > HEALTHY_AFTER:
                child.pause = FIRST_PAUSE

    def read(self, child: Child) -> None:
        """Print the complete lines a child has written."""
        try:
            data = os.read(child.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return
        if not data:
            self.selector.unregister(child.process.stdout)
            return
        *lines, child.rest = (child.rest + data).split(b"\n")
        for line in lines:
            self.print(child.name, line.decode(errors="replace"))

    def print(self, name: str, line: str) -> None:
        """Print one line under its writer's name."""
        prefix = f"{name:>9} | "
        if self.colour:
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
        print(prefix + line, flush=True)

    def ended(self, child: Child, now: float) -> None:
        """Note that a child ended, end its helpers too, and plan its restart."""
        self.read_to_end(child)
        status = child.process.returncode
        stop_pid(child.process.pid, (), group=True)
        child.process = None
        self.pid_file(child.name).unlink(missing_ok=True)
        child.due, child.pause = now + child.pause, min(child.pause * 2, LONGEST_PAUSE)
        if child.restarts:
            self.print(
                child.name, f"[takt] 退出（{status}），{child.due - now:.1f} 秒后重启 / ended, restarting"
            )

    def read_to_end(self, child: Child) -> None:
        """Print a dead child's last words and let go of its pipe."""
        pipe = child.process.stdout
        if pipe in {key.fileobj for key in self.selector.get_map().values()}:
            self.read(child)
        if pipe in {key.fileobj for key in self.selector.get_map().values()}:
            self.selector.unregister(pipe)
        if child.rest:
            self.print(child.name, child.rest.decode(errors="replace"))
            child.rest = b""
        pipe.close()

    def stop_all(self) -> None:
        """Stop every child, the last started first."""
        for child in reversed(self.list):
            if child.process and child.process.poll() is None:
                stop_pid(child.process.pid, GENTLE_STOP, group=True)
            self.pid_file(child.name).unlink(missing_ok=True)
        self.list.clear()
