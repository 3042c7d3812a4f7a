"""The demo plant: a factory of drive units with its suppliers, calendars, BOM and opening stock."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

from forms_engine.access.actor import Actor
from forms_engine.base import db
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
from jit.supply.models import Agreement, ControlCycle

#: What the line makes; the demo runs round the clock, so that it lives whenever somebody looks.
#: The customer, how much of a shift's output he orders (the rest covers scrap), and how soon he fetches it.
CUSTOMER = "远途汽车"
ORDERED = Decimal("0.9")
FETCHED_AFTER = timedelta(hours=2)
UNITS_PER_HOUR = 45
SHIFT_HOURS = 8
ROUND_THE_CLOCK = ((0, 8), (8, 16), (16, 24))
#: code, name, contact, phone
SUPPLIERS = (
    ("HL", "恒力五金", "刘恒", "13800010001"),
    ("DS", "东升电机", "何东", "13800010002"),
    ("JX", "精信轴承", "钱信", "13800010003"),
    ("YT", "亿通线束", "马亿", "13800010004"),
    ("RF", "瑞丰包装", "冯瑞", "13800010005"),
)
#: code, name, mode, supplier, quantity per unit, scrap, pack, line stock, store stock, price, area
PARTS = (
    ("ZJ-100", "支架", "JIT", "HL", "2", "0.02", "50", "500", "0", "3.20", "L1-A"),
    ("DJ-220", "驱动电机", "JIT", "DS", "1", "0", "20", "260", "0", "86.00", "L1-A"),
    ("ZC-305", "轴承", "JIT", "JX", "4", "0.01", "100", "1050", "0", "2.10", "L1-B"),
    ("XS-410", "线束", "JIT", "YT", "1", "0.01", "40", "280", "0", "11.50", "L1-B"),
    ("KT-500", "壳体", "JIT", "HL", "1", "0.005", "30", "75", "0", "24.00", "L1-A"),
    ("LS-M6", "螺钉 M6", "BATCH", "HL", "12", "0.03", "1000", "0", "60000", "0.05", ""),
    ("ZX-700", "纸箱", "BATCH", "RF", "1", "0.01", "100", "0", "4000", "1.80", ""),
)


def plant_make(*, actor: Actor) -> Supplier:
    """Make the plant if it is not there; returns the supplier of the sample log-in."""
    with db.atomic():
        known = Supplier.objects.filter(code="HL").first()
        if known is not None and Plant.objects.filter(code="SH1").exists():
            return known
        return _made(actor)


def _calendar(code: str, name: str, *shifts: tuple[int, int]) -> WorkCalendar:
    row = WorkCalendar.objects.create(code=code, name=name)
    WorkShift.objects.bulk_create(
        WorkShift(calendar=row, weekday=day, start=time(start), end=time(end % 24))
        for day in range(7)
        for start, end in shifts
    )
    return row


def _made(actor: Actor) -> Supplier:
    shift = _calendar("SHIFT", "三班 24 小时", *ROUND_THE_CLOCK)
    dock_hours = _calendar("DOCK", "收货 24 小时", *ROUND_THE_CLOCK)
    outside = _calendar("SUPPLIER", "供应商三班", *ROUND_THE_CLOCK)
    by_day = _calendar("OFFICE", "供应商 06–22", (6, 22))
    plant = Plant.objects.create(code="SH1", name="上海一厂", calendar=shift)
    place = {
        code: Location.objects.create(code=code, name=name, kind=kind, plant=plant, line=line, calendar=hours)
        for code, name, kind, line, hours in (
            ("CK", "主仓库", Location.Kind.STORE, "", None),
            ("CP", "成品库", Location.Kind.STORE, "", None),
            ("L1-A", "一线前段", Location.Kind.LINE_SIDE, "一线", shift),
            ("L1-B", "一线后段", Location.Kind.LINE_SIDE, "一线", shift),
            ("D1", "1号码头", Location.Kind.DOCK, "", dock_hours),
            ("D2", "2号码头", Location.Kind.DOCK, "", dock_hours),
        )
    }
    plant.store = place["CK"]
    plant.save(update_fields=["store"])
    line = WorkCentre.objects.create(
        code="L1",
        name="一线",
        plant=plant,
        calendar=shift,
        line_side=place["L1-A"],
        output=place["CP"],
        units_per_hour=Decimal(60),
    )
    pieces = Unit.objects.create(code="件", name="件")
    product = Item.objects.create(
        code="QD-1000",
        name="驱动总成",
        unit=pieces,
        mode=Item.Mode.MAKE,
        criticality=Item.Criticality.A,
        group="成品",
        standard_cost=Decimal("260"),
    )
    routing = Routing.objects.create(item=product)
    RoutingOperation.objects.create(routing=routing, work_centre=line, seconds_per_unit=Decimal(60))
    suppliers = {
        code: Supplier.objects.create(
            code=code,
            name=name,
            contact=contact,
            phone=phone,
            production_calendar=by_day if code == "RF" else outside,
            shipping_calendar=by_day if code == "RF" else outside,
        )
        for code, name, contact, phone in SUPPLIERS
    }
    bom = Bom.objects.create(item=product)
    for number, row in enumerate(PARTS, start=1):
        _part(actor, bom, number, row, pieces, place, suppliers)
    return suppliers["HL"]


def _part(
    actor: Actor,
    bom: Bom,
    number: int,
    row: tuple[str, ...],
    unit: Unit,
    place: dict[str, Location],
    suppliers: dict[str, Supplier],
) -> None:
    code, name, mode, maker, per, scrap, pack, at_line, in_store, price, area = row
    item = Item.objects.create(
        code=code,
        name=name,
        unit=unit,
        mode=mode,
        group="外购件",
        standard_cost=Decimal(price),
        criticality=Item.Criticality.A if mode == "JIT" else Item.Criticality.C,
        safety_stock=Decimal(0) if mode == "JIT" else Decimal(pack),
    )
    BomLine.objects.create(
        bom=bom,
        line_no=number * 10,
        component=item,
        quantity_per=Decimal(per),
        scrap_ratio=Decimal(scrap),
        area=place[area] if area else place["CK"],
    )
    dock = place["D2" if maker in ("HL", "JX") else "D1"]
    SourcingRule.objects.create(
        item=item,
        supplier=suppliers[maker],
        dock=dock,
        pack_quantity=Decimal(pack),
        prep_minutes=60,
        transit_minutes=60,
    )
    Agreement.objects.create(number=f"SA-{code}", supplier=suppliers[maker], item=item, price=Decimal(price))
    if area:
        ControlCycle.objects.create(
            number=f"CC-{code}",
            item=item,
            area=place[area],
            dock=dock,
            window_calendar=dock.calendar,
            cover_minutes=60,
            frozen_minutes=180,
            pack_quantity=Decimal(pack),
            horizon_minutes=2880,
        )
    for spot, quantity in ((area, at_line), ("CK", in_store)):
        if spot and Decimal(quantity) > 0:
            stock_count(
                actor=actor,
                item=item,
                location=place[spot],
                counted=Decimal(quantity),
                kind=Posting.Kind.OPENING,
            )
