"""The one who acts: every service, selector and rule gets an `Actor`, never a request or a user row."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from forms_engine.base import db
from forms_engine.base.sql import execute

_ROLES = """
SELECT s.version, ARRAY(SELECT r.key FROM access_userrole ur JOIN access_role r ON r.id = ur.role_id
                        WHERE ur.user_id = %s AND r.archived_at IS NULL)
FROM access_policystamp s
"""
KINDS = ("person", "supplier", "link", "device", "system")


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a supplier's user, the holder of a signed link, a device, or the system for somebody.

    `scopes` narrows what the roles allow (a token or a link may do less than its owner): None = no narrowing,
    else patterns of action keys (`supply.calloff.*`, `read`). `record` binds a link to one record.
    `policy_version` is the version of roles and grants seen while authenticating; the cache follows it.
    """

    kind: str
    id: str
    name: str
    user_id: uuid.UUID | None = None
    supplier_id: uuid.UUID | None = None
    roles: frozenset[str] = frozenset()
    language: str = "zh-hans"
    department: str = ""
    is_admin: bool = False
    scopes: tuple[str, ...] | None = None
    record: tuple[str, uuid.UUID] | None = None
    policy_version: int = 0
    more: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of actor: {self.kind}")
        if self.kind in ("supplier", "link") and self.supplier_id is None:
            raise ValueError(f"a {self.kind} actor needs its supplier")

    @classmethod
    def system(cls, name: str = "system", *, acting_for: Actor | None = None) -> Actor:
        """Return the plant's own hand: may do everything, is journalled under `name`."""
        label = f"{name} ({acting_for.name})" if acting_for else name
        return cls(kind="system", id=f"system:{name}", name=label, is_admin=True)

    @classmethod
    def person(cls, user: Any, roles: Iterable[str], *, policy_version: int = 0) -> Actor:
        """Return the actor of a `User` row; a user of a supplier becomes a supplier actor."""
        supplier_id = user.supplier_id
        return cls(
            kind="supplier" if supplier_id else "person",
            id=str(user.pk),
            name=user.get_full_name() or user.get_username(),
            user_id=user.pk,
            supplier_id=supplier_id,
            roles=frozenset(roles),
            language=user.language,
            department=user.department,
            is_admin=bool(user.is_superuser) and supplier_id is None,
            policy_version=policy_version,
        )

    @property
    def is_outside(self) -> bool:
        """True for everybody who must stay behind the supplier wall."""
        return self.kind in ("supplier", "link") or self.supplier_id is not None

    def narrowed(self, scopes: Iterable[str] | None) -> Actor:
        """Return the same actor allowed at most `scopes`; empty or None changes nothing."""
        scopes = tuple(scopes or ())
        return replace(self, scopes=scopes) if scopes else self

    def dump(self) -> dict[str, Any]:
        """Return what events and receipts store about an actor."""
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "user_id": str(self.user_id) if self.user_id else None,
            "supplier_id": str(self.supplier_id) if self.supplier_id else None,
        }


ANONYMOUS = Actor(kind="device", id="anonymous", name="anonymous")


def user_actor(user: Any) -> Actor:
    """Return the actor of a `User` row with today's roles; one statement."""
    with db.use_alias(db.DEFAULT):
        version, roles = execute(_ROLES, [user.pk]).fetchone() or (0, [])
    return Actor.person(user, roles, policy_version=version)


def actor_of(request: Any) -> Actor:
    """Return who makes a request: whom the API or a link page has put on it, else the user, else nobody.

    Nobody is `ANONYMOUS`, who has no role and may do nothing. Looked up once a request.
    """
    actor: Actor | None = getattr(request, "takt_actor", None)
    if actor is None:
        user = getattr(request, "user", None)
        actor = user_actor(user) if user is not None and user.is_authenticated else ANONYMOUS
        request.takt_actor = actor
    return actor
