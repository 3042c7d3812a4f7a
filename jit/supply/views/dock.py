"""The dock: scan first. One address takes every code, says in colour and words what it was, and books it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from forms_engine.access import policy
from forms_engine.access.actor import Actor, actor_of
from forms_engine.core.entity import entity
from forms_engine.core.run import action_run
from forms_engine.forms.guard import plant_only
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.quantity import number_text
from forms_engine.kernel.text import Text as T
from jit.catalog.label_code import LabelFault, label_read
from jit.catalog.label_picture import label_picture
from jit.stock.models import HandlingUnit
from jit.supply import selectors
from jit.supply.models import ReceiptLine
from jit.supply.views.counting import Typed

LONGEST = 512
WANTED = T("Scan a shipment label (ASN) or a package label.", "请扫描送货单（ASN）或箱码。")
#: A late shift sees what comes after midnight, too.
NIGHT = timedelta(hours=12)
COMMANDS = (("confirm", T("Confirm", "确认")), ("cancel", T("Cancel", "取消")))
FAULTS = {
    "version": T("This label is of a newer kind than this program knows.", "标签版本过新，无法识别。"),
    "kind": T("This kind of label is not known here.", "无法识别的标签类型。"),
    "check": T("The label was read wrongly or is damaged. Scan again.", "标签误读或损坏，请重扫。"),
}
WRONG_KIND = {
    "W": T("This is a work order; it belongs to the line.", "这是工单，请到产线报工页扫描。"),
    "L": T("This is the label of a place.", "这是库位标签。"),
    "C": T("There is nothing to confirm or cancel now.", "当前没有可确认或取消的操作。"),
}


@dataclass
class Answer:
    """What the page says after a scan: a tone, words, and the card that goes below."""

    tone: str
    words: T | str
    template: str = "supply/_refused.html"
    context: Mapping[str, Any] | None = None
    status: int = 200


def _may(actor: Actor, key: str, noun: str) -> bool:
    return policy.can(actor, key, entity(noun))


def _lists(actor: Actor) -> dict[str, Any]:
    now = clock.now().astimezone(clock.plant_zone())
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return {
        "expected": selectors.shipments_expected(actor, until=max(midnight, now + NIGHT)),
        "recent": selectors.receipts_recent(actor),
        "may_arrive": _may(actor, "supply.shipment.arrive", "supply.shipment"),
        "may_unannounced": _may(actor, "supply.receipt.unannounced", "supply.receipt"),
        "now": now,
    }


@plant_only
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The scan page with what is expected today and what came last."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity("supply.shipment"))
    return render(request, "supply/dock.html", _lists(actor))


@plant_only
@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """The two lists alone, read again whenever a shipment changes."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity("supply.shipment"))
    return render(request, "supply/_lists.html", _lists(actor))


@plant_only
@require_GET
def commands(request: HttpRequest) -> HttpResponse:
    """A sheet of command labels to hang up at the dock and the line."""
    labels = [
        {"code": f"CMD:{name}", "words": words, "picture": label_picture(f"CMD:{name}")}
        for name, words in COMMANDS
    ]
    return render(request, "supply/commands.html", {"labels": labels})


@plant_only
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """Take one code, whatever it is."""
    actor = actor_of(request)
    policy.require(actor, policy.READ, entity("supply.shipment"))
    code = request.POST.get("code", "").strip()[:LONGEST]
    return _answered(request, _scanned(actor, code, _key(request)))


def _scanned(actor: Actor, code: str, key: str) -> Answer:
    if not code:
        return Answer("short", WANTED, status=422)
    try:
        label = label_read(code)
    except LabelFault as fault:
        if fault.reason != "foreign":
            return Answer("short", FAULTS[fault.reason], context={"code": code}, status=422)
        return _plain_code(actor, code, key)
    if label.kind == "A":
        return _shipment_code(actor, label.values["shipment"]) or _unknown(label.values["shipment"])
    if label.kind == "P":
        return _package_code(actor, label.values["package"], key) or _unknown(label.values["package"])
    return Answer("short", WRONG_KIND[label.kind], context={"code": code}, status=422)


def _plain_code(actor: Actor, code: str, key: str) -> Answer:
    return _package_code(actor, code, key) or _shipment_code(actor, code) or _unknown(code)


def _unknown(code: str) -> Answer:
    words = T("%(code)s is not expected here.", "%(code)s 不在预报中。", code=code[:60])
    return Answer("short", words, context={"code": code, "is_unknown": True}, status=422)


def _shipment_code(actor: Actor, code: str) -> Answer | None:
    found = selectors.shipment_of_code(actor, code)
    if found is None:
        return None
    shown = selectors.shipment_on_dock(found.pk)
    if shown.is_open:
        words = T(
            "%(number)s: %(lines)s lines, %(packages)s packages. Count, then Receive.",
            "%(number)s：%(lines)s 行 %(packages)s 箱，清点后按「收货」。",
            number=found.number,
            lines=len(shown.lines),
            packages=shown.packages,
        )
        return Answer("ok", words, "supply/_shipment.html", _card(actor, shown))
    words = T(
        "%(number)s is %(state)s already; nothing was posted.",
        "%(number)s 已收过（%(state)s），未重复入账。",
        number=found.number,
        state=found.get_state_display(),
    )
    return Answer("risk", words, "supply/_shipment.html", _card(actor, shown))


def _package_code(actor: Actor, code: str, key: str) -> Answer | None:
    unit = selectors.package_of_code(actor, code)
    if unit is None:
        return None
    ways = selectors.shipment_of_package(unit).ways
    try:
        action_run(
            actor=actor, key="stock.handlingunit.receive", raw={"code": code}, idempotency_key=f"dock-{key}"
        )
    except MesError as refusal:
        unit = selectors.package_of_code(actor, code) or unit
        if unit.state != HandlingUnit.State.RECEIVED or refusal.status == 403:
            return _refused(refusal, code)
        words = T(
            "Received before: %(code)s. Nothing was posted.", "已收过：%(code)s，未重复入账。", code=code
        )
        return Answer("risk", words, "supply/_package.html", _package_card(actor, unit))
    unit = selectors.package_of_code(actor, code) or unit
    card = _package_card(actor, unit, ways)
    shown: selectors.DockShipment = card["shown"]
    words = T(
        "%(item)s × %(quantity)s · %(done)s/%(all)s · %(way)s",
        "%(item)s × %(quantity)s · %(done)s/%(all)s · %(way)s",
        item=unit.item.name,
        quantity=number_text(unit.quantity),
        done=shown.packages_received,
        all=shown.packages,
        way=card["way"].words,
    )
    return Answer("ok", words, "supply/_package.html", card)


def _package_card(
    actor: Actor, unit: HandlingUnit, ways: Mapping[UUID, selectors.Way] | None = None, **more: Any
) -> dict[str, Any]:
    shown = selectors.shipment_of_package(unit, ways=ways)
    mine = next(one for one in shown.lines if one.line.pk == unit.shipment_line_id)
    line = next((one for one in shown.good if one.shipment_line_id == unit.shipment_line_id), None)
    return {**_card(actor, shown), "unit": unit, "way": mine.way, "line": line, **more}


def refusal_words(refusal: MesError) -> str:
    """Say what is wrong without the names of fields: the field in question is marked on the page."""
    return " ".join(dict.fromkeys(str(error.message) for error in refusal.errors)) or str(refusal)


def _refused(refusal: MesError, code: str) -> Answer:
    return Answer("short", refusal_words(refusal), context={"code": code}, status=refusal.status)


def _card(actor: Actor, shown: selectors.DockShipment, **more: Any) -> dict[str, Any]:
    return {
        "shown": shown,
        "reasons": list(ReceiptLine.Blocked),
        "may_receive": _may(actor, "supply.shipment.receive", "supply.shipment"),
        "may_block": _may(actor, "supply.receiptline.block", "supply.receiptline"),
        "may_unannounced": _may(actor, "supply.receipt.unannounced", "supply.receipt"),
        "key": str(new_id()),
        **more,
    }


@plant_only
@require_GET
def shipment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One shipment, ready to be counted: in the page's result place, or as a page of its own."""
    actor = actor_of(request)
    found = selectors.shipment_seen(actor, pk)
    if found is None:
        raise Http404
    context = _card(actor, selectors.shipment_on_dock(pk))
    if request.headers.get("HX-Request"):
        return render(request, "supply/_shipment.html", context)
    return render(request, "supply/dock.html", {**_lists(actor), **context, "opened": True})


@plant_only
@require_POST
def receive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Receive a shipment as counted."""
    actor = actor_of(request)
    if selectors.shipment_seen(actor, pk) is None:
        raise Http404
    before = selectors.shipment_on_dock(pk)
    typed = Typed.of(request)
    try:
        action_run(
            actor=actor,
            key="supply.shipment.receive",
            record=pk,
            raw=typed.raw,
            idempotency_key=f"dock-{_key(request)}",
        )
    except MesError as refusal:
        return _answered(request, _receive_refused(actor, pk, refusal, typed, _key(request)))
    shown = selectors.shipment_on_dock(pk, ways=before.ways if before.is_open else None)
    return _answered(request, Answer(*_received_words(shown), "supply/_shipment.html", _card(actor, shown)))


def _receive_refused(actor: Actor, pk: UUID, refusal: MesError, typed: Typed, key: str) -> Answer:
    shown = selectors.shipment_on_dock(pk)
    if not shown.is_open:  # the same label from two hands: the first receipt stands
        words = T(
            "%(number)s was received before; nothing was posted.",
            "%(number)s 已收过，未重复入账。",
            number=shown.shipment.number,
        )
        return Answer("risk", words, "supply/_shipment.html", _card(actor, shown), status=409)
    more = {"typed": typed, "faults": typed.faults(refusal), "fault": refusal_words(refusal), "key": key}
    words = refusal_words(refusal)
    status = refusal.status if refusal.status in (403, 409, 422) else 422
    return Answer("short", words, "supply/_shipment.html", _card(actor, shown) | more, status=status)


def _difference_words(line: ReceiptLine) -> T:
    """Name what is different of a line: how much too few or too many, and how much of it is not good."""
    found = []
    if line.difference != ReceiptLine.Difference.NONE:
        found.append((ReceiptLine.Difference(line.difference).label, line.gap))
    if line.blocked_quantity:
        found.append((ReceiptLine.Blocked(line.blocked_reason).label, line.blocked_quantity))
    said = [(label, number_text(quantity)) for label, quantity in found]
    return T(
        ", ".join(f"{label.en} {quantity}" for label, quantity in said),
        "，".join(f"{label.zh} {quantity}" for label, quantity in said),
    )


def _received_words(shown: selectors.DockShipment) -> tuple[str, T]:
    """As announced: green; else amber with the first difference and how many more there are."""
    differences = shown.differences
    if differences:
        first = differences[0]
        more = (
            T(" and %(n)s more, see below", "，另有 %(n)s 处，见下", n=len(differences) - 1)
            if differences[1:]
            else T("", "")
        )
        words = T(
            "%(number)s received with differences: %(item)s %(difference)s%(more)s",
            "%(number)s 已收货，有差异：%(item)s %(difference)s%(more)s",
            more=more,
            number=shown.shipment.number,
            item=first.item.name,
            difference=_difference_words(first),
        )
        return "risk", words
    if shown.waiting:
        words = T(
            "%(number)s received. %(way)s",
            "%(number)s 已收货。%(way)s",
            number=shown.shipment.number,
            way=shown.waiting[0].way.words,
        )
        return "ok", words
    return "ok", T(
        "%(number)s received as announced.", "%(number)s 已按预报收货。", number=shown.shipment.number
    )


@plant_only
@require_POST
def block(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take pieces that were received as good out of usable stock."""
    actor = actor_of(request)
    line = selectors.receipt_line_seen(actor, pk)
    if line is None or line.receipt.shipment_id is None:
        raise Http404
    many, why = request.POST.get(f"blocked-{pk}", ""), request.POST.get(f"reason-{pk}", "")
    bad: dict[str, Any] = {}
    try:
        action_run(
            actor=actor,
            key="supply.receiptline.block",
            record=pk,
            raw={"quantity": many, "reason": why},
            idempotency_key=f"dock-{_key(request)}",
        )
        line.refresh_from_db()
        words = T(
            "%(item)s: %(said)s, in the quarantine now.",
            "%(item)s：%(said)s，已移入隔离区。",
            item=line.item.name,
            said=_difference_words(line),
        )
        answer = Answer("risk", words)
    except MesError as refusal:
        bad = {"line": pk, "fault": refusal_words(refusal), "many": many, "why": why}
        status = refusal.status if refusal.status in (403, 409, 422) else 422
        answer = Answer("short", bad["fault"], status=status)
    unit = selectors.package_of_code(actor, request.POST.get("unit", ""))
    if unit is not None and unit.shipment_line_id == line.shipment_line_id:
        answer.template, answer.context = (
            "supply/_package.html",
            _package_card(actor, unit, line=line, bad=bad),
        )
    else:
        shown = selectors.shipment_on_dock(line.receipt.shipment_id)
        answer.template, answer.context = "supply/_shipment.html", _card(actor, shown, bad=bad)
    return _answered(request, answer)


@plant_only
@require_POST
def arrive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The truck is at the gate."""
    actor = actor_of(request)
    action_run(actor=actor, key="supply.shipment.arrive", record=pk, idempotency_key=f"dock-{_key(request)}")
    return render(request, "supply/_lists.html", _lists(actor))


def _key(request: HttpRequest) -> str:
    """The client's mark of this one intent; a repeat or a late replay carries the same."""
    return (request.POST.get("idempotency_key") or str(new_id()))[:80]


def _answered(request: HttpRequest, answer: Answer) -> HttpResponse:
    context = dict(answer.context or {})
    context |= {"answer": answer, "wanted": WANTED}
    if "may_unannounced" not in context:
        actor = actor_of(request)
        context["may_unannounced"] = _may(actor, "supply.receipt.unannounced", "supply.receipt")
    if request.headers.get("HX-Request") or request.headers.get("Idempotency-Key"):
        response = render(request, answer.template, context, status=answer.status)
    else:  # without script the whole page comes back
        page_context = {**_lists(actor_of(request)), **context, "opened": True, "card": answer.template}
        response = render(request, "supply/dock.html", page_context, status=answer.status)
    said = {"scan-result": {"tone": answer.tone, "text": str(answer.words)}}
    response["HX-Trigger"] = json.dumps(said)
    return response
