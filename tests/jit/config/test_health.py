"""What machines ask: alive, ready, figures; and what a browser is told to refuse."""

import socket

import pytest
from django.contrib.auth.hashers import get_hashers_by_algorithm
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from jit.config import checks


def test_alive_needs_no_database(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_names_both_servers(client, servers_up):
    assert client.get("/readyz").json() == {"database": True, "valkey": True}


@pytest.mark.django_db
def test_a_missing_valkey_is_told_but_the_plant_goes_on(client, settings):
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "valkey": False})


@pytest.mark.django_db
def test_figures_tell_the_age_of_the_outbox(client):
    text = client.get("/metrics").content.decode()
    for name in ("takt_database_up 1.0", "takt_outbox_age_seconds", "takt_jobs_overdue", "takt_dead_letters"):
        assert name in text


@pytest.mark.django_db
def test_figures_ask_for_their_token(client, settings):
    settings.METRICS_TOKEN = "figures-only"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer figures-only"}).status_code == 200


def test_every_page_gets_a_nonce_of_its_own(client):
    first, second = (client.get("/healthz")["Content-Security-Policy"] for _ in range(2))
    assert first != second
    assert "default-src 'none'" in first and "frame-ancestors 'none'" in first
    assert "unsafe-eval" not in first.replace("wasm-unsafe-eval", "")


def test_passwords_are_kept_by_argon2_outside_of_tests():
    assert "argon2" in get_hashers_by_algorithm()


@pytest.mark.django_db
@pytest.mark.parametrize("alias", ["default", "owner", "portal"])
def test_the_logins_of_the_plant_pass_the_start_up_check(alias):
    assert checks.login_problem(alias) is None


@pytest.mark.django_db(transaction=True)
def test_a_superuser_may_not_serve(servers_up, settings, django_db_blocker):
    connection = checks.connections["default"]
    login = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = "postgres"
    try:
        assert "superuser" in checks.login_problem("default")
        with pytest.raises(ImproperlyConfigured, match="row-level security would not apply"):
            checks.refuse_unsafe_start()
    finally:
        connection.close()
        connection.settings_dict["USER"] = login


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DEBUG", True, "DEBUG"),
        ("SECRET_KEY", "short", "shorter than 50"),
        ("ALLOWED_HOSTS", ["*"], "no exact host"),
        ("SESSION_COOKIE_SECURE", False, "not Secure"),
        ("SECURE_SSL_REDIRECT", False, "not redirected"),
        ("SESSION_ENGINE", "django.contrib.sessions.backends.cache", "outside the database"),
    ],
)
def test_production_refuses_each_broken_rule(settings, name, value, reason):
    good = {
        "PRODUCTION": True,
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": ["plant.example"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
    }
    for key, setting in good.items():
        setattr(settings, key, setting)
    assert checks.production_is_closed(None) == []
    setattr(settings, name, value)
    (finding,) = checks.production_is_closed(None)
    assert reason in finding.msg


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:20080", 200),
        ("[::1]:20080", 200),
        ("192.168.1.7", 200),
        ("LocalHost:20080", 200),
        ("takt.localhost", 200),
        (socket.gethostname(), 200),
        ("evil.example:20080", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example", 400),
    ],
)
def test_a_demo_answers_only_to_addresses_and_its_own_names(host, status):
    answer = Client(headers={"host": host}).get("/healthz")
    assert answer.status_code == status
    assert status == 200 or "TAKT_HOSTS" in answer.content.decode()


def test_a_host_named_in_the_settings_is_answered(settings):
    settings.OWN_HOSTS = [*settings.OWN_HOSTS, "plant.example"]
    assert Client(headers={"host": "plant.example"}).get("/healthz").status_code == 200
