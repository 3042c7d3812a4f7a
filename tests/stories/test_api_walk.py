"""docs/api.md is run as it stands: every bash block, and its output is the text block below it."""

import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from forms_engine.access.actor import Actor
from forms_engine.access.models import User
from forms_engine.access.services import token_create
from forms_engine.packages.services import package_install
from jit.demo.people import people_make
from jit.demo.plant import plant_make

PAGE = Path(settings.BASE_DIR) / "docs" / "api.md"
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> tuple[str, list[str]]:
    """Return the script of all bash blocks and the outputs shown right after them."""
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    script = [body for kind, body in found if kind == "bash"]
    shown = [
        body.rstrip()
        for (before, _), (kind, body) in itertools.pairwise(found)
        if (before, kind) == ("bash", "text")
    ]
    return "\n".join(script), "\n".join(shown).split("\n")


def token(username: str) -> str:
    return token_create(actor=Actor.system("test"), user=User.objects.get(username=username))[1]


@pytest.mark.services
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="needs curl and jq")
def test_the_page_walks_the_whole_loop(services):
    actor = Actor.system("test")
    package_install(actor=actor, folder=Path(settings.BASE_DIR) / "jit" / "packages" / "jit_mes")
    people_make(actor=actor, supplier=plant_make(actor=actor))
    script, shown = blocks()
    assert len(shown) >= 8
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TAKT": services.url,
        "TOKEN": token("admin"),
        "APPROVER": token("approver"),
        "LC_ALL": "C.UTF-8",
        "no_proxy": "*",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.strip().split("\n") == shown
