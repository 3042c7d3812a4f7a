"""Every address has a declared policy and keeps it: nobody, suppliers, a planner and an administrator ask."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from forms_engine.access import services
from forms_engine.access.actor import Actor
from tests import factories

SYSTEM = Actor.system("test")
POLICIES = {"open", "signed in", "plant only", "api", "supplier's session or signed link"}
SAMPLES = {
    "key": "catalog.item",
    "verb": "archive",
    "uuid": "01900000-0000-7000-8000-000000000000",
    "slug": "plan",
    "str": "x",
    "int": "1",
    "path": "x",
}
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


def routes():
    """Return {address with sample values: view} of every address we declare."""
    found = {}

    def walk(patterns, prefix):
        for pattern in patterns:
            text = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                address = PARAMETER.sub(lambda m: SAMPLES.get(m[1] or "str", "x"), text)
                address = address.replace("^", "").replace("$", "").replace(r"\Z", "")
                address = re.sub(r"\(\?P<\w+>[^)]*\)", str(uuid.UUID(int=1)), address).replace("\\.", ".")
                found["/" + address] = pattern.callback
            else:
                walk(pattern.url_patterns, text)

    walk(get_resolver().url_patterns, "")
    return found


ROUTES = routes()
OURS = {address: view for address, view in ROUTES.items() if not address.startswith(("/static/", "/media/"))}


def policy_of(view):
    for holder in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        if getattr(holder, "takt_policy", None):
            return holder.takt_policy
    return None


def test_there_are_routes():
    assert len(OURS) > 25
    rooms = ("/api/v1/", "/e/", "/studio/", "/inbox/", "/board/", "/dock/", "/line/", "/portal/", "/s/")
    assert not [room for room in rooms if not any(address.startswith(room) for address in OURS)]


def test_every_policy_is_declared():
    assert not [address for address, view in OURS.items() if policy_of(view) not in POLICIES]


@pytest.fixture
def callers(transactional_db):
    """Return a logged-in client a kind of person."""
    grants = {
        "supplier": [{"entity": "supply.*", "actions": ["*"]}],
        "planner": [{"entity": "*", "actions": ["read"]}],
        "admin": [{"entity": "*", "actions": ["*"]}],
    }
    found = {"anon": Client(raise_request_exception=False)}
    for role, rights in grants.items():
        services.role_define(actor=SYSTEM, key=role, label=role)
        services.grants_set(actor=SYSTEM, role=role, grants=rights)
    people = {"supplier A": "supplier", "supplier B": "supplier", "planner": "planner", "admin": "admin"}
    for name, role in people.items():
        own = factories.supplier(name[-1]).pk if role == "supplier" else None
        user = services.user_create(
            actor=SYSTEM, username=name.replace(" ", "-"), roles=[role], supplier_id=own
        )
        found[name] = Client(raise_request_exception=False)
        found[name].force_login(user)
    return found


def test_every_address_answers_everybody_without_a_fault(callers):
    """A GET never fails, never shows nobody anything but open pages, and never changes anything."""
    faults, open_to_nobody = [], []
    for address, view in sorted(OURS.items()):
        for name, client in callers.items():
            answer = client.get(address)
            if answer.status_code >= 500 and not address.startswith(("/health", "/ready")):
                faults.append((address, name, answer.status_code))
            if name == "anon" and answer.status_code < 300 and policy_of(view) != "open":
                open_to_nobody.append(address)
    assert not faults
    assert not open_to_nobody


def test_exempt_words_in_an_address_open_nothing(callers):
    """A policy belongs to the view: no part of an address or query can switch it off (S7)."""
    for trick in (
        "/api/v1/catalog.item/?/login",
        "/api/v1/catalog.item/?next=/health",
        "/api//v1/catalog.item/",
    ):
        assert callers["anon"].get(trick).status_code in (301, 302, 400, 401, 403, 404)


def test_administration_is_for_administrators(callers):
    for address in ("/api/v1/admin/users/", "/api/v1/admin/grants/", "/api/v1/admin/roles/"):
        assert callers["admin"].get(address).status_code == 200
        for name in ("anon", "supplier A", "supplier B"):
            assert callers[name].get(address).status_code in (401, 403)


def test_pages_that_read_past_the_wall_refuse_suppliers(callers):
    """Screens of the plant read under its own database login: a supplier never gets as far, GET or POST."""
    rooms = ("/board/", "/dock/", "/line/", "/import/", "/inbox/")
    plant = {address for address, view in OURS.items() if policy_of(view) == "plant only"}
    theirs = {address for address in OURS if address.startswith(rooms) and policy_of(OURS[address]) != "api"}
    assert theirs <= plant and all(any(address.startswith(room) for address in plant) for room in rooms)
    for address in sorted(plant):
        for name in ("supplier A", "supplier B"):
            assert callers[name].get(address).status_code == 403, address
            assert callers[name].post(address, {"code": "x"}).status_code == 403, address
