"""Tell who keeps somebody's door open (the sockets) that his rights changed or ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_save

from forms_engine.access.models import User

Hear = Callable[[str], None]
_hears: list[Hear] = []


def on_changed(hear: Hear) -> None:
    """Register `f(Actor.id)`, called within the transaction that changes or ends what somebody may do."""
    if hear not in _hears:
        _hears.append(hear)


def changed(actor_id: str) -> None:
    """Say that this person or link should be asked again who he is."""
    for hear in _hears:
        hear(actor_id)


# However an account is blocked (page, shell, API), its row is saved; log-out is Django's own.


def _user_saved(instance: User, **_more: Any) -> None:
    changed(str(instance.pk))


def _logged_out(user: User | None, **_more: Any) -> None:
    if user is not None:
        changed(str(user.pk))


post_save.connect(_user_saved, sender=User, dispatch_uid="access.endings")
user_logged_out.connect(_logged_out, dispatch_uid="access.endings")
