"""Who is meant: roles, persons, managers and administrators as they are today."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from forms_engine.access.models import User

ADMIN_ROLE = "admin"
MAX_PEOPLE = 200


def people_of(who: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the ids of the active people a resolved `who` names, in the order they are named, each once.

    At most `MAX_PEOPLE`: a task for everybody is a notice, not a task.
    """
    found: dict[str, None] = {}
    for item in who:
        for person in _named(item):
            found.setdefault(str(person))
    return tuple(found)[:MAX_PEOPLE]


def names_of(ids: Iterable[str | uuid.UUID | None]) -> dict[str, str]:
    """Return the names of people by id; unknown ids are left out."""
    wanted = {value for value in (_uuid(one) for one in ids) if value is not None}
    return {str(user.pk): person_name(user) for user in User.objects.filter(pk__in=wanted)}


def person_name(user: User) -> str:
    """Return how a person is called on pages."""
    return user.get_full_name() or user.get_username()


def _named(item: Mapping[str, Any]) -> Iterable[Any]:
    active = User.objects.filter(is_active=True)
    value = item.get("value")
    match item["kind"]:
        case "person":
            pk = _uuid(value)
            chosen = active.filter(pk=pk) if pk else active.filter(username=value)
            return chosen.values_list("pk", flat=True)
        case "role":
            return _in_role(str(value))
        case "manager":
            return _managers(_uuid(value), int(item.get("levels") or 1))
        case _:
            return _in_role(ADMIN_ROLE) or active.filter(is_superuser=True).values_list("pk", flat=True)


def _in_role(key: str) -> list[Any]:
    users = User.objects.filter(is_active=True, user_roles__role__key=key).order_by("username", "pk")
    return list(users.values_list("pk", flat=True).distinct())


def _managers(person: uuid.UUID | None, levels: int) -> list[Any]:
    """Return the manager n levels up; where the ladder ends sooner or is not active, nobody."""
    for _ in range(levels):
        if person is None:
            return []
        person = User.objects.filter(pk=person).values_list("manager_id", flat=True).first()
    return list(User.objects.filter(pk=person, is_active=True).values_list("pk", flat=True))


def _uuid(value: Any) -> uuid.UUID | None:
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
