"""Who sits behind a socket, asked again and again: sessions end, links are revoked, roles taken away."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.parse import parse_qs

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore

from forms_engine.access.actor import Actor, user_actor
from forms_engine.access.selectors import link_actor


class Identity(Protocol):
    """Somebody who may listen as long as `actor` finds him."""

    def actor(self) -> Actor | None: ...


@dataclass(frozen=True)
class BySession:
    """A person who has logged in."""

    user_id: Any
    session_key: str

    def actor(self) -> Actor | None:
        """Return the person with today's roles; None after log-out, expiry, a new password or a block."""
        user = get_user(SimpleNamespace(session=SessionStore(self.session_key)))
        return user_actor(user) if user.is_authenticated and user.pk == self.user_id else None


@dataclass(frozen=True)
class ByLink:
    """The holder of a signed link (`/ws/?link=…`): a supplier's phone without a log-in."""

    secret: str

    def actor(self) -> Actor | None:
        """Return whom the link stands for; None when it has ended or was revoked."""
        found = link_actor(self.secret)
        return found[1] if found else None


def identity_of(scope: dict[str, Any]) -> Identity | None:
    """Return who opens a socket: his session's cookie counts, else a link in the address; None = nobody."""
    user, session = scope.get("user"), scope.get("session")
    if user is not None and user.is_authenticated and session is not None and session.session_key:
        return BySession(user.pk, session.session_key)
    secret = parse_qs(scope.get("query_string", b"").decode("latin1")).get("link", [""])[0]
    return ByLink(secret) if secret else None
