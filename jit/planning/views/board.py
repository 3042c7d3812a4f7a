"""Boards: call-offs by hour, the live wall, exceptions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from forms_engine.access import policy
from forms_engine.access.actor import actor_of
from forms_engine.core.entity import entity
from forms_engine.forms.guard import plant_only
from forms_engine.kernel import clock
from forms_engine.kernel.text import Text as T
from jit.planning.selectors.board import board_calls
from jit.planning.selectors.cell import board_cell
from jit.planning.selectors.exceptions import exceptions_of_last_run, warnings_of, words_of
from jit.planning.selectors.live import board_live

SPANS = (8, 12, 24, 48)
SPAN = 12
FIRST_YEAR, LAST_YEAR = 2000, 2200
LAST_MINUTE = 200_000_000  # since 1970: the year 2350
TITLE = T("Call-off board", "叫料计划板")


def plant_zone() -> ZoneInfo:
    """The plant's own clock."""
    return clock.plant_zone()


def _start(request: HttpRequest, zone: ZoneInfo) -> datetime:
    """The day asked for, or the running hour; also for what is no day a plant can have."""
    given = request.GET.get("start", "")
    try:
        start = datetime.fromisoformat(given).replace(tzinfo=zone)
    except ValueError:
        return _hour(zone)
    return start if FIRST_YEAR <= start.year <= LAST_YEAR else _hour(zone)


def _hours(request: HttpRequest) -> int:
    """How many hours the board shows: one of `SPANS`."""
    given = request.GET.get("hours", "")
    return next((span for span in SPANS if str(span) == given), SPAN)


def _hour(zone: ZoneInfo) -> datetime:
    return clock.now().astimezone(zone).replace(minute=0, second=0, microsecond=0)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@plant_only
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Items × hours with the stock line below; every state stands in the address."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity("supply.controlcycle"))
    zone = plant_zone()
    hours = _hours(request)
    start = _start(request, zone)
    found = board_calls(
        actor,
        start=start,
        hours=hours,
        zone=zone,
        search=request.GET.get("q", ""),
        supplier=_uuid(request.GET.get("supplier", "")),
        only_risk=request.GET.get("risk") == "1",
    )
    context = {
        "board": found,
        "start_text": start.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "hours": hours,
        "spans": SPANS,
        "search": request.GET.get("q", ""),
        "risk": request.GET.get("risk") == "1",
        "prev": (start - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M"),
        "next": (start + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M"),
        "may_run": policy.can(actor, "planning.planrun.start", entity("planning.planrun")),
        "may_release": policy.can(actor, "supply.calloff.release", entity("supply.calloff")),
        "breadcrumb": [{"label": str(TITLE), "url": ""}],
    }
    fragment = request.headers.get("HX-Target") == "board"
    return render(request, "planning/_calls.html" if fragment else "planning/calls.html", context)


@plant_only
@require_GET
def cell(request: HttpRequest) -> HttpResponse:
    """One cell in the drawer: its call-offs, whom they serve, what is missing."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity("supply.controlcycle"))
    item, area = _uuid(request.GET.get("item", "")), _uuid(request.GET.get("area", ""))
    at = request.GET.get("at", "")
    detail = (
        board_cell(actor, item_id=item, area_id=area, at=int(at))
        if item and area and at.isascii() and at.isdecimal() and len(at) < 10 and int(at) <= LAST_MINUTE
        else None
    )
    if detail is None:
        raise Http404
    may_release = policy.can(actor, "supply.calloff.release", entity("supply.calloff"))
    return render(request, "planning/_cell.html", {"cell": detail, "may_release": may_release})


@plant_only
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """What lasts how long, what comes when, what is late; re-read whenever something is scanned."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity("supply.linecover"))
    found = board_live(actor, zone=plant_zone())
    fragment = request.headers.get("HX-Target") == "live"
    context = {"live": found, "wall": request.GET.get("wall") == "1"}
    return render(request, "planning/_live.html" if fragment else "planning/live.html", context)


@plant_only
@require_GET
def exceptions(request: HttpRequest) -> HttpResponse:
    """What the last run could not do by itself, worst first."""
    policy.require(actor_of(request), policy.READ, entity("planning.planrun"))
    kind = request.GET.get("kind", "")
    kind = kind if kind.isidentifier() else ""
    run, rows = exceptions_of_last_run(kind=kind)
    language = translation.get_language() or "en"
    context = {
        "run": run,
        "kind": kind,
        "rows": [{"row": row, **words_of(row, language)} for row in rows],
        "warnings": warnings_of(run),
    }
    return render(request, "planning/exceptions.html", context)
