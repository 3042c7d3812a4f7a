"""Reading for the dock: what is expected, what a label stands for, where the goods go, who waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Prefetch, Q, Value, When

from forms_engine.access import policy
from forms_engine.access.actor import Actor
from forms_engine.core.entity import entity
from forms_engine.kernel import clock
from forms_engine.kernel.quantity import number_text
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location
from jit.catalog.selectors import store_of
from jit.stock.models import HandlingUnit
from jit.stock.selectors import stock_by_place
from jit.supply.models import LineCover, Receipt, ReceiptLine, Shipment, ShipmentLine

RECEIVABLE = (
    Shipment.State.SUBMITTED,
    Shipment.State.LOADED,
    Shipment.State.DEPARTED,
    Shipment.State.ARRIVED,
    Shipment.State.RECEIVING,
)
AT_GATE = (Shipment.State.ARRIVED, Shipment.State.RECEIVING)
#: A line whose stock ends within this time waits for the goods on the dock.
WAITS = timedelta(minutes=60)
MOST = 60


@dataclass(frozen=True)
class Way:
    """Where goods go from the dock. `minutes`: until the line stops, 0 = it has nothing left."""

    words: T
    to_line: bool
    is_waiting: bool = False
    minutes: int | None = None


@dataclass
class DockLine:
    """One line of a shipment as the dock counts it."""

    line: ShipmentLine
    rest: Decimal
    way: Way
    packages: int = 0
    packages_received: int = 0

    @property
    def rest_text(self) -> str:
        """What is still to come, as one types it."""
        return number_text(self.rest)


@dataclass
class DockShipment:
    """A shipment on the dock's screen."""

    shipment: Shipment
    lines: list[DockLine]
    packages: int
    packages_received: int
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.shipment.state in RECEIVABLE

    @property
    def ways(self) -> dict[UUID, Way]:
        """The way of each line, by the line's id."""
        return {one.line.pk: one.way for one in self.lines}

    @property
    def waiting(self) -> list[DockLine]:
        """The lines somebody waits for, the most pressing first."""
        return sorted((one for one in self.lines if one.way.is_waiting), key=lambda one: one.way.minutes or 0)

    @property
    def good(self) -> list[ReceiptLine]:
        """The receipt lines with good pieces, the newest first."""
        found = [line for receipt in self.receipts for line in receipt.lines.all()]
        return sorted(
            (line for line in found if line.blocked_quantity < line.counted_quantity),
            key=lambda line: line.created_at,
            reverse=True,
        )

    @property
    def differences(self) -> list[ReceiptLine]:
        return [line for receipt in self.receipts for line in receipt.lines.all() if line.is_different]


def receipt_line_seen(actor: Actor, pk: UUID) -> ReceiptLine | None:
    """Return a receipt line the actor may see, with its receipt."""
    seen = policy.visible(actor, entity("supply.receiptline")).q()
    return ReceiptLine.objects.select_related("receipt", "item").filter(seen, pk=pk).first()


def shipments_expected(actor: Actor, *, until: datetime) -> list[Shipment]:
    """Return what is to come until then and what stands at the gate: at the gate first, then by arrival."""
    return list(
        Shipment.objects.filter(
            policy.visible(actor, entity("supply.shipment")).q(),
            Q(state__in=AT_GATE) | Q(arrives_at__lt=until) | Q(arrives_at=None),
            state__in=RECEIVABLE,
        )
        .select_related("supplier", "dock")
        .prefetch_related("lines")
        .annotate(
            at_gate=Case(
                When(state__in=AT_GATE, then=Value(0)), default=Value(1), output_field=IntegerField()
            )
        )
        .order_by("at_gate", "arrives_at", "number")[:MOST]
    )


def receipts_recent(actor: Actor, *, limit: int = 8) -> list[Receipt]:
    """Return the last receipts with their lines, newest first."""
    lines = ReceiptLine.objects.select_related("item__unit", "to_location").order_by("created_at")
    return list(
        Receipt.objects.filter(policy.visible(actor, entity("supply.receipt")).q())
        .select_related("supplier", "shipment", "dock")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .order_by("-received_at")[:limit]
    )


def shipment_of_code(actor: Actor, code: str) -> Shipment | None:
    """Return the shipment of an ASN number or, if only one has it, of a supplier's delivery note."""
    seen = Shipment.objects.filter(policy.visible(actor, entity("supply.shipment")).q())
    found = seen.filter(number=code).first()
    if found is not None:
        return found
    notes = list(
        seen.filter(delivery_note=code)
        .annotate(
            done=Case(
                When(state__in=RECEIVABLE, then=Value(0)), default=Value(1), output_field=IntegerField()
            )
        )
        .order_by("done", "-created_at")[:2]
    )
    # Two suppliers may use the same number; only an open one among closed ones is clear.
    if len(notes) == 2 and notes[0].done == notes[1].done:
        return None
    return notes[0] if notes else None


def package_of_code(actor: Actor, code: str) -> HandlingUnit | None:
    """Return the announced package with that licence plate."""
    return (
        HandlingUnit.objects.filter(
            policy.visible(actor, entity("stock.handlingunit")).q(), code=code, shipment_line_id__isnull=False
        )
        .select_related("item__unit")
        .first()
    )


def shipment_on_dock(shipment_id: UUID, *, ways: Mapping[UUID, Way] | None = None) -> DockShipment:
    """Return a shipment with lines, packages, ways and receipts. Raises: Shipment.DoesNotExist.

    Args:
        ways: known already; what was just received has ended the very wait it must be carried for.
    """
    shipment = Shipment.objects.select_related("supplier", "dock", "plant").get(pk=shipment_id)
    lines = list(
        ShipmentLine.objects.select_related("item__unit", "calloff__area")
        .filter(shipment=shipment)
        .order_by("line_no")
    )
    counts = {
        row["shipment_line_id"]: row
        for row in HandlingUnit.objects.filter(shipment_line_id__in=[line.pk for line in lines])
        .exclude(state=HandlingUnit.State.VOID)
        .values("shipment_line_id")
        .annotate(all=Count("pk"), received=Count("pk", filter=~Q(state__in=("PACKED", "IN_TRANSIT"))))
        .order_by()
    }
    ways = ways if ways is not None else ways_of(lines)
    shown = [
        DockLine(
            line,
            max(line.quantity - line.received_quantity, Decimal(0)),
            ways[line.pk],
            counts.get(line.pk, {}).get("all", 0),
            counts.get(line.pk, {}).get("received", 0),
        )
        for line in lines
    ]
    receipts = Receipt.objects.filter(shipment=shipment).prefetch_related(
        Prefetch("lines", queryset=ReceiptLine.objects.select_related("item__unit", "to_location"))
    )
    return DockShipment(
        shipment,
        shown,
        sum(one.packages for one in shown),
        sum(one.packages_received for one in shown),
        list(receipts.order_by("received_at")),
    )


def ways_of(lines: Sequence[ShipmentLine]) -> dict[UUID, Way]:
    """Return where the goods of each shipment line go; lines with item and call-off area loaded."""
    areas = {line.pk: line.calloff.area for line in lines if line.calloff and line.calloff.area}
    covers = _covers((line.item_id, areas[line.pk].pk) for line in lines if line.pk in areas)
    stock = stock_by_place(location_ids={area.pk for area in areas.values()})
    now = clock.now()
    found: dict[UUID, Way] = {}
    for line in lines:
        area = areas.get(line.pk)
        if area is None or area.kind != Location.Kind.LINE_SIDE:
            store = area or (store_of(plant=line.shipment.plant) if line.shipment.plant else None)
            place = _place(store) if store else "–"
            found[line.pk] = Way(T("To store: %(place)s", "入库：%(place)s", place=place), to_line=False)
            continue
        key = (line.item_id, area.pk)
        found[line.pk] = _to_line(area, covers.get(key), stock.get(key, Decimal(0)), now)
    return found


def _covers(pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], LineCover]:
    wanted = set(pairs)
    rows = LineCover.objects.filter(
        item_id__in={item for item, _ in wanted}, area_id__in={area for _, area in wanted}
    )
    return {(row.item_id, row.area_id): row for row in rows}


def _to_line(area: Location, cover: LineCover | None, stock: Decimal, now: datetime) -> Way:
    """The line waits when its shelf is empty or will be within the hour (T09, T16)."""
    minutes: int | None = None
    if stock <= 0:
        minutes = 0
    elif cover is not None and cover.stock_out_at is not None and cover.stock_out_at <= now + WAITS:
        minutes = max(0, int((cover.stock_out_at - now).total_seconds() // 60))
    if minutes is None:
        words = T("To line: %(place)s", "送线边：%(place)s", place=_place(area))
        return Way(words, to_line=True)
    words = T(
        "%(line)s is waiting: straight to %(place)s",
        "%(line)s 产线等料：直接送%(place)s",
        line=area.line or area.code,
        place=_place(area),
    )
    return Way(words, to_line=True, is_waiting=True, minutes=minutes)


def _place(location: Location) -> str:
    """Name a place as it is written above the shelf."""
    name = location.name or location.code
    return f"{name} ({location.code})" if name != location.code else name


def shipment_seen(actor: Actor, shipment_id: UUID) -> Shipment | None:
    """Return a shipment the actor may see."""
    return Shipment.objects.filter(
        policy.visible(actor, entity("supply.shipment")).q(), pk=shipment_id
    ).first()


def shipment_of_package(unit: HandlingUnit, *, ways: Mapping[UUID, Way] | None = None) -> DockShipment:
    """Return the shipment that announced a package; `ways` as for `shipment_on_dock`."""
    line = ShipmentLine.objects.only("shipment_id").get(pk=unit.shipment_line_id)
    return shipment_on_dock(line.shipment_id, ways=ways)
