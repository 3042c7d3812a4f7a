"""What the plant is made of, as tables."""

from jit.catalog.models.bom import Bom, BomLine
from jit.catalog.models.calendar import CalendarDay, WorkCalendar, WorkShift
from jit.catalog.models.item import Item, Packaging, Unit, UnitConversion
from jit.catalog.models.place import Location, Plant, Routing, RoutingOperation, WorkCentre
from jit.catalog.models.supplier import SourcingRule, Supplier

__all__ = [
    "Bom",
    "BomLine",
    "CalendarDay",
    "Item",
    "Location",
    "Packaging",
    "Plant",
    "Routing",
    "RoutingOperation",
    "SourcingRule",
    "Supplier",
    "Unit",
    "UnitConversion",
    "WorkCalendar",
    "WorkCentre",
    "WorkShift",
]
