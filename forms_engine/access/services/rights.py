"""Roles, grants, tokens and signed links, and the plain making of a user."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, Q

from forms_engine.access.actor import Actor
from forms_engine.access.endings import changed
from forms_engine.access.models import AccessLink, Grant, PolicyStamp, Role, Token, User, UserRole
from forms_engine.access.secrets import LINK_PREFIX, TOKEN_PREFIX, digest_of, hint_of, secret_make
from forms_engine.access.selectors import actor_of_link, recent_forget
from forms_engine.base import db
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.text import Text


class LinkDead(MesError):
    """The link was revoked, has expired or was used up; the three answer alike."""

    code = "access.link_dead"
    status = 404


def policy_move() -> None:
    """Count the version of the rights on: something changed on which it depends who may do what."""
    PolicyStamp.objects.filter(pk=1).update(version=F("version") + 1)


@db.atomic()
def user_create(
    *,
    actor: Actor,
    username: str,
    password: str | None = None,
    roles: Iterable[str] = (),
    supplier_id: uuid.UUID | None = None,
    **more: Any,
) -> User:
    """Make a user with roles. `more`: first_name, language, department, email, is_superuser."""
    user = User(username=username, supplier_id=supplier_id, **more)
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    user_roles_set(actor=actor, user=user, roles=roles)
    return user


@db.atomic()
def user_roles_set(*, actor: Actor, user: User, roles: Iterable[str]) -> None:
    """Give a user exactly these roles.

    Raises:
        MesError: a role that does not exist, or no longer.
    """
    wanted = set(roles)
    found = {role.key: role for role in Role.objects.filter(key__in=wanted, archived_at=None)}
    if missing := sorted(wanted - found.keys()):
        raise MesError(
            Text("There is no role “%(key)s”.", "没有角色“%(key)s”。", key=missing[0]),
            code="access.role_unknown",
        )
    UserRole.objects.filter(user=user).exclude(role__key__in=wanted).delete()
    UserRole.objects.bulk_create(
        [UserRole(user=user, role=role) for role in found.values()], ignore_conflicts=True
    )
    recent_forget()
    changed(str(user.pk))


@db.atomic()
def role_define(*, actor: Actor, key: str, label: Text | Mapping[str, str] | str) -> Role:
    """Make a role, rename it or bring it back; idempotent."""
    words = Text.of(label).dump()
    role, _ = Role.objects.update_or_create(key=key, defaults={"label": words, "archived_at": None})
    recent_forget()
    return role


@db.atomic()
def grants_set(*, actor: Actor, role: str, grants: Iterable[Mapping[str, Any]]) -> int:
    """Replace all grants of a role; equal ones stay untouched. Returns how many the role has now.

    A grant is {entity, actions, condition="", hidden_fields=[], read_only_fields=[]}.
    """
    row = Role.objects.get(key=role)
    present = {_grant_key(g): g for g in Grant.objects.filter(role=row)}
    wanted = [
        Grant(
            role=row,
            entity=g["entity"],
            actions=list(g.get("actions") or ["read"]),
            condition=g.get("condition") or "",
            hidden_fields=list(g.get("hidden_fields") or ()),
            read_only_fields=list(g.get("read_only_fields") or ()),
        )
        for g in grants
    ]
    keys = {_grant_key(g) for g in wanted}
    if stale := [g.pk for key, g in present.items() if key not in keys]:
        Grant.objects.filter(pk__in=stale).delete()
    fresh = {_grant_key(g): g for g in wanted if _grant_key(g) not in present}
    Grant.objects.bulk_create(fresh.values())
    recent_forget()
    return len(keys)


def _grant_key(grant: Grant) -> tuple[Any, ...]:
    return (
        grant.entity,
        tuple(grant.actions),
        grant.condition,
        tuple(grant.hidden_fields),
        tuple(grant.read_only_fields),
    )


@db.atomic()
def token_create(
    *,
    actor: Actor,
    user: User,
    name: str = "",
    scopes: Iterable[str] = (),
    expires_at: dt.datetime | None = None,
) -> tuple[Token, str]:
    """Make a token; returns the row and the secret, which is shown once and never stored."""
    secret = secret_make(TOKEN_PREFIX)
    token = Token.objects.create(
        user=user,
        name=name,
        digest=digest_of(secret),
        hint=hint_of(secret),
        scopes=list(scopes),
        expires_at=expires_at,
    )
    return token, secret


def token_revoke(*, actor: Actor, token: Token) -> None:
    """Stop a token; the next request with it is refused."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.real_now())
    recent_forget()


def tokens_end(*, actor: Actor, user: User) -> None:
    """Stop every token of a user: whoever held his password may have made one."""
    Token.objects.filter(user=user, revoked_at=None).update(revoked_at=clock.real_now())
    recent_forget()


def token_note_use(token_id: uuid.UUID) -> None:
    """Note the last use, at most once in five minutes (the caller has looked)."""
    Token.objects.using("default").filter(pk=token_id).update(last_used_at=clock.real_now())


@db.atomic()
def link_create(
    *,
    actor: Actor,
    supplier_id: uuid.UUID,
    purpose: str,
    supplier_name: str = "",
    record: tuple[str, uuid.UUID] | None = None,
    scopes: Iterable[str] = (),
    roles: Iterable[str] = ("supplier",),
    language: str = "zh-hans",
    valid_for: dt.timedelta = dt.timedelta(days=14),
    max_uses: int | None = None,
) -> tuple[AccessLink, str]:
    """Make a signed link for a supplier; returns the row and the secret part of its address, shown once."""
    secret = secret_make(LINK_PREFIX)
    link = AccessLink.objects.create(
        digest=digest_of(secret),
        hint=hint_of(secret),
        supplier_id=supplier_id,
        supplier_name=supplier_name,
        purpose=purpose,
        entity=record[0] if record else "",
        record_id=record[1] if record else None,
        scopes=list(scopes),
        roles=list(roles),
        language=language,
        expires_at=clock.real_now() + valid_for,
        max_uses=max_uses,
        created_by=actor.user_id,
    )
    return link, secret


def link_use(*, secret: str) -> Actor:
    """Count one use of a link (call it for POSTs only) and return its actor; one statement decides.

    Raises:
        LinkDead: unknown, revoked, expired or used up, also when two uses race for the last one.
    """
    now = clock.real_now()
    links = AccessLink.objects.using("default")
    living = Q(revoked_at=None, expires_at__gt=now) & (Q(max_uses=None) | Q(uses__lt=F("max_uses")))
    digest = digest_of(secret)
    if not links.filter(living, digest=digest).update(uses=F("uses") + 1):
        raise LinkDead(Text("This link is no longer valid.", "此链接已失效。"))
    return actor_of_link(links.get(digest=digest))


def link_revoke(*, actor: Actor, link: AccessLink) -> None:
    """Stop a link at once."""
    AccessLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=clock.real_now())
    changed(actor_of_link(link).id)


def user_preference_set(*, user_id: uuid.UUID, language: str | None = None, theme: str | None = None) -> None:
    """Keep how a person wants the screen."""
    changes = {name: value for name, value in (("language", language), ("theme", theme)) if value is not None}
    if changes:
        User.objects.filter(pk=user_id).update(**changes)
