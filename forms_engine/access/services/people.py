"""People by an administrator's hand: add, change, put to rest, give a new password; the end of a role; and
one's own password.

A session carries a hash of the password and is looked up with the account: a new password or a deactivated
account ends every session of that person with its next request. API tokens know nothing of the password: they
are revoked in the same transaction, for good.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import translation

from forms_engine.access.actor import Actor
from forms_engine.access.administrators import ADMIN_ROLE, SUPPLIER_ROLE
from forms_engine.access.models import Role, User
from forms_engine.access.selectors import recent_forget, role_holders
from forms_engine.access.services.rights import tokens_end, user_create, user_roles_set
from forms_engine.base import db
from forms_engine.kernel import clock
from forms_engine.kernel.errors import Conflict, ErrorList, FieldError, NotFound
from forms_engine.kernel.text import Text


class LastAdministrator(Conflict):
    """Without him nobody could give rights any more."""

    code = "access.last_administrator"


class OwnAccount(Conflict):
    """Who deactivates himself cannot undo it."""

    code = "access.own_account"


class RoleNeeded(Conflict):
    """Administrators and suppliers are told by their role: neither can end."""

    code = "access.role_needed"


class RoleHeld(Conflict):
    """Somebody has the role, perhaps as his only one."""

    code = "access.role_held"


NAMED = 8
"""So many holders a refusal names; the page of the role shows all."""


def password_problems(password: str, *, user: User, field: str = "password") -> list[FieldError]:
    """Return what the configured validators say against a password, in both languages."""
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        faults = []
        for fault in refusal.error_list:
            with translation.override("en"):
                english = str(fault.messages[0])
            with translation.override("zh-hans"):
                chinese = str(fault.messages[0])
            faults.append(FieldError(field, f"access.{fault.code}", Text(english, chinese)))
        return faults
    return []


def _name_problems(username: str) -> list[FieldError]:
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError:
        return [
            FieldError(
                "username",
                "access.username_format",
                Text(
                    "Letters, digits and @ . + - _ only, at most 150.",
                    "只能包含字母、数字和 @ . + - _，最多 150 个字符。",
                ),
            )
        ]
    if User.objects.filter(username__iexact=username).exists():
        return [
            FieldError(
                "username",
                "access.username_taken",
                Text("The log-in “%(name)s” is taken.", "登录名“%(name)s”已被使用。", name=username),
            )
        ]
    return []


def _language_problems(language: str) -> list[FieldError]:
    if language in dict(settings.LANGUAGES):
        return []
    return [
        FieldError(
            "language", "access.language_unknown", Text("There is no such language.", "没有这种语言。")
        )
    ]


def _role_problems(roles: set[str], supplier_id: uuid.UUID | None) -> list[FieldError]:
    """A supplier's log-in has the supplier role and no other; nobody of the plant has it."""
    if supplier_id is not None and roles - {SUPPLIER_ROLE}:
        words = Text(
            "A supplier's log-in has only the role of suppliers: clear the other roles.",
            "供应商的登录名只能拥有供应商角色：请取消其他角色。",
        )
        return [FieldError("roles", "access.supplier_roles", words)]
    if supplier_id is None and SUPPLIER_ROLE in roles:
        words = Text(
            "This role is for log-ins of a supplier: choose the supplier.",
            "此角色仅用于供应商的登录名：请选择供应商。",
        )
        return [FieldError("roles", "access.supplier_missing", words)]
    known = set(Role.objects.filter(key__in=roles, archived_at=None).values_list("key", flat=True))
    return [
        FieldError(
            "roles",
            "access.role_unknown",
            Text("There is no role “%(key)s”.", "没有角色“%(key)s”。", key=key),
        )
        for key in sorted(roles - known)
    ]


@db.atomic()
def person_add(
    *,
    actor: Actor,
    username: str,
    name: str,
    password: str,
    language: str,
    roles: Iterable[str] = (),
    supplier_id: uuid.UUID | None = None,
) -> User:
    """Let one more person in.

    Raises:
        ErrorList: log-in taken or malformed, weak password, unknown role or language, roles that break the
            supplier wall; all at once.
    """
    username, name, wanted = username.strip(), name.strip(), set(roles)
    _rights_lock()
    draft = User(username=username, first_name=name)
    problems = [
        *_name_problems(username),
        *password_problems(password, user=draft),
        *_language_problems(language),
        *_role_problems(wanted, supplier_id),
    ]
    if problems:
        raise ErrorList(problems)
    return user_create(
        actor=actor,
        username=username,
        password=password,
        roles={SUPPLIER_ROLE} if supplier_id else wanted,
        supplier_id=supplier_id,
        first_name=name,
        language=language,
    )


@db.atomic()
def person_update(
    *,
    actor: Actor,
    person_id: uuid.UUID,
    name: str,
    language: str,
    roles: Iterable[str],
    supplier_id: uuid.UUID | None,
) -> User:
    """Change how a person is called, what he may do and to which supplier he belongs.

    Raises:
        NotFound; ErrorList: as in `person_add`; LastAdministrator.
    """
    person, wanted = _locked(person_id), set(roles)
    if problems := [*_language_problems(language), *_role_problems(wanted, supplier_id)]:
        raise ErrorList(problems)
    person.first_name, person.language, person.supplier_id = name.strip(), language, supplier_id
    if person.is_superuser and (supplier_id is not None or ADMIN_ROLE not in wanted):
        person.is_superuser = False
    person.save(update_fields=["first_name", "language", "supplier_id", "is_superuser"])
    user_roles_set(actor=actor, user=person, roles={SUPPLIER_ROLE} if supplier_id else wanted)
    _administrator_left()
    return person


@db.atomic()
def person_deactivate(*, actor: Actor, person_id: uuid.UUID) -> User:
    """Shut a person out; his sessions and tokens end for good, what he did stays his.

    Raises:
        NotFound; OwnAccount; LastAdministrator.
    """
    person = _locked(person_id)
    if actor.user_id == person.pk:
        raise OwnAccount(Text("You cannot deactivate yourself.", "您不能停用自己的账号。"))
    person.is_active = False
    person.save(update_fields=["is_active"])
    tokens_end(actor=actor, user=person)
    _administrator_left()
    return person


@db.atomic()
def person_activate(*, actor: Actor, person_id: uuid.UUID) -> User:
    """Let a person in again, with the roles he had and no API token. Raises: NotFound."""
    person = _locked(person_id)
    person.is_active = True
    person.save(update_fields=["is_active"])
    recent_forget()
    return person


@db.atomic()
def person_password_set(*, actor: Actor, person_id: uuid.UUID, password: str) -> User:
    """Give a person another password; all his sessions and tokens end.

    Raises:
        NotFound; ErrorList: the password is weak.
    """
    person = _locked(person_id)
    if problems := password_problems(password, user=person):
        raise ErrorList(problems)
    person.set_password(password)
    person.save(update_fields=["password"])  # which ends his tokens: access/passwords.py
    return person


@db.atomic()
def own_password_change(*, actor: Actor, old: str, new: str, again: str) -> User:
    """Change one's own password; sessions elsewhere and all tokens end, the caller keeps his session alive.

    Raises:
        ErrorList: the old one is wrong, the new one is weak or not repeated alike.
    """
    person = _locked(actor.user_id)
    if not person.check_password(old):
        raise ErrorList(
            [
                FieldError(
                    "old", "access.password_wrong", Text("This is not your password.", "当前密码不正确。")
                )
            ]
        )
    problems = password_problems(new, user=person, field="new")
    if new == old:
        words = Text("The new password is the old one.", "新密码与当前密码相同。")
        problems.append(FieldError("new", "access.password_same", words))
    if new != again:
        words = Text("The two entries differ.", "两次输入不一致。")
        problems.append(FieldError("again", "access.password_differs", words))
    if problems:
        raise ErrorList(problems)
    person.set_password(new)
    person.save(update_fields=["password"])  # which ends his tokens: access/passwords.py
    return person


@db.atomic()
def role_archive(*, actor: Actor, key: str) -> Role:
    """End a role nobody has; its rights are kept, and `role_define` brings it back.

    Raises:
        NotFound; RoleNeeded: of administrators or suppliers; RoleHeld: naming who has it, also who is
            deactivated, because he would come back with it.
    """
    _rights_lock()
    role = Role.objects.select_for_update().filter(key=key, archived_at=None).first()
    if role is None:
        raise NotFound(
            Text("There is no role “%(key)s”.", "没有角色“%(key)s”。", key=key), code="access.role_unknown"
        )
    if key in (ADMIN_ROLE, SUPPLIER_ROLE):
        raise RoleNeeded(Text("This role cannot end: Takt needs it.", "此角色为系统必需，不能归档。"))
    holders = list(role_holders(key))
    if holders:
        named = [f"{one.first_name or one.username} ({one.username})" for one in holders[:NAMED]]
        raise RoleHeld(
            Text(
                "People have this role (%(count)s): %(names)s. Take it from them first.",
                "仍有 %(count)s 人拥有此角色：%(names)s。请先从这些人员处取消该角色。",
                count=len(holders),
                names=", ".join(named) + (" …" if len(holders) > NAMED else ""),
            )
        )
    role.archived_at = clock.real_now()
    role.save(update_fields=["archived_at"])
    recent_forget()
    return role


def _rights_lock() -> None:
    """Wait for whoever changes people or roles right now: of two administrators who take each other's rights
    the second is refused, and no role ends while somebody is given it."""
    list(Role.objects.select_for_update().filter(key=ADMIN_ROLE).values_list("pk", flat=True))


def _locked(person_id: uuid.UUID | None) -> User:
    """Return a person's row, locked, and before it the rights of all."""
    _rights_lock()
    person = User.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound(Text("There is no such person.", "没有这个人员。"), code="access.person_unknown")
    return person


def _administrator_left() -> None:
    free = Q(is_superuser=True) | Q(user_roles__role__key=ADMIN_ROLE, user_roles__role__archived_at=None)
    if not User.objects.filter(free, is_active=True, supplier_id=None).exists():
        raise LastAdministrator(
            Text(
                "This is the last administrator: make another one first.",
                "这是最后一位管理员：请先指定另一位管理员。",
            )
        )
