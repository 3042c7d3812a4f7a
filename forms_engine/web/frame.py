"""What stands around every page: menu, person, live link, unread messages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from forms_engine.access.actor import Actor, actor_of
from forms_engine.access.selectors import role_labels
from forms_engine.kernel.text import Text as T
from forms_engine.notify.selectors import notification_unread_count
from forms_engine.packages.selectors import menu_entries, menu_of

COMMANDS = (
    {"label": T("Log out", "退出登录"), "post": "/logout"},
    {"label": T("Dark or light", "深色或浅色"), "theme": True},
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame`, worked out only by pages that draw it."""
    return {
        "frame": SimpleLazyObject(lambda: _frame(request)),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }


def _frame(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "auto"}
    language = translation.get_language() or "en"
    groups = menu_of(menu_entries(actor), language, request.path)
    items = [item for group in groups for item in group.items]
    unread = _unread(actor)
    return {
        "menu": groups,
        "bottom": [item for item in items if item["phone"]],
        "person": {
            "name": actor.name,
            "short": actor.name[:1].upper(),
            "roles": ", ".join(role_labels(actor, language)),
            "url": "/me",
        },
        "theme": user.theme,
        "theme_url": "/me/theme",
        "language_url": "/me/language",
        "logout_url": "/logout",
        "live_url": live_url(request),
        "inbox_url": "" if actor.is_outside else "/inbox/?box=messages" if unread else "/inbox/",
        "unread": unread,
        "search_url": "/api/v1/search",
        "help_url": "/api/docs/",
        "commands": [{"label": item["label"], "url": item["url"], "icon": item["icon"]} for item in items],
    }


def live_url(request: HttpRequest) -> str:
    """Return the address of the live socket as this browser reaches it."""
    if settings.LIVE_URL:
        return str(settings.LIVE_URL)
    host = request.get_host().rsplit(":", 1)[0]
    scheme = "wss" if request.is_secure() else "ws"
    return f"{scheme}://{host}:{settings.LIVE_PORT}/ws/"


def _unread(actor: Actor) -> int:
    return notification_unread_count(user_id=actor.user_id) if actor.user_id else 0
