"""Clients of the API: one a role, with a token each."""

import json

import pytest
from django.test import Client

from forms_engine.access import policy, services
from forms_engine.access.actor import Actor
from forms_engine.core import entity as nouns

SYSTEM = Actor.system("test")


@pytest.fixture(autouse=True)
def fresh_catalogue():
    nouns.entities_forget()
    policy.cache_forget()
    yield
    nouns.entities_forget()
    policy.cache_forget()


class Api:
    """A caller with a token; answers are (status, body)."""

    def __init__(self, secret: str | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Token {secret}"} if secret else {}

    def ask(self, method, path, body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method,
            path if path.startswith("/") else f"/api/v1/{path}",
            "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body),
            content_type="application/json",
            headers={**self.headers, **sent},
        )

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, body or {}, **headers)

    def patch(self, path, body, **headers):
        return self.ask("PATCH", path, body, **headers)


@pytest.fixture
def api(db):
    """Return a maker of callers: `api("planner", [grants])`, `api(None)` = nobody."""

    def make(role, grants=(), scopes=(), **more):
        if role is None:
            return Api(None)
        services.role_define(actor=SYSTEM, key=role, label=role)
        services.grants_set(actor=SYSTEM, role=role, grants=grants)
        name = f"{role}-{len(more)}-{more.get('supplier_id', '')}"
        user = services.user_create(
            actor=SYSTEM, username=name, password="a-long-password", roles=[role], **more
        )
        caller = Api(services.token_create(actor=SYSTEM, user=user, scopes=scopes)[1])
        caller.user = user
        return caller

    return make


@pytest.fixture
def admin(api):
    return api("admin", [{"entity": "*", "actions": ["*"]}])
