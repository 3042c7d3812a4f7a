"""What supply does when something happened: tell suppliers, keep cumulative quantities."""

from __future__ import annotations

from uuid import UUID

from forms_engine.access.actor import Actor
from forms_engine.access.services import link_create
from forms_engine.journal.events import StoredEvent
from forms_engine.journal.subscription import subscribe
from forms_engine.kernel.text import Text as T
from forms_engine.notify.services import notify
from jit.supply.models import CallOff
from jit.supply.services import call_off, receipt


@subscribe("supply.calloff.released", name="supply.tell_supplier")
def tell_supplier(event: StoredEvent) -> None:
    """A released call-off goes to its supplier's people, and stands as sent."""
    row = CallOff.objects.filter(pk=event.record_id).first()
    if row is None:
        return
    notify(
        to=row.supplier_id,
        title=T(
            "Call-off %(number)s: %(item)s",
            "叫料 %(number)s：%(item)s",
            number=row.number,
            item=row.item_name,
        ),
        body=_words(row),
        link=_signed_link(row),
        key=f"calloff:{row.pk}:{row.revision}",
    )
    call_off.calloff_mark_sent(calloff_ids=[row.pk])


@subscribe("supply.calloff.changed", name="supply.tell_supplier_change")
def tell_supplier_change(event: StoredEvent) -> None:
    """A new version: the supplier sees the difference; a cancelled one, that it is gone."""
    row = CallOff.objects.filter(pk=event.record_id).first()
    if row is None or row.released_at is None:
        return
    cancelled = bool(event.payload.get("cancelled"))
    notify(
        to=row.supplier_id,
        title=(
            T("Cancelled: %(number)s", "已取消：%(number)s", number=row.number)
            if cancelled
            else T(
                "Changed: %(number)s %(delta)s",
                "变更：%(number)s %(delta)s",
                number=row.number,
                delta=_signed(str(event.payload.get("delta", "0"))),
            )
        ),
        body=_words(row),
        link=_signed_link(row),
        key=f"calloff:{row.pk}:{row.revision}:{row.state}",
    )
    call_off.calloff_mark_sent(calloff_ids=[row.pk])


def _signed_link(row: CallOff) -> str:
    """A link that works on a phone without an account: this supplier's pages, for two weeks, revocable."""
    supplier = row.supplier
    _, secret = link_create(
        actor=Actor.system("supply"),
        supplier_id=supplier.pk,
        supplier_name=supplier.name,
        purpose="portal",
        language=supplier.language,
    )
    return f"/s/{secret}/"


def _signed(delta: str) -> str:
    return delta if delta.startswith("-") else f"+{delta}"


def _words(row: CallOff) -> T:
    when = row.window_end.astimezone(call_off.zone_of(row))
    return T(
        "%(quantity)s %(unit)s by %(when)s at %(dock)s",
        "%(quantity)s %(unit)s，%(when)s 前送到 %(dock)s",
        quantity=f"{row.quantity.normalize():f}",
        unit=row.unit_code,
        when=when.strftime("%m-%d %H:%M"),
        dock=row.dock_name,
    )


@subscribe("supply.calloff.replied", name="supply.tell_buyer")
def tell_buyer(event: StoredEvent) -> None:
    """Anything but a plain yes goes to the buyers."""
    kind = event.payload.get("kind")
    row = CallOff.objects.select_related("supplier").filter(pk=event.record_id).first()
    if row is None or kind == "CONFIRM":
        return
    words = {"LESS": T("less", "少发"), "LATER": T("later", "改时间"), "REFUSE": T("refused", "拒绝")}
    notify(
        to="buyer",
        title=T(
            "%(supplier)s: %(kind)s, %(number)s",
            "%(supplier)s：%(kind)s，%(number)s",
            supplier=row.supplier.name,
            kind=words.get(str(kind), T(str(kind), str(kind))),
            number=row.number,
        ),
        body=T(row.reason or "–", row.reason or "–"),
        link=f"/e/supply.calloff/{row.pk}/",
        key=f"reply:{row.pk}:{row.revision}:{kind}",
    )


@subscribe("supply.shipment.departed", "supply.shipment.received", name="supply.count")
def count(event: StoredEvent) -> None:
    """Bring the agreements of a shipment up to their documents; counting twice gives the same."""
    agreements = (
        CallOff.objects.filter(pk__in=receipt.calloffs_of(shipment_id=UUID(str(event.record_id))))
        .exclude(agreement=None)
        .values_list("agreement_id", flat=True)
        .distinct()
    )
    receipt.agreement_recount(agreement_ids=list(agreements))
