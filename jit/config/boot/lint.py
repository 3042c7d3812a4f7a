"""`manage.py lint`: every check, all of them even when one fails, so that one run shows everything."""

import os
import secrets
import sys
from pathlib import Path

from jit.config.boot import frontend, services
from jit.config.boot.messages import say
from jit.config.boot.paths import ROOT
from jit.config.boot.process import run_child

DEPLOY_CHECK = [
    sys.executable,
    "-m",
    "django",
    "check",
    "--deploy",
    "--tag",
    "security",
    "--fail-level",
    "WARNING",
]


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
    scripts = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "tests" / "js").rglob("*.test.*js"))
    if scripts:
        steps.append([*frontend.node_find()[0], "--test", *scripts])
    with services.running("test") as servers:
        environment = os.environ | servers.environment() | {"TAKT_PROFILE": "test", "PYTHONPATH": str(ROOT)}
        production = {
            "TAKT_PROFILE": "production",
            "TAKT_HOSTS": "plant.example",
            "REDIS_URL": "redis://none",
        }
        production |= {"TAKT_SECRET_KEY": secrets.token_urlsafe(60)}
        failed = []
        for command, extra in [*((step, {}) for step in steps), (DEPLOY_CHECK, production)]:
            name = " ".join([Path(command[0]).name, *command[1:4]])
            say(name)
            if run_child(command, environment | extra, ROOT):
                failed.append(name)
    for name in failed:
        say(f"✗ {name}")
    if not failed:
        say("✓ lint")
    return 1 if failed else 0
