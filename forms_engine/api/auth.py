"""Who calls: a token, or a browser session whose unsafe requests prove themselves by CSRF."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

from forms_engine.access.actor import Actor, actor_of
from forms_engine.access.limits import api_limiter, count_hit
from forms_engine.access.selectors import token_actor
from forms_engine.access.services import token_note_use
from forms_engine.api.problems import NotAuthenticated
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text

SAFE = ("GET", "HEAD", "OPTIONS")
SCHEMES = ("token", "bearer")
BAD_TOKENS = 60
WINDOW_SECONDS = 900


class _Csrf(CsrfViewMiddleware):
    """Django's check, answering with its reason instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _get_response(request: HttpRequest) -> Any:
    return None


_csrf = _Csrf(_get_response)


def authenticate(request: HttpRequest) -> Actor:
    """Return who calls; also noted on the request.

    Raises:
        NotAuthenticated: nobody, or a token that is unknown, revoked or expired.
        Denied: a session without its CSRF token.
        TooMany: over the limit of the token, or guessing tokens.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header:
        scheme, _, secret = header.partition(" ")
        use = token_actor(secret.strip()) if scheme.lower() in SCHEMES else None
        if use is None:
            address = request.META.get("REMOTE_ADDR", "")
            count_hit(f"token:{address}", limit=BAD_TOKENS, seconds=WINDOW_SECONDS)
            raise NotAuthenticated(Text("The token is not valid.", "令牌无效。"))
        api_limiter.hit(str(use.token_id))
        if use.note_use:
            token_note_use(use.token_id)
        request.takt_actor = use.actor  # type: ignore[attr-defined] - read by actor_of
        return use.actor
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        raise NotAuthenticated(Text("Please log in or send a token.", "请登录或提供令牌。"))
    if request.method not in SAFE:
        _csrf.process_request(request)
        reason = _csrf.process_view(request, None, (), {})
        if reason:
            raise Denied(Text("The CSRF token is missing.", "缺少 CSRF 校验。"), code="access.csrf")
    return actor_of(request)
