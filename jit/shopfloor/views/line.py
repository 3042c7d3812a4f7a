"""The line: choose or scan a work order, report good and scrap, see what the line side still holds."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from forms_engine.access import policy
from forms_engine.access.actor import Actor, actor_of
from forms_engine.core.entity import entity
from forms_engine.core.run import action_run
from forms_engine.forms.guard import plant_only
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.quantity import number_text
from forms_engine.kernel.text import Text as T
from jit.catalog.label_code import LabelFault, label_read, label_write
from jit.catalog.label_picture import label_picture
from jit.shopfloor import selectors
from jit.shopfloor.models import WorkOrder
from jit.shopfloor.selectors import LineOrder

NOUN = "shopfloor.workorder"
VERBS = ("start", "pause", "finish", "release")
WANTED = T("Scan a work order.", "请扫描工单。")
REFUSALS = (403, 409, 422)
#: What one press of the quick button adds.
PLUS = 10


def _order(request: HttpRequest, pk: UUID) -> tuple[Actor, WorkOrder]:
    actor = actor_of(request)
    found = selectors.order_seen(actor, pk)
    if found is None:
        raise Http404
    return actor, found


def _key(request: HttpRequest) -> str:
    """The mark of this one intent; it was made when the form was drawn, so ten presses report once."""
    return (request.POST.get("idempotency_key") or str(new_id()))[:80]


def _said(response: HttpResponse, tone: str, words: T | str) -> HttpResponse:
    response["HX-Trigger"] = json.dumps({"scan-result": {"tone": tone, "text": str(words)}})
    return response


@plant_only
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The orders that run, as big cards, and the scan box."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity(NOUN))
    return render(request, "shopfloor/line.html", {"orders": selectors.orders_running(actor)})


@plant_only
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """The cards alone, read again whenever an order changes."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity(NOUN))
    return render(request, "shopfloor/_orders.html", {"orders": selectors.orders_running(actor)})


@plant_only
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """A work order's label or number opens its page; anything else is told what was expected."""
    actor = actor_of(request)
    code = request.POST.get("code", "").strip()[:512]
    number, words = code, T("There is no work order %(code)s.", "没有工单 %(code)s。", code=code[:60])
    try:
        label = label_read(code)
    except LabelFault as fault:
        if fault.reason != "foreign":
            number, words = "", T("The label was read wrongly. Scan again.", "标签误读，请重扫。")
    else:
        number = label.values.get("work_order", "")
        if label.kind != "W":
            words = T("This is no work order.", "这不是工单。")
    found = selectors.order_of_code(actor, number) if number else None
    if found is not None:
        target = reverse("line:order", args=[found.pk])
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(target)
        answer = _said(HttpResponse(), "ok", T("Work order %(n)s", "工单 %(n)s", n=found.number))
        answer["HX-Redirect"] = target
        return answer
    context = {"words": words, "wanted": WANTED}
    return _said(
        render(request, "shopfloor/_refused.html", context, status=422), "short", f"{words} {WANTED}"
    )


def _context(actor: Actor, order: WorkOrder, **more: Any) -> dict[str, Any]:
    shown = selectors.order_on_line(actor, order)
    noun = entity(NOUN)
    verbs = {
        "start": order.state in (WorkOrder.State.RELEASED, WorkOrder.State.PAUSED),
        "pause": order.state == WorkOrder.State.STARTED,
        "finish": shown.is_open,
        "release": order.state in (WorkOrder.State.PLANNED, WorkOrder.State.FIRM),
    }
    return {
        "shown": shown,
        "verbs": {name: fits and policy.can(actor, f"{NOUN}.{name}", noun) for name, fits in verbs.items()},
        "may_report": shown.is_open and policy.can(actor, f"{NOUN}.report", noun),
        "may_reverse": policy.can(actor, "shopfloor.report.reverse", entity("shopfloor.report")),
        "plus": PLUS,
        "rest": number_text(shown.rest),
        "good": number_text(min(shown.rest, PLUS)),
        "scrap": "0",
        "key": str(new_id()),
        "dialog_finish": f"finish-{order.pk}",
        **more,
    }


@plant_only
@require_GET
def order(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One work order: report, line side, last reports."""
    actor, found = _order(request, pk)
    return render(request, "shopfloor/order.html", _context(actor, found))


@plant_only
@require_GET
def facts(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What changes by itself: quantities, line side, reports; the typed numbers stay as they are."""
    actor, found = _order(request, pk)
    return render(request, "shopfloor/_facts_live.html", _context(actor, found))


@plant_only
@require_POST
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Report good and scrap."""
    actor, found = _order(request, pk)
    raw = {name: request.POST.get(name, "") for name in ("good", "scrap", "scrap_reason")}
    raw["good"] = raw["good"] or "0"
    try:
        action_run(
            actor=actor,
            key=f"{NOUN}.report",
            record=pk,
            raw={**raw, "scrap": raw["scrap"] or "0"},
            idempotency_key=f"line-{_key(request)}",
        )
    except MesError as refusal:
        return _refused(request, actor, found, refusal, typed=raw)
    _, found = _order(request, pk)
    context = _context(actor, found)
    words = _reported_words(context["shown"], raw)
    tone = "risk" if context["shown"].reports[0].variances else "ok"
    return _shown(request, context, tone, words)


def _reported_words(shown: LineOrder, raw: dict[str, str]) -> T:
    short = len(shown.reports[0].variances)
    if short:
        return T(
            "Reported %(good)s. The line side held too little of %(n)s components; see the variance queue.",
            "已报 %(good)s。线边有 %(n)s 种物料账面不足，已记入差异队列。",
            good=raw["good"],
            n=short,
        )
    return T(
        "Reported: %(good)s good, %(scrap)s scrap. %(rest)s to go.",
        "已报工：合格 %(good)s，报废 %(scrap)s，还剩 %(rest)s。",
        good=raw["good"],
        scrap=raw["scrap"] or "0",
        rest=number_text(shown.rest),
    )


@plant_only
@require_POST
def do(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Start, pause, finish, release."""
    if verb not in VERBS:
        raise Http404
    actor, found = _order(request, pk)
    raw = {"reason": request.POST.get("reason", "")} if verb == "finish" else {}
    try:
        action_run(
            actor=actor, key=f"{NOUN}.{verb}", record=pk, raw=raw, idempotency_key=f"line-{_key(request)}"
        )
    except MesError as refusal:
        return _refused(request, actor, found, refusal)
    _, found = _order(request, pk)
    words = T(
        "%(n)s: %(state)s", "%(n)s：%(state)s", n=found.number, state=WorkOrder.State(found.state).label
    )
    return _shown(request, _context(actor, found), "ok", words)


@plant_only
@require_POST
def reverse_report(request: HttpRequest, pk: UUID, report_id: UUID) -> HttpResponse:
    """Take a report back; the same lots return."""
    actor, found = _order(request, pk)
    try:
        action_run(
            actor=actor,
            key="shopfloor.report.reverse",
            record=report_id,
            raw={"reason": request.POST.get("reason", "")},
            idempotency_key=f"line-reverse-{report_id}",
        )
    except MesError as refusal:
        return _refused(request, actor, found, refusal)
    _, found = _order(request, pk)
    words = T("The report was taken back.", "已冲销报工。")
    return _shown(request, _context(actor, found), "ok", words)


@plant_only
@require_GET
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The work order's card to print: scan it, and nobody types a number."""
    actor, found = _order(request, pk)
    context = {
        "order": found,
        "components": selectors.line_stock(actor, found),
        "picture": label_picture(label_write("W", work_order=found.number)),
        "confirm": label_picture("CMD:confirm"),
        "cancel": label_picture("CMD:cancel"),
    }
    return render(request, "shopfloor/card.html", context)


def _refused(
    request: HttpRequest,
    actor: Actor,
    found: WorkOrder,
    refusal: MesError,
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    """Draw the page again with what was typed and what is wrong with it."""
    _, found = _order(request, found.pk)
    faults = {error.field: str(error.message) for error in refusal.errors if error.field}
    words = " ".join(dict.fromkeys(str(error.message) for error in refusal.errors)) or str(refusal)
    more = {**(typed or {}), "faults": faults, "fault": words}
    status = refusal.status if refusal.status in REFUSALS else 422
    return _shown(request, _context(actor, found, **more), "short", words, status=status)


def _shown(
    request: HttpRequest, context: dict[str, Any], tone: str, words: T | str, status: int = 200
) -> HttpResponse:
    context |= {"tone": tone, "words": words}
    fragment = request.headers.get("HX-Request") or request.headers.get("Idempotency-Key")
    name = "shopfloor/_work.html" if fragment else "shopfloor/order.html"
    return _said(render(request, name, context, status=status), tone, words)
