"""Reads of people and rights. They always ask the `default` login: the portal login may not see them."""

from __future__ import annotations

import functools
import time
import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from forms_engine.access.actor import ANONYMOUS, Actor, user_actor
from forms_engine.access.models import AccessLink, Grant, PolicyStamp, Role, Token, User
from forms_engine.access.secrets import digest_of
from forms_engine.base import db
from forms_engine.base.sql import execute
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text

_ACTOR_BY_DIGEST = """
SELECT u.id, u.username, u.first_name, u.last_name, u.language, u.department, u.supplier_id, u.is_superuser,
       t.id, t.scopes, t.last_used_at, s.version,
       ARRAY(SELECT r.key FROM access_userrole ur JOIN access_role r ON r.id = ur.role_id
             WHERE ur.user_id = u.id AND r.archived_at IS NULL)
FROM access_token t JOIN access_user u ON u.id = t.user_id CROSS JOIN access_policystamp s
WHERE t.digest = %s AND t.revoked_at IS NULL AND u.is_active
  AND (t.expires_at IS NULL OR t.expires_at > now())
"""


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A token that was accepted: who it stands for, and whether its last use should be noted."""

    token_id: uuid.UUID
    actor: Actor
    note_use: bool


REMEMBER_SECONDS = 1.0
"""So long a process believes what it read about a token: a revocation holds everywhere within a second."""
_recent: dict[bytes, tuple[float, TokenUse]] = {}


def recent_forget() -> None:
    """Drop what was remembered of tokens; called where this process itself changes people or rights."""
    _recent.clear()


def token_actor(secret: str) -> TokenUse | None:
    """Return the actor of a token, or None; one statement reads user, roles and policy version."""
    digest = digest_of(secret)
    known = _recent.get(digest)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    with db.use_alias(db.DEFAULT):
        row = execute(_ACTOR_BY_DIGEST, [digest]).fetchone()
    if row is None:
        return None
    use = _token_use(row)
    if len(_recent) > 1000:
        _recent.clear()
    _recent[digest] = (time.monotonic() + REMEMBER_SECONDS, replace(use, note_use=False))
    return use


def _token_use(row: Any) -> TokenUse:
    used = row[10]
    name = f"{row[2]} {row[3]}".strip() or row[1]
    actor = Actor(
        kind="supplier" if row[6] else "person",
        id=str(row[0]),
        name=name,
        user_id=row[0],
        supplier_id=row[6],
        roles=frozenset(row[12]),
        language=row[4],
        department=row[5],
        is_admin=row[7] and row[6] is None,
        scopes=tuple(row[9]) or None,
        policy_version=row[11],
    )
    return TokenUse(row[8], actor, used is None or (clock.real_now() - used).total_seconds() > 300)


def link_actor(secret: str, *, purpose: str | None = None) -> tuple[AccessLink, Actor] | None:
    """Return the link and its actor if it may still be used; never counts a use (a GET changes nothing)."""
    link = AccessLink.objects.using("default").filter(digest=digest_of(secret)).first()
    if link is None or link.revoked_at or link.expires_at <= clock.real_now():
        return None
    if link.max_uses is not None and link.uses >= link.max_uses:
        return None
    if purpose is not None and link.purpose != purpose:
        return None
    return link, actor_of_link(link)


def actor_of_link(link: AccessLink) -> Actor:
    """Return the actor a link stands for: its supplier, its roles, at most its scopes, maybe one record."""
    return Actor(
        kind="link",
        id=f"link:{link.pk}",
        name=link.supplier_name or "link",
        supplier_id=link.supplier_id,
        roles=frozenset(link.roles or ("supplier",)),
        language=link.language,
        scopes=tuple(link.scopes) or None,
        record=(link.entity, link.record_id) if link.record_id else None,
        policy_version=policy_version(),
    )


def policy_version() -> int:
    """Return the version of all roles and grants."""
    return PolicyStamp.objects.using("default").values_list("version", flat=True).get(pk=1)


def grants_all() -> tuple[int, list[dict[str, Any]]]:
    """Return the policy version and every grant of a living role; the version first: never too new."""
    version = policy_version()
    rows = (
        Grant.objects.using("default")
        .filter(archived_at=None, role__archived_at=None)
        .values("role__key", "entity", "actions", "condition", "hidden_fields", "read_only_fields")
        .order_by("role__key", "entity", "id")
    )
    return version, list(rows)


def user_list() -> QuerySet[User]:
    """Return all users for the admin API."""
    return User.objects.prefetch_related("roles").order_by("username")


def role_list() -> QuerySet[Role]:
    """Return all living roles."""
    return Role.objects.filter(archived_at=None).order_by("key")


def grant_list() -> QuerySet[Grant]:
    """Return all living grants."""
    return Grant.objects.filter(archived_at=None).select_related("role").order_by("role__key", "entity")


def token_list(*, user_id: uuid.UUID) -> QuerySet[Token]:
    """Return the tokens of a user, newest first; never the secrets."""
    return Token.objects.filter(user_id=user_id).order_by("-created_at")


def users_of_role(key: str) -> list[uuid.UUID]:
    """Return the ids of active users holding a role."""
    return list(
        User.objects.using("default")
        .filter(is_active=True, user_roles__role__key=key)
        .order_by("username")
        .values_list("pk", flat=True)
    )


def role_holders(key: str) -> QuerySet[User]:
    """Return everybody who has a role, also who is deactivated: he would come back with it."""
    return User.objects.filter(user_roles__role__key=key).order_by("username")


def users_of_supplier(supplier_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the active users of a supplier."""
    return list(
        User.objects.using("default")
        .filter(is_active=True, supplier_id=supplier_id)
        .order_by("username")
        .values_list("pk", flat=True)
    )


def actor_again(note: dict[str, Any]) -> Actor:
    """Return the actor a job or event was noted for, with the rights he has today.

    A person without an account any more, or a revoked link, may do nothing.
    """
    kind, identity = note.get("kind", ""), note.get("id", "")
    if kind == "system" or not note:
        return Actor.system(identity.partition(":")[2] or "system")
    user_id = note.get("user_id")
    if user_id:
        user = User.objects.using("default").filter(pk=user_id, is_active=True).first()
        return user_actor(user) if user is not None else ANONYMOUS
    if kind == "link":
        link = AccessLink.objects.using("default").filter(pk=identity.partition(":")[2]).first()
        if link is not None and link.revoked_at is None:
            return actor_of_link(link)
    return ANONYMOUS


def sample_logins() -> list[User]:
    """Return the demo's sample people, for one-click log-in; empty outside a demo plant."""
    names = list(getattr(settings, "SAMPLE_LOGINS", ()))
    found = {user.username: user for user in User.objects.filter(username__in=names, is_active=True)}
    return [found[name] for name in names if name in found]


def person_get(person_id: uuid.UUID) -> User | None:
    """Return a person with his roles, or None."""
    return User.objects.prefetch_related("roles").filter(pk=person_id).first()


def role_labels(actor: Actor, language: str) -> list[str]:
    """Return how the actor's roles are called in a language; a role without words keeps its key.

    Every page shows them, so they are kept under the version of all roles.
    """
    return list(_role_labels(actor.policy_version or policy_version(), actor.roles, language))


@functools.lru_cache(maxsize=256)
def _role_labels(version: int, keys: frozenset[str], language: str) -> tuple[str, ...]:
    known = dict(Role.objects.using("default").filter(key__in=keys).values_list("key", "label"))
    return tuple(Text.of(known.get(key) or key).in_language(language) for key in sorted(keys))


def person_standing(person_id: uuid.UUID) -> dict[str, str]:
    """Return what an administrator decides about a person: name, language, roles, supplier."""
    person = person_get(person_id)
    if person is None:
        return dict.fromkeys(("name", "language", "roles", "supplier"), "")
    return {
        "name": person.first_name,
        "language": person.language,
        "roles": ", ".join(sorted(role.key for role in person.roles.all())),
        "supplier": str(person.supplier_id or ""),
    }


def role_get(key: str) -> Role | None:
    """Return a living role, or None."""
    return Role.objects.filter(key=key, archived_at=None).first()


def grants_of_role(key: str) -> list[dict[str, Any]]:
    """Return the rights of a role as `grants_set` takes them, by entity."""
    rows = Grant.objects.filter(role__key=key, archived_at=None).order_by("entity", "id")
    return list(rows.values("entity", "actions", "condition", "hidden_fields", "read_only_fields"))
