"""Log in, log out, language, theme: what belongs to the person at the screen."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from forms_engine.access.actor import Actor, actor_of, user_actor
from forms_engine.access.limits import TooMany, count_hit, hit_take_back, limit_login, login_succeeded
from forms_engine.access.selectors import role_labels, sample_logins
from forms_engine.access.services import own_password_change, user_preference_set
from forms_engine.access.walls import walls
from forms_engine.base import db
from forms_engine.forms.guard import open_to_all, signed_in
from forms_engine.journal.services import entry_write
from forms_engine.kernel.errors import ErrorList
from forms_engine.kernel.text import Text as T
from forms_engine.packages.selectors import home_of, menu_entries

WRONG = T("Name or password is wrong.", "用户名或密码错误。")
PASSWORD_ACTION = "access.password.change"  # noqa: S105 - the key of what was done
PASSWORDS = {
    "old": T("Current password", "当前密码"),
    "new": T("New password", "新密码"),
    "again": T("New password again", "再次输入新密码"),
}
THEMES = ("auto", "light", "dark")


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Return where to go next, on this site only."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return fallback


@open_to_all
@never_cache
def login_page(request: HttpRequest) -> HttpResponse:
    """Name and password; in the demo one click on a sample person."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(safe_next(request, "/"))
    error, status = None, 200
    name = request.POST.get("username", "").replace("\0", "")  # PostgreSQL holds no NUL
    address = request.META.get("REMOTE_ADDR", "")
    if request.method == "POST":
        password = request.POST.get("password", "")
        sample = request.POST.get("sample", "").replace("\0", "")
        try:
            limit_login(username=name or sample, address=address)
            if sample and settings.PROFILE != "production":
                name, password = sample, settings.SAMPLE_PASSWORD
            user = authenticate(request, username=name, password=password)
        except TooMany as many:
            user, error, status = None, many.in_language(translation.get_language()), 429
        if user is not None:
            login(request, user)
            login_succeeded(username=name, address=address)
            language = user_actor(user).language
            response = HttpResponseRedirect(safe_next(request, "/"))
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", httponly=True)
            return response
        if error is None:
            error, status = str(WRONG), 422
    samples = sample_logins() if settings.PROFILE != "production" else []
    context = {"error": error, "name": name, "next": safe_next(request, "/"), "samples": samples}
    return render(request, "web/login.html", context, status=status)


@require_POST
@open_to_all
def logout_now(request: HttpRequest) -> HttpResponse:
    """End the session."""
    # Django tells of a log-out before it deletes the session: sockets that asked in between would stay open.
    with db.atomic():
        logout(request)
    return HttpResponseRedirect("/login")


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Go to the page a role starts its day with."""
    actor = actor_of(request)
    return HttpResponseRedirect("/portal/" if actor.is_outside else home_of(menu_entries(actor), actor))


@open_to_all
@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Switch between Chinese and English; kept for the person and in this browser."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request, "/"))
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=31_536_000, samesite="Lax", httponly=True
        )
        if request.user.is_authenticated:
            user_preference_set(user_id=request.user.pk, language=wanted)
    return response


@signed_in
@require_POST
def theme_set(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system."""
    wanted = request.POST.get("theme", "")
    if wanted in THEMES:
        user_preference_set(user_id=request.user.pk, theme=wanted)
    return HttpResponse(status=204)


@signed_in
def me(request: HttpRequest) -> HttpResponse:
    """Who am I here, and what may I do; my own password."""
    actor, errors = actor_of(request), []
    if request.method == "POST":
        try:
            _password_change(request, actor)
        except ErrorList as refusal:
            errors = [
                {
                    "field_id": f"w-{one.field}",
                    "label": str(PASSWORDS[one.field]),
                    "message": one.in_language(translation.get_language()),
                }
                for one in refusal.errors
            ]
        except TooMany as many:
            errors = [{"message": many.in_language(translation.get_language())}]
        else:
            messages.success(
                request,
                _("Password changed. You are logged out everywhere else and your API tokens have ended."),
            )
            return HttpResponseRedirect("/me")
    language = translation.get_language() or "en"
    context = {
        "actor": actor,
        "roles": role_labels(actor, language),
        "language": get_language_info(request.user.language)["name_local"],
        "errors": errors,
    }
    return render(request, "web/me.html", context, status=422 if errors else 200)


def _password_change(request: HttpRequest, actor: Actor) -> None:
    """Change the password of the person at the screen; this session stays, all others and all tokens end.

    The suppliers' login of the database may not touch accounts: the plant writes it, in the person's name.
    """
    count_hit(f"password:{actor.user_id}", limit=5, seconds=900)
    hand = replace(actor, kind="system", supplier_id=None, roles=frozenset(), is_admin=False)
    with walls(hand, request_id=getattr(request, "id", "") or "", action=PASSWORD_ACTION):
        user = own_password_change(
            actor=actor,
            old=request.POST.get("old", ""),
            new=request.POST.get("new", ""),
            again=request.POST.get("again", ""),
        )
        entry_write(actor=actor, action=PASSWORD_ACTION, records=[("access.user", user.pk)])
    hit_take_back(f"password:{actor.user_id}", seconds=900)
    update_session_auth_hash(request, user)
