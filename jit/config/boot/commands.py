"""What `manage.py WORD` does: the bootstrap's own words, and everything else handed to Django."""

import os
import signal
import sys
from collections.abc import Callable, Mapping

from jit.config.boot import (
    demo,
    frontend,
    lint,
    locales,
    phases,
    ports,
    processes,
    roles,
    services,
    suite,
    venv,
)
from jit.config.boot.messages import CannotStart, explain
from jit.config.boot.paths import ROOT, data_folder
from jit.config.boot.process import die_with_parent, interrupt, run_child

USAGE = """\
python3 manage.py WORD [arguments]

  demo        start the demo plant here (--port, --host, --speed, --data FOLDER, --no-simulator)
  test        run the test suite; arguments go to pytest
  lint        check style, imports, templates, migrations and types
  bench NAME  run a benchmark of bench/
  run NAME    run one process of production: web, live, worker, scheduler
  migrate     migrate the database as its owner
  roles       print the SQL for the three database logins
  stop        stop a PostgreSQL and Valkey left running by a killed parent
  shell, check, makemigrations, token USER, pictures ... every other word is a Django command
"""
NEEDS_NO_SERVERS = {"startapp", "startproject", "diffsettings", "--version", "collectstatic"}
DEVELOPER_WORDS = {"test", "lint", "pictures"}
NEEDS_FRONT_END = {"demo", "test", "lint", "run", "pictures"}


def main(arguments: list[str]) -> int:
    """Run one command line; returns the exit status."""
    word, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    phases.begin(os.environ)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        if word in ("help", "--help", "-h") and not rest:
            print(USAGE)
            return 0
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jit.config.settings")
        if word == "roles":
            return command_roles(rest)
        ports.ports_check(os.environ)
        production_is_described(os.environ)
        if word == "test":
            suite.browser()  # asked for before anything is installed, which takes minutes
        if os.environ.get("TAKT_BOOTED") != "1":  # a child of the demo: its parent has just done all this
            python = venv.ensure("requirements-dev.txt" if word in DEVELOPER_WORDS else "requirements.txt")
            if not venv.is_current():
                sys.stdout.flush()
                phases.mark("virtual environment")
                os.execv(python, [str(python), str(ROOT / "manage.py"), *arguments])  # noqa: S606 - no shell wanted
            locales.ensure()
            if word in NEEDS_FRONT_END:
                frontend.ensure(with_modules=word in DEVELOPER_WORDS)
            phases.mark("translations, front end")
        return WORDS.get(word, lambda rest: command_django([word, *rest]))(rest)
    except CannotStart as reason:
        print(reason, file=sys.stderr)
    except OSError as error:
        print(explain(error), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def production_is_described(environment: Mapping[str, str]) -> None:
    """Refuse the production profile while a variable it cannot do without is missing."""
    needed = ("TAKT_SECRET_KEY", "TAKT_HOSTS", *services.LOGINS, "REDIS_URL")
    missing = [name for name in needed if not environment.get(name)]
    if environment.get("TAKT_PROFILE") == "production" and missing:
        raise CannotStart(
            f"生产环境还缺少变量：{'、'.join(missing)}（docs/running.md 有说明）。",
            f"Production needs these variables too: {', '.join(missing)} (docs/running.md).",
        )


def command_django(arguments: list[str], profile: str = "demo") -> int:
    """Run a Django command with the servers up."""
    command = [sys.executable, "-m", "django", *arguments]
    if arguments[0] in NEEDS_NO_SERVERS:
        return run_child(command, on_path(os.environ), ROOT)
    with services.running(profile) as servers:
        environment = on_path(os.environ | servers.environment())
        return run_child(command, environment, ROOT)


def on_path(environment: "os._Environ[str] | dict[str, str]") -> dict[str, str]:
    """Return the variables with the checkout on the module path."""
    parts = (str(ROOT), environment.get("PYTHONPATH", ""))
    return dict(environment) | {"PYTHONPATH": os.pathsep.join(part for part in parts if part)}


def command_migrate(rest: list[str]) -> int:
    """Migrate as the owner of the tables unless another login is named."""
    named = any(part.startswith("--database") for part in rest)
    return command_django(["migrate", *rest] if named else ["migrate", "--database", "owner", *rest])


def command_run(rest: list[str]) -> int:
    """Become one process of the plant; returns only when the name is wrong."""
    if not rest:
        raise CannotStart("要运行哪个进程？", f"Which process? {', '.join(processes.NAMES)}")
    parent = os.environ.get("TAKT_PARENT")
    if parent:
        die_with_parent(int(parent))
    command = processes.command_line(rest[0], dict(os.environ))
    os.execve(command[0], command, processes.environment_of(rest[0], dict(os.environ)))  # noqa: S606


def command_bench(rest: list[str]) -> int:
    """Run `bench/NAME.py` on durable servers of its own, migrated."""
    names = sorted(file.stem for file in (ROOT / "bench").glob("[a-z]*.py"))
    if not rest or rest[0] not in names:
        raise CannotStart(f"可用的基准：{'、'.join(names)}", f"Which benchmark? {', '.join(names)}")
    with services.running("bench") as servers:
        environment = on_path(os.environ | servers.environment())
        migrate = [sys.executable, "-m", "django", "migrate", "--database", "owner", "--verbosity", "0"]
        for command in (migrate, [sys.executable, "-m", f"bench.{rest[0]}", *rest[1:]]):
            status = run_child(command, environment, ROOT)
            if status:
                return status
    return 0


def command_stop(rest: list[str]) -> int:
    """Stop servers that a killed parent left behind, of every profile of this checkout."""
    workers = sorted(folder.name for folder in data_folder("test").glob("gw*"))
    for profile in ("demo", "bench", "test", *(f"test/{name}" for name in workers)):
        services.stop(services.services_for(profile))
    return 0


def command_roles(rest: list[str]) -> int:
    """Print the SQL that an administrator runs once on an outside server."""
    print("-- psql -d postgres, as a superuser; then \\password app_owner, app_rw, app_portal")
    print(roles.cluster_sql() + "\\connect takt\n" + roles.database_sql())
    return 0


WORDS: dict[str, Callable[[list[str]], int]] = {
    "bench": command_bench,
    "demo": demo.run,
    "lint": lint.run,
    "migrate": command_migrate,
    "run": command_run,
    "stop": command_stop,
    "test": suite.run,
}
