"""`manage.py lint`: every check, all of them even when one fails, so that one run shows everything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from jit.config.boot import services
from jit.config.boot.messages import say
from jit.config.boot.paths import ROOT


def run(rest: list[str]) -> int:
    """Run the checks; returns 1 when one of them found something."""
    tools = Path(sys.executable).parent
    python = sys.executable
    steps = [
        [str(tools / "ruff"), "check", "."],
        [str(tools / "ruff"), "format", "--check", "."],
        [str(tools / "lint-imports")],
        [str(tools / "mypy")],
        [python, "-m", "django", "makemigrations", "--check", "--dry-run"],
    ]
    if any((ROOT / "templates").rglob("*.html")):
        steps.append([str(tools / "djlint"), "--lint", "--quiet", "templates"])
    scripts = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "tests" / "js").glob("*.test.*js"))
    node = shutil.which("node")
    if scripts and node:
        steps.append([node, "--test", *scripts])
    with services.running("test") as servers:
        environment = os.environ | servers.environment() | {"TAKT_PROFILE": "test", "PYTHONPATH": str(ROOT)}
        failed = []
        for command in steps:
            name = " ".join([Path(command[0]).name, *command[1:4]])
            say(name)
            if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
                failed.append(name)
    for name in failed:
        say(f"✗ {name}")
    if not failed:
        say("✓ lint")
    return 1 if failed else 0
