"""What is called off: look, say yes, less, later or no."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forms_engine.core.run import action_run
from forms_engine.kernel.errors import Conflict, MesError, NotFound
from forms_engine.kernel.text import Text as T
from jit.portal import selectors
from jit.portal.access import Portal, portal_page, shown
from jit.portal.cards import Card, by_day
from jit.portal.words import refusal_words

FORMS = ("less", "later", "refuse")
ANSWERS = ("confirm", *FORMS, "see")
DONE = {
    "confirm": T("%(number)s confirmed", "%(number)s 已确认"),
    "less": T("%(number)s: less, sent to the buyer", "%(number)s 少发已回复采购"),
    "later": T("%(number)s: later, sent to the buyer", "%(number)s 改时间已回复采购"),
    "refuse": T("%(number)s refused, sent to the buyer", "%(number)s 拒绝已回复采购"),
    "see": T("%(number)s noted", "%(number)s 已知悉"),
}
MEANWHILE = T(
    "%(number)s was answered or changed meanwhile; it now stands at “%(state)s”.",
    "%(number)s 刚刚已被处理，现为“%(state)s”。",
)
MOST_AT_ONCE = 100


def _wanted(request: HttpRequest) -> str:
    name = request.GET.get("show", "today")
    return name if name in selectors.FILTERS else "today"


@portal_page()
@require_safe
def today(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Call-offs in time order. Reading notes nothing: the page itself posts what it has shown."""
    name, after = _wanted(request), request.GET.get("after") or None
    if any(request.GET.getlist("writing")):
        # Somebody fills in a form: a bar above the list, never the list anew under his fingers.
        response = shown(request, "portal/_news.html", {"show": name})
        response["HX-Retarget"], response["HX-Reswap"] = "#news", "innerHTML"
        return response
    cards, following = selectors.calloffs_page(portal.actor, name, after)
    context: dict[str, Any] = {
        "show": name,
        "days": by_day(cards),
        "following": following,
        "is_first": after is None,
        "unseen": [card.id for card in cards if card.is_new],
        "answerable": [card for card in cards if card.may_answer],
    }
    if request.headers.get("HX-Target") == "more":
        return shown(request, "portal/_cards.html", context)
    context["counts"] = selectors.counts(portal.actor)
    context["tabs"] = [
        (key, str(label), context["counts"]["open"] if key == "open" else None)
        for key, label in selectors.FILTERS.items()
    ]
    fragment = request.headers.get("HX-Target") == "today"
    return shown(request, "portal/_today.html" if fragment else "portal/today.html", context)


@portal_page()
@require_http_methods(["GET", "HEAD", "POST"])
def calloff(request: HttpRequest, portal: Portal, pk: uuid.UUID, verb: str) -> HttpResponse:
    """GET opens the form of an answer, POST gives it."""
    if request.method == "POST":
        return answer(request, portal, pk, verb)
    return card_shown(request, portal, pk, verb)


@portal_page()
@require_safe
def card(request: HttpRequest, portal: Portal, pk: uuid.UUID) -> HttpResponse:
    """One card, closed."""
    return card_shown(request, portal, pk, "")


def card_shown(request: HttpRequest, portal: Portal, pk: uuid.UUID, verb: str) -> HttpResponse:
    """One card, closed or with the form of an answer open."""
    found = selectors.calloff_card(portal.actor, pk)
    if verb and (verb not in FORMS or not found.may_answer):
        raise Http404
    found.verb = verb
    return shown(request, "portal/_card.html", {"card": found})


def answer(request: HttpRequest, portal: Portal, pk: uuid.UUID, verb: str) -> HttpResponse:
    """Say it; the card comes back as it now stands, or with what is wrong beside the field."""
    if verb not in ANSWERS:
        raise Http404
    before = selectors.calloff_card(portal.actor, pk)
    try:
        _answer(request, portal, before, verb, request.POST)
    except NotFound:
        raise
    except MesError as refusal:
        found = selectors.calloff_card(portal.actor, pk)
        found.verb = verb if verb in FORMS and found.may_answer else ""
        found.errors = refusal_words(refusal)
        if refusal.status == 409 and not found.may_answer:
            # Another phone, or the buyer, was faster: say what stands, not what may not be done.
            gone = MEANWHILE.with_params(number=found.row["number"], state=found.word)
            found.errors = {"": [str(gone)]}
        found.typed = request.POST
        found.key = request.POST.get("key") or found.key
        return shown(request, "portal/_card.html", {"card": found}, status=refusal.status)
    found = selectors.calloff_card(portal.actor, pk)
    words = str(DONE[verb].with_params(number=found.row["number"]))
    found.done = words
    response = shown(request, "portal/_card.html", {"card": found})
    response["HX-Trigger"] = json.dumps({"toast": {"text": words, "tone": "ok"}})
    response["HX-Trigger-After-Settle"] = "calloffs-changed"
    return response


def _answer(request: HttpRequest, portal: Portal, before: Card, verb: str, typed: Mapping[str, Any]) -> None:
    raw: dict[str, Any] = {}
    if verb != "see":
        # The version on the screen: an answer to what is no longer asked for is refused.
        raw["revision"] = typed.get("revision") or before.row["revision"]
    if verb in FORMS:
        raw["reason"] = (typed.get("reason") or typed.get("words") or "").strip()
    if verb == "less":
        raw["quantity"] = typed.get("quantity", "")
    if verb == "later":
        raw["promised_at"] = typed.get("delay") or typed.get("promised_at", "")
    key = typed.get("key")
    action_run(
        actor=portal.actor,
        key=f"{selectors.CALLOFF}.{verb}",
        record=before.id,
        raw=raw,
        idempotency_key=f"{key}:{verb}" if key else None,
        request_id=getattr(request, "id", ""),
    )


@portal_page()
@require_POST
def confirm_all(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Confirm the shown call-offs; each is its own answer, and what cannot be confirmed says why."""
    done, problems = 0, []
    for one, revision, key in _marked(request):
        try:
            found = selectors.calloff_card(portal.actor, one)
            _answer(request, portal, found, "confirm", {"revision": revision, "key": key})
            done += 1
        except MesError as refusal:
            problems.append(refusal.in_language(translation.get_language()))
    words = str(T("%(n)s confirmed", "已确认 %(n)s 单", n=done))
    tone = "ok"
    if problems:
        words, tone = f"{words} · {problems[0]}", "risk"
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"toast": {"text": words, "tone": tone}, "calloffs-changed": ""})
    return response


def _marked(request: HttpRequest) -> list[tuple[uuid.UUID, str, str]]:
    """Return (call-off, version seen, key) of every card the page showed; anything odd is left out."""
    marked = []
    for text in request.POST.getlist("card")[:MOST_AT_ONCE]:
        parts = text.split(":")
        if len(parts) == 3 and (pk := _uuid(parts[0])) is not None:
            marked.append((pk, parts[1], parts[2]))
    return marked


@portal_page(counts=False)
@require_POST
def seen(request: HttpRequest, portal: Portal) -> HttpResponse:
    """Note that these cards stood on somebody's screen; the page posts it, a mail scanner does not.

    No use of the link is counted: looking is not answering.
    """
    ids = [pk for text in request.POST.getlist("id")[:MOST_AT_ONCE] if (pk := _uuid(text)) is not None]
    for found in selectors.calloffs_waiting(portal.actor, ids):
        if found.is_new:
            # Somebody was faster, or the buyer changed it meanwhile: the others are seen all the same.
            with suppress(Conflict):
                action_run(
                    actor=portal.actor,
                    key=f"{selectors.CALLOFF}.see",
                    record=found.id,
                    request_id=getattr(request, "id", ""),
                )
    return HttpResponse(status=204)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
