"""Short makers of the nouns that tests need; every default is a thing that could exist in a plant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from forms_engine.access.actor import Actor
from jit.catalog.models import (
    Bom,
    BomLine,
    Item,
    Location,
    Plant,
    Routing,
    RoutingOperation,
    SourcingRule,
    Supplier,
    Unit,
    WorkCalendar,
    WorkCentre,
    WorkShift,
)
from jit.stock.models import Posting
from jit.stock.services import stock_count
from jit.supply.models import Agreement, CallOff, ControlCycle
from jit.supply.services import call_off

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: The day F0 is set in: a Monday without a holiday.
DAY = datetime(2026, 11, 23, tzinfo=SHANGHAI)


def at(hour: int, minute: int = 0, day: datetime = DAY) -> datetime:
    """Return an instant of the F0 day, plant time."""
    return day.replace(hour=hour, minute=minute).astimezone(UTC)


def system() -> Actor:
    """The plant's own hand."""
    return Actor.system("test")


def calendar(code: str, start: time, end: time, weekdays: range = range(7)) -> WorkCalendar:
    """A calendar open from `start` to `end` on the given weekdays."""
    made = WorkCalendar.objects.create(code=code, name=code)
    WorkShift.objects.bulk_create(
        WorkShift(calendar=made, weekday=day, start=start, end=end) for day in weekdays
    )
    return made


def unit(code: str = "PCS", decimals: int = 0) -> Unit:
    """A unit, made once per code."""
    return Unit.objects.get_or_create(code=code, defaults={"name": code, "decimals": decimals})[0]


def plant(code: str = "P1") -> Plant:
    """A plant in Shanghai, made once per code."""
    return Plant.objects.get_or_create(code=code, defaults={"name": f"Plant {code}"})[0]


def location(code: str, kind: Location.Kind = Location.Kind.STORE, **more: Any) -> Location:
    """A place in the plant P1."""
    return Location.objects.create(**({"code": code, "name": code, "kind": kind, "plant": plant()} | more))


def item(code: str, **more: Any) -> Item:
    """An item counted in pieces."""
    return Item.objects.create(**({"code": code, "name": f"Item {code}", "unit": unit()} | more))


def supplier(code: str = "S1", **more: Any) -> Supplier:
    """An approved supplier."""
    return Supplier.objects.create(**({"code": code, "name": f"Supplier {code}"} | more))


def bom(parent: Item, *lines: tuple[Item, Any], **more: Any) -> Bom:
    """A BOM of (component, quantity per) or (component, {column: value}) lines."""
    made = Bom.objects.create(**({"item": parent} | more))
    for number, (component, given) in enumerate(lines, start=1):
        values = given if isinstance(given, dict) else {"quantity_per": Decimal(str(given))}
        BomLine.objects.create(bom=made, line_no=number * 10, component=component, **values)
    return made


def stock(thing: Item, place: Location, quantity: Any, lot: Any = None) -> None:
    """Open the books with a quantity at a place."""
    stock_count(
        actor=system(),
        item=thing,
        location=place,
        counted=Decimal(str(quantity)),
        lot=lot,
        kind=Posting.Kind.OPENING,
    )


@dataclass
class F0:
    """The fixture of requirements.md: one line, one product, one part, one supplier, hourly windows."""

    plant: Plant
    store: Location
    line_side: Location
    dock: Location
    work_centre: WorkCentre
    product: Item
    part: Item
    supplier: Supplier
    rule: SourcingRule
    agreement: Agreement
    cycle: ControlCycle


def f0(line_stock: int = 200) -> F0:
    """Build F0: A at 60/h from 08:00 to 16:00; X 2 per A, scrap 2 %, pack 50; arrivals 09:00 to 15:00."""
    shift = calendar("SHIFT", time(8), time(16))
    hours = calendar("DOCK", time(8), time(15))
    supplier_hours = calendar("SUPPLIER", time(7), time(19))
    site = plant()
    site.calendar = shift
    store = location("STORE")
    site.store = store
    site.save(update_fields=["calendar", "store"])
    side = location("L1-A", Location.Kind.LINE_SIDE, line="L1", station="3")
    goods = location("FG")
    dock = location("D2", Location.Kind.DOCK, calendar=hours)
    centre = WorkCentre.objects.create(
        code="L1",
        name="Line 1",
        plant=site,
        calendar=shift,
        line_side=side,
        output=goods,
        units_per_hour=Decimal(60),
    )
    product = item("A", name="总成 A", mode=Item.Mode.MAKE)
    part = item("X", name="支架 X", mode=Item.Mode.JIT, criticality=Item.Criticality.A)
    bom(product, (part, {"quantity_per": Decimal(2), "scrap_ratio": Decimal("0.02"), "area": side}))
    maker = supplier(
        "S1", name="恒力五金", production_calendar=supplier_hours, shipping_calendar=supplier_hours
    )
    rule = SourcingRule.objects.create(
        item=part,
        supplier=maker,
        area=side,
        dock=dock,
        pack_quantity=Decimal(50),
        prep_minutes=60,
        transit_minutes=60,
    )
    agreement = Agreement.objects.create(number="SA-X", supplier=maker, item=part, price=Decimal("3.20"))
    cycle = ControlCycle.objects.create(
        number="CC-X",
        item=part,
        area=side,
        dock=dock,
        window_calendar=hours,
        window_minutes=60,
        cover_minutes=60,
        frozen_minutes=240,
        pack_quantity=Decimal(50),
    )
    stock(part, side, line_stock)
    return F0(site, store, side, dock, centre, product, part, maker, rule, agreement, cycle)


def routing(thing: Item, centre: WorkCentre, seconds: int) -> Routing:
    """One operation on a work centre."""
    made = Routing.objects.create(item=thing)
    RoutingOperation.objects.create(routing=made, work_centre=centre, seconds_per_unit=Decimal(seconds))
    return made


def proposal(
    built: F0, ends: datetime, quantity: int, number: str, kind: CallOff.Kind = CallOff.Kind.JIT
) -> CallOff:
    """A proposal of X for the hour before `ends`, in boxes of fifty."""
    row = call_off.calloff_built(
        call_off.CallOffDraft(
            item=built.part,
            area=built.line_side,
            supplier=built.supplier,
            dock=built.dock,
            window_start=ends - timedelta(hours=1),
            window_end=ends,
            quantity=Decimal(quantity),
            pack_quantity=Decimal(50),
            kind=kind,
        ),
        number,
    )
    row.save(force_insert=True)
    return row


def emergency(built: F0, ends: datetime, quantity: int) -> CallOff:
    """A released emergency call of X for the hour before `ends`."""
    row = call_off.calloff_emergency(
        actor=system(),
        item=built.part,
        area=built.line_side,
        supplier=built.supplier,
        dock=built.dock,
        window_start=ends - timedelta(hours=1),
        window_end=ends,
        quantity=Decimal(quantity),
        reason="line stands",
    )
    return call_off.calloff_release(actor=system(), calloff=row)
