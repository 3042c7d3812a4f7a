"""Pack what was promised: choose call-offs of one dock, say quantity, lot and packages, get the notice."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from forms_engine.core.run import action_run
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.ids import new_id
from jit.portal import selectors
from jit.portal.access import Portal, portal_page, shown
from jit.portal.cards import Card, boxes, local, plain
from jit.portal.selectors import Dock
from jit.portal.words import refusal_words

PARTS = ("quantity", "lot", "expires", "packages")
JOURNEY = ("delivery_note", "carrier", "plate", "driver_phone", "arrives_at")
#: Lines on one page: what a form may send at once, and what a phone can bear.
MOST = 240
TRANSIT, LONGEST = timedelta(minutes=60), timedelta(days=7)


@dataclass
class Packing:
    """One call-off on the packing page: what the fields hold, what was wrong with them."""

    card: Card
    picked: bool
    quantity: str
    lot: str = ""
    expires: str = ""
    packages: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def usual_packages(self) -> int:
        """Packages by pack size, as they come if the field stays empty."""
        return boxes(selectors.rest_of(dict(self.card.row)), self.card.row["pack_quantity"])


@portal_page()
@require_http_methods(["GET", "HEAD", "POST"])
def ship(request: HttpRequest, portal: Portal) -> HttpResponse:
    """GET shows what may be packed for a dock, page by page; POST makes the notice and goes to its page."""
    docks = selectors.docks_to_ship(portal.actor)
    given = request.POST if request.method == "POST" else request.GET
    dock = next((d for d in docks if str(d.id) == given.get("dock")), docks[0] if docks else None)
    if request.method == "POST":
        return _announced(request, portal, docks, dock)
    after = request.GET.get("after") or None
    cards, following = selectors.cards_to_ship(portal.actor, dock.id, after) if dock else ([], None)
    if request.headers.get("HX-Target") == "more":
        context = {"packings": [_packing(card, None) for card in cards], "dock": dock}
        return shown(request, "portal/_packings.html", context | _more(following, _number(given)))
    arrival = _arrival(min(cards, key=lambda card: card.due_at)) if cards and not after else None
    packings = [_packing(card, arrival) for card in cards]
    journey = {
        "carrier": selectors.last_carrier(portal.actor) if dock else "",
        "arrives_at": arrival_usual([one.card for one in packings if one.picked] or cards[:1]),
    }
    return _page(request, docks, dock, packings, {}, journey, _more(following, len(cards)))


def _announced(request: HttpRequest, portal: Portal, docks: list[Dock], dock: Dock | None) -> HttpResponse:
    typed = request.POST
    picked = [text for text in typed.getlist("pick") if _is_id(text)]
    lines = [_line(pk, typed) for pk in picked]
    key = typed.get("key")
    raw = {name: typed.get(name, "") for name in JOURNEY} | {"lines": lines}
    try:
        made = action_run(
            actor=portal.actor,
            key=f"{selectors.SHIPMENT}.announce",
            raw=raw,
            idempotency_key=f"{key}:ship" if key else None,
            request_id=getattr(request, "id", ""),
        )
    except MesError as refusal:
        errors = refusal_words(refusal)
        at = {pk: index for index, pk in enumerate(picked)}
        seen = [uuid.UUID(text) for text in (*typed.getlist("card"), *picked) if _is_id(text)]
        cards = selectors.cards_again(portal.actor, list(dict.fromkeys(seen))[:MOST])
        packings = [_typed(card, typed, at, errors) for card in cards]
        more = _more(typed.get("after") or None, len(cards))
        return _page(request, docks, dock, packings, errors, typed, more, status=refusal.status)
    address = f"{portal.base}shipments/{made.record_id}/"
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = address
        return answer
    return HttpResponseRedirect(address)


def _line(pk: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    # Nothing typed for packages = by pack size, which the service knows as 0.
    line = {
        "calloff": pk,
        "quantity": typed.get(f"quantity-{pk}", ""),
        "lot_code": typed.get(f"lot-{pk}", ""),
        "packages": typed.get(f"packages-{pk}", "").strip() or "0",
    }
    expires = typed.get(f"expires-{pk}", "").strip()
    if expires:
        line["expires_at"] = f"{expires}T23:59" if len(expires) == 10 else expires
    return line


def _arrival(first: Card) -> tuple[datetime, date]:
    """Return when a truck with the most urgent call-off would be there, and the day that one is due."""
    return _arrives([first]), local(first.due_at).date()


def _packing(card: Card, arrival: tuple[datetime, date] | None) -> Packing:
    """Chosen is what the truck with the most urgent call-off can bring: due that day, and its window has
    opened when the truck is there. What a later truck brings is one tap away."""
    picked = arrival is not None and (card.opens_at <= arrival[0] and local(card.due_at).date() <= arrival[1])
    return Packing(card, picked, plain(selectors.rest_of(dict(card.row))))


def arrival_usual(cards: list[Card]) -> str:
    """Return when a truck with these call-offs will be there if it leaves now, plant time, for the input.

    Not before the first window opens; transit is what the plan allowed from shipping to the window's end.
    """
    if not cards:
        return ""
    at = _arrives(cards)
    return f"{local(at + timedelta(seconds=-at.timestamp() % 300)):%Y-%m-%dT%H:%M}"


def _arrives(cards: list[Card]) -> datetime:
    spans = [card.row["window_end"] - card.row["ship_at"] for card in cards if card.row["ship_at"]]
    transit = min(max([*spans, TRANSIT]), LONGEST)
    return max(clock.now() + transit, min(card.opens_at for card in cards))


def _more(following: str | None, shown_so_far: int) -> dict[str, Any]:
    """A page holds at most `MOST` lines; what comes after them begins a new one."""
    return {"following": following, "shown": shown_so_far, "anew": shown_so_far + selectors.PACK_PAGE > MOST}


def _number(given: Mapping[str, str]) -> int:
    text = given.get("shown", "")
    return (int(text) if text.isdecimal() and len(text) < 5 else 0) + selectors.PACK_PAGE


def _typed(
    card: Card, typed: Mapping[str, Any], at: Mapping[str, int], errors: Mapping[str, list[str]]
) -> Packing:
    pk = str(card.id)
    values = {part: typed.get(f"{part}-{pk}", "") for part in PARTS}
    mine = {}
    if pk in at:
        head = f"lines.{at[pk]}."
        mine = {path[len(head) :]: words for path, words in errors.items() if path.startswith(head)}
    return Packing(card, pk in at, values["quantity"], values["lot"], values["expires"],
                   values["packages"], mine)  # fmt: skip


def _page(
    request: HttpRequest,
    docks: list[Dock],
    dock: Dock | None,
    packings: list[Packing],
    errors: Mapping[str, list[str]],
    journey: Mapping[str, str],
    more: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    at_a_field = ("lines.", *JOURNEY)
    context = {
        "docks": docks,
        "dock": dock,
        "packings": packings,
        "errors": [
            words for path, said in errors.items() if not path.startswith(at_a_field) for words in said
        ],
        "has_errors": bool(errors),
        "journey": {name: journey.get(name, "") for name in JOURNEY},
        "faults": {name: errors.get(name, []) for name in JOURNEY},
        "key": request.POST.get("key") or str(new_id()),
        **more,
    }
    name = "portal/_ship.html" if request.headers.get("HX-Target") == "ship" else "portal/ship.html"
    return shown(request, name, context, status=status)


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
