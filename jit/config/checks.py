"""What must be true before a process serves anybody: safe logins, and in production the security baseline."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

SERVING = ("default", "portal")


@register(Tags.database)
def logins_obey_the_walls(
    app_configs: Sequence[AppConfig] | None, databases: Any = None, **_: Any
) -> list[CheckMessage]:
    """Refuse a superuser or BYPASSRLS login: row-level security would not hold and no test would notice."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        try:
            problem = login_problem(alias)
        except DatabaseError:
            continue  # whoever needs the server says so better than a check
        if problem:
            found.append(
                Error(problem, hint="python3 manage.py roles prints the right logins.", id="takt.E001")
            )
    return found


def login_problem(alias: str) -> str | None:
    """Return why the login of a database alias may not be used, or None; DatabaseError if out of reach."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, current_setting('server_version_num')::int"
            " FROM pg_roles WHERE rolname = current_user"
        )
        name, is_superuser, bypasses, version = cursor.fetchone()
    if is_superuser or bypasses:
        power = "a superuser" if is_superuser else "BYPASSRLS"
        return (
            f"Database alias {alias} logs in as {name}, which is {power}: row-level security would not apply."
        )
    if version < 160000:
        return f"Database alias {alias} is PostgreSQL {version // 10000}; 16 or newer is needed."
    return None


def refuse_unsafe_start() -> None:
    """End a process that is about to serve with a login or a setting that is not safe.

    Raises:
        ImproperlyConfigured: with the reasons; DatabaseError when the logins cannot be looked at.
    """
    problems = [problem for alias in SERVING if (problem := login_problem(alias))]
    problems += [str(message.msg) for message in production_is_closed(None)]
    for alias in SERVING:  # a pool must not live on into the processes a worker forks
        connections[alias].close()
        if settings.POOL:
            connections[alias].close_pool()
    if problems:
        raise ImproperlyConfigured(" ".join(problems))


@register(Tags.security)
def production_is_closed(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Refuse to start production with a rule of the baseline broken (docs/running.md)."""
    if not settings.PRODUCTION:
        return []
    rules = {
        "DEBUG is on": settings.DEBUG,
        "TAKT_SECRET_KEY is shorter than 50 characters": len(settings.SECRET_KEY) < 50,
        "TAKT_HOSTS names no exact host": not settings.ALLOWED_HOSTS
        or any("*" in host or host.startswith(".") for host in settings.ALLOWED_HOSTS),
        "session or CSRF cookie is not Secure": not (
            settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE
        ),
        "http is not redirected to https": not settings.SECURE_SSL_REDIRECT,
        "HSTS is shorter than a year": settings.SECURE_HSTS_SECONDS < 31_536_000,
        "the first password hasher is not Argon2": "Argon2" not in settings.PASSWORD_HASHERS[0],
        "sessions live outside the database": "db" not in settings.SESSION_ENGINE,
        "DATABASE_URL and DATABASE_PORTAL_URL are the same login": settings.DATABASES["default"]["USER"]
        == settings.DATABASES["portal"]["USER"],
        "DATABASE_URL and DATABASE_OWNER_URL are the same login": settings.DATABASES["default"]["USER"]
        == settings.DATABASES["owner"]["USER"],
    }
    return [
        Error(f"Production refuses to start: {rule}.", id=f"takt.E1{number:02}")
        for number, (rule, is_broken) in enumerate(rules.items())
        if is_broken
    ]
