"""`manage.py test`: a browser, then pytest with the arguments given."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jit.config.boot import warm
from jit.config.boot.messages import CannotStart, say
from jit.config.boot.paths import ROOT, runs_as_root
from jit.config.boot.process import run_child

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def run(rest: list[str]) -> int:
    """Run the suite; returns pytest's status. Its processes start what they need (tests/databases.py)."""
    workers = [] if any(part == "-n" or part.startswith("-n") for part in rest) else ["-n", "2"]
    if not any(part.startswith("--dist") for part in rest):
        workers += ["--dist", "loadfile", "--no-loadscope-reorder"]  # tests/balance.py says in which order
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "TAKT_CHROMIUM": browser()}
    warm.planner(environment)  # a worker compiling inside a transaction would be cut off
    return run_child([sys.executable, "-m", "pytest", *workers, *rest], environment, ROOT)


def browser_find() -> str | None:
    """Return the path of a Chromium: named by TAKT_CHROMIUM, on PATH, or where a Mac keeps it."""
    named = os.environ.get("TAKT_CHROMIUM")
    if named:
        return shutil.which(named)
    for name in BROWSERS:
        found = shutil.which(name)
        if found and is_browser(found):
            return found
    return next((path for path in MAC_BROWSERS if Path(path).exists()), None)


def is_browser(program: str) -> bool:
    """Tell whether a program runs at all: Ubuntu's chromium-browser may only say that a snap is wanted."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def browser() -> str:
    """Return the path of a Chromium, installing Debian's when we are root there.

    Raises:
        CannotStart: there is none and none could be installed.
    """
    found, named = browser_find(), os.environ.get("TAKT_CHROMIUM")
    if named and not found:
        raise CannotStart(
            f"TAKT_CHROMIUM={named} 不是可执行的浏览器。请改成正确的路径，或去掉这个变量。",
            f"TAKT_CHROMIUM={named} is no program. Name the right path, or leave the variable out.",
        )
    if not found and runs_as_root() and shutil.which("apt-get"):
        say("正在安装 chromium 与中文字体 … / installing a browser for the tests")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-q"], ["install", "-y", "-q", "chromium", "fonts-noto-cjk"]):
            subprocess.run(["apt-get", *command], stdout=sys.stderr, env=environment, check=False)
        found = browser_find()
    if not found:
        raise CannotStart(
            "浏览器测试需要 Chromium。请安装（Debian：sudo apt-get install chromium fonts-noto-cjk），"
            "或用 TAKT_CHROMIUM=路径 指定。",
            "The browser tests need Chromium: sudo apt-get install chromium fonts-noto-cjk (Debian), "
            "or name one: TAKT_CHROMIUM=PATH.",
        )
    return found
