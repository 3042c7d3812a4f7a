"""My shipment notices: print their labels, let the truck leave, see what the dock counted."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from forms_engine.core.run import action_run
from forms_engine.kernel import clock
from forms_engine.kernel.errors import MesError, NotFound
from forms_engine.kernel.ids import new_id
from forms_engine.kernel.text import Text as T
from jit.portal import selectors
from jit.portal.access import NO_RECORD, Portal, portal_page, shown
from jit.portal.cards import local
from jit.portal.label_pdf import SIZES, labels_pdf
from jit.portal.words import refusal_words
from jit.supply.labels import labels_of

#: A part is drawn in well under two seconds; longer notices come in parts.
PART = 200
DONE = {
    "depart": T("%(number)s has left", "%(number)s 已发车"),
    "cancel": T("%(number)s taken back", "%(number)s 已撤销"),
}


@portal_page()
@require_safe
def shipment_list(request: HttpRequest, portal: Portal) -> HttpResponse:
    """All notices, newest first."""
    deliveries, following = selectors.shipments_page(portal.actor, request.GET.get("after") or None)
    fragment = request.headers.get("HX-Target") == "more"
    name = "portal/_shipments.html" if fragment else "portal/shipments.html"
    return shown(request, name, {"deliveries": deliveries, "following": following})


@portal_page()
@require_safe
def shipment(request: HttpRequest, portal: Portal, pk: uuid.UUID) -> HttpResponse:
    """One notice with its packages."""
    found = selectors.shipment_delivery(portal.actor, pk)
    name = (
        "portal/_shipment.html" if request.headers.get("HX-Target") == "shipment" else "portal/shipment.html"
    )
    return shown(request, name, _context(portal, found))


@portal_page()
@require_POST
def depart(request: HttpRequest, portal: Portal, pk: uuid.UUID) -> HttpResponse:
    """The truck has left; what is known of its journey by now, an empty field leaves what the notice says."""
    names = ("plate", "driver_phone", "arrives_at", "departed_at")
    journey = {name: request.POST.get(name, "") for name in names}
    # A phone that found no network says when the truck left, unless the driver did.
    journey["departed_at"] = journey["departed_at"] or request.POST.get("happened_at", "")
    return _done(request, portal, pk, "depart", journey)


@portal_page()
@require_POST
def cancel(request: HttpRequest, portal: Portal, pk: uuid.UUID) -> HttpResponse:
    """Take the notice back; its call-offs are open again, its labels void."""
    return _done(request, portal, pk, "cancel", {})


@portal_page()
@require_safe
def labels(request: HttpRequest, portal: Portal, pk: uuid.UUID) -> HttpResponse:
    """The labels as PDF: `?size=a4|single&part=1`."""
    if not selectors.shipment_delivery(portal.actor, pk).may_print:
        raise Http404
    size, part = request.GET.get("size", SIZES[0]), request.GET.get("part", "1")
    if size not in SIZES or not part.isdecimal() or not 1 <= int(part) <= 1000:
        raise Http404
    first = (int(part) - 1) * PART
    found = labels_of(actor=portal.actor, shipment_id=pk, supplier_code=portal.code, first=first, most=PART)
    if first and not found.packages:
        raise Http404
    body = labels_pdf(found, supplier=portal.name, size=size, with_notice=first == 0)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.number}-{size}-{part}.pdf"'
    return response


def _done(
    request: HttpRequest, portal: Portal, pk: uuid.UUID, verb: str, raw: dict[str, Any]
) -> HttpResponse:
    before = selectors.shipment_delivery(portal.actor, pk)
    if before.is_shared:
        raise NotFound(NO_RECORD)
    key = request.POST.get("key")
    errors: dict[str, list[str]] = {}
    status = 200
    try:
        action_run(
            actor=portal.actor,
            key=f"{selectors.SHIPMENT}.{verb}",
            record=pk,
            raw=raw,
            idempotency_key=f"{key}:{verb}" if key else None,
            request_id=getattr(request, "id", ""),
        )
    except NotFound:
        raise
    except MesError as refusal:
        errors, status = refusal_words(refusal), refusal.status
    context = _context(portal, selectors.shipment_delivery(portal.actor, pk))
    context["errors"] = [word for words in errors.values() for word in words]
    response = shown(request, "portal/_shipment.html", context, status=status)
    if not errors:
        words = str(DONE[verb].with_params(number=before.row["number"]))
        response["HX-Trigger"] = json.dumps({"toast": {"text": words, "tone": "ok"}})
    return response


def _context(portal: Portal, found: selectors.Delivery) -> dict[str, Any]:
    plates = []
    if found.may_print:
        read = labels_of(
            actor=portal.actor, shipment_id=found.row["id"], supplier_code=portal.code, most=PART
        )
        plates = read.packages
    parts = range(1, -(-found.packages // PART) + 1)
    at = found.row["arrives_at"]
    return {
        "delivery": found,
        "plates": plates,
        "parts": list(parts),
        "key": str(new_id()),
        "arrives_at": f"{local(at):%Y-%m-%dT%H:%M}" if at and at > clock.now() else "",
    }
