"""Test databases: a template per set of migrations, a clone for each worker, a fresh clone after commits."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

from forms_engine.access import policy
from forms_engine.core import entity as core_entity
from forms_engine.kernel import clock
from jit.config.boot import roles
from jit.config.boot import services as servers
from jit.config.boot.paths import ROOT

ALIASES = frozenset({"default", "owner", "portal"})
MAKING = 7_428_002  # advisory lock: one run makes the template, another of this checkout waits for it


class Clones:
    """Makes and drops the databases of one worker, over a connection that may."""

    def __init__(self, admin_url: str, worker: str) -> None:
        self.admin_url = admin_url
        self.template = f"takt_template_{migrations_fingerprint()}"
        self.name = f"takt_test_{worker}"

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Return a fresh connection outside any transaction."""
        return psycopg.connect(self.admin_url, autocommit=True)

    def template_make(self) -> None:
        """Migrate the template if nobody did; templates of other migrations are dropped."""
        with self.connect() as admin:
            admin.execute("SELECT pg_advisory_lock(%s)", [MAKING])
            rows = admin.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE 'takt_template_%'"
            ).fetchall()
            if (self.template,) in rows:
                return
            for (old,) in rows:
                admin.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(str(old)))
                )
            making = f"{self.template}_making"
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(making)))
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER app_owner").format(sql.Identifier(making)))
            with psycopg.connect(self.admin_url, dbname=making, autocommit=True) as inside:
                inside.execute(roles.database_sql(making))
            use(making)
            call_command("migrate", database="owner", verbosity=0)
            connections.close_all()
            admin.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(making), sql.Identifier(self.template)
                )
            )

    def clone(self, name: str) -> None:
        """Put a fresh copy of the template in place of a database; whoever is connected is cut off."""
        with self.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER app_owner TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(self.template)
                )
            )

    def drop(self, name: str) -> None:
        """Remove a database."""
        with self.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def migrations_fingerprint() -> str:
    """Return a hash over every migration and the SQL files beside it, and the SQL of the roles."""
    digest = hashlib.sha256((roles.cluster_sql() + roles.database_sql()).encode())
    for app in sorted(apps.get_app_configs(), key=lambda app: app.name):
        folder = Path(app.path)
        if ROOT in folder.parents:
            watched = [*folder.glob("migrations/*"), *folder.glob("*.sql"), *folder.glob("sql/*")]
            if app.label in (
                "tables",
                "base",
            ):  # migrations call into these rooms, so their code is part of the result
                watched += folder.glob("*.py")
            for file in sorted(file for file in watched if file.suffix in (".py", ".sql")):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def use(name: str) -> None:
    """Point all three aliases at a database; the logins stay different."""
    connections.close_all()
    for alias in ALIASES:
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


@pytest.fixture(autouse=True)
def nothing_remembered(request: pytest.FixtureRequest) -> Iterator[None]:
    """What processes remember of a database (grants, schemas) or of time belongs to one test only.

    A rolled-back test gives its policy and schema versions back, and the next one may use them for others.
    """
    asks = {"db", "transactional_db", "services"} & set(request.fixturenames)
    if not asks and not request.node.get_closest_marker("django_db"):
        yield
        return
    core_entity.entities_forget()
    policy.cache_forget()
    yield
    core_entity.entities_forget()
    policy.cache_forget()
    clock.set(None)


@pytest.fixture(scope="session")
def servers_up() -> Iterator[dict[str, str]]:
    """PostgreSQL and Valkey of the test profile, and the variables that lead to them.

    Pure tests never ask for this, so they start nothing. The last process of a run stops them.
    """
    with servers.running(settings.SERVERS) as running:
        yield running.environment()


@pytest.fixture(scope="session")
def clones(
    request: pytest.FixtureRequest, servers_up: dict[str, str], django_db_blocker: object
) -> Iterator[Clones]:
    """The maker of this worker's databases; the template is ready."""
    known = os.environ | servers_up
    admin_url = known.get("TAKT_ADMIN_URL") or known["DATABASE_OWNER_URL"]
    made = Clones(admin_url, getattr(request.config, "workerinput", {}).get("workerid", "main"))
    with django_db_blocker.unblock():
        made.template_make()
    yield made


@pytest.fixture(scope="session")
def django_db_setup(
    clones: Clones, django_test_environment: None, django_db_blocker: object
) -> Iterator[None]:
    """Replace pytest-django's set-up: a clone instead of migrations, made by a login that may."""

    def clone_again(test_case: TransactionTestCase) -> None:
        """Undo a committing test: run-time tables and all."""
        connections.close_all()
        clones.clone(clones.name)

    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = clone_again
    TransactionTestCase.databases = set(ALIASES)
    clones.clone(clones.name)
    use(clones.name)
    yield
    TransactionTestCase._fixture_teardown = flush
    with django_db_blocker.unblock():
        connections.close_all()
        clones.drop(clones.name)
