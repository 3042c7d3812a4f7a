"""People, tokens and signed links."""

import datetime as dt
import io
import uuid

import pytest
from django.core.management import call_command
from django.test import Client

from forms_engine.access import services
from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.models import Token
from forms_engine.access.selectors import link_actor, token_actor
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError

SYSTEM = Actor.system("test")
pytestmark = pytest.mark.django_db


def make_planner(name="wang"):
    services.role_define(actor=SYSTEM, key="planner", label={"en": "Planner", "zh": "计划员"})
    return services.user_create(actor=SYSTEM, username=name, password="a-long-password", roles=["planner"])


def test_a_user_knows_his_roles():
    assert user_actor(make_planner()).roles == {"planner"}


def test_a_role_that_does_not_exist_is_refused():
    with pytest.raises(MesError) as refused:
        services.user_create(actor=SYSTEM, username="li", roles=["nobody"])
    assert refused.value.code == "access.role_unknown"


def test_a_token_stands_for_its_user_and_is_never_stored():
    user = make_planner()
    token, secret = services.token_create(actor=SYSTEM, user=user, scopes=["read"])
    use = token_actor(secret)
    assert use.actor.user_id == user.pk and use.actor.roles == {"planner"} and use.actor.scopes == ("read",)
    assert secret.startswith("takt_") and secret.encode() not in bytes(token.digest)


def test_a_password_changed_by_the_command_ends_sessions_and_tokens(monkeypatch):
    """`manage.py changepassword`: the way back in for who runs the machine must shut out whoever was in."""
    user, other = make_planner(), make_planner("li")
    _, secret = services.token_create(actor=SYSTEM, user=user)
    _, kept = services.token_create(actor=SYSTEM, user=other)
    browser = Client()
    browser.force_login(user)
    assert token_actor(secret) is not None and browser.get("/me").status_code == 200
    monkeypatch.setattr("getpass.getpass", lambda prompt: "another-long-password")
    call_command("changepassword", "wang", stdout=io.StringIO())
    assert token_actor(secret) is None and token_actor(kept) is not None
    assert browser.get("/me")["Location"].startswith("/login")
    assert Client().login(username="wang", password="another-long-password")


def test_a_stronger_hash_of_the_same_password_ends_no_token(settings):
    user = make_planner()
    _, secret = services.token_create(actor=SYSTEM, user=user)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert user.check_password("a-long-password")
    user.refresh_from_db()
    assert user.password.startswith("pbkdf2") and token_actor(secret) is not None


@pytest.mark.parametrize("change", ["revoked", "expired", "inactive", "wrong"])
def test_a_dead_token_is_nobody(change):
    user = make_planner()
    token, secret = services.token_create(actor=SYSTEM, user=user)
    if change == "revoked":
        services.token_revoke(actor=SYSTEM, token=token)
    elif change == "expired":
        Token.objects.filter(pk=token.pk).update(expires_at=clock.real_now() - dt.timedelta(seconds=1))
    elif change == "inactive":
        user.is_active = False
        user.save()
    else:
        secret += "x"
    assert token_actor(secret) is None


def test_a_link_is_its_supplier_and_wears_out():
    supplier = uuid.uuid4()
    _, secret = services.link_create(actor=SYSTEM, supplier_id=supplier, purpose="calloffs", max_uses=1)
    assert link_actor(secret)[1].supplier_id == supplier
    assert link_actor(secret, purpose="other") is None
    assert services.link_use(secret=secret).supplier_id == supplier
    assert link_actor(secret) is None
    with pytest.raises(services.LinkDead):
        services.link_use(secret=secret)


def test_looking_at_a_link_never_uses_it():
    _, secret = services.link_create(actor=SYSTEM, supplier_id=uuid.uuid4(), purpose="calloffs", max_uses=1)
    for _ in range(5):
        assert link_actor(secret) is not None


def test_a_revoked_link_is_dead_at_once():
    link, secret = services.link_create(actor=SYSTEM, supplier_id=uuid.uuid4(), purpose="calloffs")
    services.link_revoke(actor=SYSTEM, link=link)
    assert link_actor(secret) is None
