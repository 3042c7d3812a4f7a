"""Who opens a page for suppliers: a supplier's user with a session, or the holder of a signed link.

Both become an `Actor` behind the supplier's wall and then run the very same views. A link's secret stays in
the front part of every address, so a phone needs no cookie to be known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from forms_engine.access.actor import Actor, actor_of
from forms_engine.access.limits import limit_link
from forms_engine.access.selectors import link_actor
from forms_engine.access.services import LinkDead, link_use
from forms_engine.forms.refusals import TITLES
from forms_engine.kernel.errors import Denied, MesError, NotFound
from forms_engine.kernel.text import Text as T
from forms_engine.web.frame import live_url
from jit.catalog.selectors import supplier_named

PURPOSE = "portal"
NO_RECORD = T("There is no such record.", "找不到该记录。")
FOR_SUPPLIERS = T("These pages are for suppliers.", "此页面仅供供应商使用。")
PAGES = (("", T("Today", "今天"), "home"), ("ship/", T("Ship", "发货"), "package-export"),
         ("shipments/", T("Notices", "送货单"), "truck"))  # fmt: skip


class LogInFirst(MesError):
    """Nobody is logged in here."""

    code = "portal.log_in"
    status = 401


@dataclass(frozen=True)
class Portal:
    """The visitor of a page: who he is, and where his addresses begin (`/portal/` or `/s/<secret>/`)."""

    actor: Actor
    base: str
    secret: str | None
    code: str
    name: str

    @property
    def topics(self) -> str:
        """The live topics that concern this supplier."""
        return f"supply.calloff@{self.actor.supplier_id} supply.shipment@{self.actor.supplier_id}"


View = Callable[..., HttpResponse]


def portal_actor(request: HttpRequest, secret: str | None, *, counts: bool) -> Actor:
    """Return who asks; `counts` notes one use of the link (for what changes something, never for a GET).

    Raises:
        LogInFirst, Denied: no session, or one of the plant's own people.
        LinkDead: unknown, revoked, expired and used up alike. TooMany: guessing.
    """
    if secret is None:
        if not request.user.is_authenticated:
            raise LogInFirst(T("Please log in.", "请先登录。"))
        actor = actor_of(request)
        if not actor.is_outside:
            raise Denied(FOR_SUPPLIERS)
        return actor
    found = link_actor(secret, purpose=PURPOSE)
    if found is None:
        limit_link(address=request.META.get("REMOTE_ADDR", ""))
        raise LinkDead(T("This link is no longer valid.", "此链接已失效。"))
    actor = link_use(secret=secret) if counts else found[1]
    request.takt_actor = actor  # type: ignore[attr-defined] - what else asks in this request gets the same
    return actor


def portal_page(*, counts: bool | None = None) -> Callable[[View], View]:
    """Make a view `f(request, portal, …)` of both prefixes; refusals become pages in the design.

    Args:
        counts: whether a call uses up a link; None = when the method is POST.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, secret: str | None = None, **more: Any) -> HttpResponse:
            uses = request.method == "POST" if counts is None else counts
            try:
                actor = portal_actor(request, secret, counts=uses)
                _speak(request, actor)
                portal = _portal(actor, secret)
                request.portal = portal  # type: ignore[attr-defined]
                response = view(request, portal, **more)
            except LogInFirst:
                response = _to_log_in(request)
            except Http404:
                response = refused(request, NotFound(NO_RECORD), secret)
            except MesError as refusal:
                response = refused(request, refusal, secret)
            return _discreet(response, secret)

        guarded.takt_policy = "supplier's session or signed link"  # type: ignore[attr-defined]
        return guarded

    return wrap


def shown(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a page or fragment with the visitor and the frame of these pages."""
    portal: Portal = request.portal  # type: ignore[attr-defined]
    more = {"portal": portal, "frame": _frame(request, portal), **(context or {})}
    return render(request, template, more, status=status)


def refused(request: HttpRequest, refusal: MesError, secret: str | None) -> HttpResponse:
    """Return the page of a refusal; a dead link tells nothing but that."""
    dead = isinstance(refusal, LinkDead)
    status = 404 if dead else refusal.status
    context = {
        "dead": dead,
        "title": str(T("This link has ended", "链接已失效") if dead else TITLES.get(status, TITLES[500])),
        "message": refusal.in_language(translation.get_language()),
        "incident": getattr(request, "id", ""),
        "base": "" if dead else f"/s/{secret}/" if secret else "/portal/",
        "frame": {"theme": "auto"},
    }
    name = "portal/_refused.html" if request.headers.get("HX-Request") else "portal/refused.html"
    return render(request, name, context, status=status)


def _portal(actor: Actor, secret: str | None) -> Portal:
    # The supplier's own master row; behind the wall no master data can be read at all.
    code, name = supplier_named(supplier_id=actor.supplier_id) if actor.supplier_id else ("", "")
    base = f"/s/{secret}/" if secret else "/portal/"
    return Portal(actor, base, secret, code, name or actor.name)


def _speak(request: HttpRequest, actor: Actor) -> None:
    """Use the language of the link or person unless this browser chose another one."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and actor.language in dict(settings.LANGUAGES):
        translation.activate(actor.language)
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]


def _frame(request: HttpRequest, portal: Portal) -> dict[str, Any]:
    path = request.path
    live = live_url(request)
    bottom = [
        {
            "url": portal.base + tail,
            "label": str(label),
            "icon": icon,
            "active": path == portal.base if not tail else path.startswith(portal.base + tail),
        }
        for tail, label, icon in PAGES
    ]
    if portal.secret:
        return {
            "theme": "auto",
            "bottom": bottom,
            "language_url": f"{portal.base}language",
            "live_url": f"{live}?link={quote(portal.secret)}",
        }
    return {
        "theme": request.user.theme,
        "theme_url": "/me/theme",
        "bottom": bottom,
        "live_url": live,
        "logout_url": "/logout",
    }


def _to_log_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = "/login"
        return answer
    return HttpResponseRedirect(f"/login?next={quote(request.get_full_path())}")


def _discreet(response: HttpResponse, secret: str | None) -> HttpResponse:
    """Keep a link out of search engines, referrers and shared caches."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "private, no-store"
    if secret:
        response["Referrer-Policy"] = "no-referrer"
    return response
