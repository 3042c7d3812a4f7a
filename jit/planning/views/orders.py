"""Planned orders: a list in which a planner fixes one, and the same for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_engine.access import policy
from forms_engine.access.actor import Actor, actor_of
from forms_engine.api.requests import answered, endpoint
from forms_engine.core.entity import entity
from forms_engine.forms.guard import plant_only
from forms_engine.kernel.errors import Denied
from forms_engine.kernel.text import Text as T
from jit.planning.selectors.orders import KINDS, OrderList, orders_dump, orders_planned

NOUN = "planning.firmorder"


def _found(request: HttpRequest) -> OrderList:
    asked = request.GET
    return orders_planned(
        item=asked.get("q", "").replace("\x00", "").strip()[:100],
        kind=asked.get("kind", ""),
        only_firm=asked.get("firm") == "1",
        after=asked.get("after", ""),
    )


def _page_url(request: HttpRequest, after: str) -> str:
    """Return the address of a page of the same search; after "" = the first."""
    asked = request.GET.copy()
    asked.pop("after", None)
    if after:
        asked["after"] = after
    return f"?{asked.urlencode()}"


@plant_only
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """What the last run proposes and what was fixed, the soonest need first."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity(NOUN))
    found = _found(request)
    context = {
        "found": found,
        "rows": [{"order": row, "firm": found.firm.get(row.pk)} for row in found.rows],
        "next_url": _page_url(request, found.after) if found.after else "",
        "first_url": _page_url(request, "") if request.GET.get("after") else "",
        "search": request.GET.get("q", ""),
        "kind": request.GET.get("kind", ""),
        "kinds": KINDS.items(),
        "only_firm": request.GET.get("firm") == "1",
        "may_firm": policy.can(actor, f"{NOUN}.firm", entity(NOUN)),
        "may_unfirm": policy.can(actor, f"{NOUN}.unfirm", entity(NOUN)),
        "may_make": policy.can(actor, f"{NOUN}.make", entity(NOUN)),
    }
    return render(request, "planning/orders.html", context)


def orders_get(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET the planned orders; `q`, `kind`, `firm=1` narrow them, `after` of one answer gets the next."""
    if actor.is_outside:
        raise Denied(T("This page is for people of the plant.", "此页面仅供工厂内部人员使用。"))
    policy.require(actor, policy.READ, entity(NOUN))
    return answered(orders_dump(_found(request)))


orders_json = endpoint(GET=orders_get)
