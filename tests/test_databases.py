"""The test ground itself: three logins, real walls, clean slates."""

import os

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone


@pytest.mark.parametrize(
    ("alias", "login"), [("default", "app_rw"), ("owner", "app_owner"), ("portal", "app_portal")]
)
@pytest.mark.django_db
def test_each_alias_logs_in_as_itself_and_without_super_powers(alias, login):
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = session_user")
        assert cursor.fetchone() == (login, False, False)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_a_committing_test_leaves_is_gone_for_the_next(turn):
    assert not Session.objects.exists()
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE made_at_run_time (id int)")
    Session.objects.create(session_key=f"turn{turn}", session_data="", expire_date=timezone.now())
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_the_portal_login_cannot_become_more_than_it_is():
    with connections["portal"].cursor() as cursor:
        cursor.execute("SELECT pg_has_role('app_supplier', 'USAGE'), pg_has_role('app_supplier', 'SET')")
        assert cursor.fetchone() == (True, False)
        cursor.execute("SELECT has_table_privilege('app_portal', 'django_session', 'SELECT')")
        assert cursor.fetchone() == (False,)


def test_this_process_holds_no_pool_and_servers_of_its_own(settings):
    """However the suite was started: a pool would hold the database while it is cloned."""
    assert settings.SETTINGS_MODULE == "tests.settings"
    assert "pool" not in settings.DATABASES["default"]["OPTIONS"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    assert settings.DATA_FOLDER.name == (worker or "test")
