"""What `manage.py WORD` does: the bootstrap's own words, and everything else handed to Django."""

import os
import subprocess
import sys
from collections.abc import Callable

from jit.config.boot import roles, services, venv
from jit.config.boot.messages import CannotStart, explain
from jit.config.boot.paths import ROOT

NEEDS_NO_SERVERS = {
    "makemigrations",
    "collectstatic",
    "startapp",
    "help",
    "diffsettings",
    "--help",
    "--version",
}
DEVELOPER_WORDS = {"test", "lint"}


def main(arguments: list[str]) -> int:
    """Run one command line; returns the exit status."""
    word, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    try:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jit.config.settings")
        if word == "roles":
            return command_roles(rest)
        python = venv.ensure("requirements-dev.txt" if word in DEVELOPER_WORDS else "requirements.txt")
        if not venv.is_current():
            os.execv(python, [str(python), str(ROOT / "manage.py"), *arguments])
        return WORDS.get(word, lambda rest: command_django([word, *rest]))(rest)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
    except OSError as error:
        print(explain(error), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def command_django(arguments: list[str], profile: str = "demo") -> int:
    """Run a Django command with the servers up."""
    command = [sys.executable, "-m", "django", *arguments]
    if arguments[0] in NEEDS_NO_SERVERS:
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    with services.running(profile) as servers:
        environment = os.environ | servers.environment()
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def command_migrate(rest: list[str]) -> int:
    """Migrate as the owner of the tables unless another login is named."""
    named = any(part.startswith("--database") for part in rest)
    return command_django(["migrate", *rest] if named else ["migrate", "--database", "owner", *rest])


def command_test(rest: list[str]) -> int:
    """Run the suite with the servers of the test profile; arguments go to pytest."""
    workers = [] if any(part.startswith("-n") for part in rest) else ["-n", "2"]
    with services.running("test") as servers:
        environment = os.environ | servers.environment() | {"TAKT_PROFILE": "test"}
        return subprocess.run(
            [sys.executable, "-m", "pytest", *workers, *rest], cwd=ROOT, env=environment, check=False
        ).returncode


def command_roles(rest: list[str]) -> int:
    """Print the SQL that an administrator runs once on an outside server."""
    print("-- psql -d postgres, as a superuser; set passwords with \\password\n" + roles.cluster_sql())
    print("\\connect takt\n" + roles.database_sql())
    return 0


WORDS: dict[str, Callable[[list[str]], int]] = {"migrate": command_migrate, "test": command_test}
