"""Who may open a page: every view says so by its decorator, and a test reads it off all addresses (I30)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from forms_engine.access.actor import actor_of
from forms_engine.core.entity import entities_current
from forms_engine.forms.refusals import error_response
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text as T

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
        entities_current()  # a field published by another process belongs on this very page
        return error_response(request, lambda: view(request, *args, **more))

    guarded.takt_policy = "signed in"  # type: ignore[attr-defined]
    return guarded


def plant_only(view: View) -> View:
    """Ask for a log-in of the plant; suppliers are refused before anything is read.

    For pages that read by the ORM: they run under the plant's database login, where row-level security does
    not stand behind `visible()`. What a supplier may see has its own pages behind both walls.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if actor_of(request).is_outside:
            raise Denied(T("This page is for people of the plant.", "此页面仅供工厂内部人员使用。"))
        return view(request, *args, **more)

    opened = signed_in(guarded)
    opened.takt_policy = "plant only"  # type: ignore[attr-defined]
    return opened


def open_to_all(view: View) -> View:
    """A page anybody may open (log-in, language, signed links that check themselves)."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        return error_response(request, lambda: view(request, *args, **more))

    opened.takt_policy = "open"  # type: ignore[attr-defined]
    return opened
