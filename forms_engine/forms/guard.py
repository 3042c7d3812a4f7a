"""Who may open a page: every view says so by its decorator, and a test reads it off all addresses (I30)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from forms_engine.forms.refusals import error_response

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Ask for a log-in first; refusals of services become pages in the design."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if request.headers.get("HX-Request"):
                answer = HttpResponse(status=401)
                answer["HX-Redirect"] = "/login"
                return answer
            return HttpResponseRedirect(f"/login?next={quote(request.get_full_path())}")
        return error_response(request, lambda: view(request, *args, **more))

    guarded.takt_policy = "signed in"  # type: ignore[attr-defined]
    return guarded


def open_to_all(view: View) -> View:
    """A page anybody may open (log-in, language, signed links that check themselves)."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        return error_response(request, lambda: view(request, *args, **more))

    opened.takt_policy = "open"  # type: ignore[attr-defined]
    return opened
