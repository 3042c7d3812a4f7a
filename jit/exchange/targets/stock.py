"""Stock as counted or as another system holds it: the books are set to the file's quantities."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from forms_engine.access.actor import Actor
from forms_engine.access.policy import require
from forms_engine.fields.base import CleanContext
from forms_engine.kernel.errors import MesError
from forms_engine.kernel.quantity import Quantity
from forms_engine.kernel.text import Text as T
from jit.catalog.models import Location
from jit.catalog.units import typed_amount
from jit.exchange.targets.base import BATCH, ImportTarget, Note, Outcome, RowFault, Rows, TargetField
from jit.exchange.targets.lookup import items_by_code, locations_by_code
from jit.exchange.texts import cell_text
from jit.stock.models import Balance, Lot, Posting
from jit.stock.services import Line, move_post, virtual_location

STEP = Decimal("0.000001")
Key = tuple[UUID, UUID, str]
Wanted = dict[Key, tuple[int, Decimal]]


class StockTarget(ImportTarget):
    """One row = what is at one place, of one lot; what differs from the books is posted, nothing else.

    Places and lots that the file does not name stay as they are. Only own stock is touched.
    """

    key = "stock"
    label = T("Stock", "库存")
    key_fields = ("item", "location", "lot")
    fields: Sequence[TargetField] = (
        TargetField("item", "reference", T("Item", "物料"), True),
        TargetField("location", "reference", T("Location", "库位"), True),
        TargetField("lot", "text", T("Lot", "批号")),
        TargetField("quantity", "quantity", T("Quantity", "数量"), True),
    )

    def write(self, *, actor: Actor, rows: Rows, note: Note, source: str = "") -> Outcome:
        require(actor, "stock.balance.count", "stock.balance")
        outcome = Outcome()
        wanted = _wanted(list(rows), outcome)
        held, lots = _held(wanted)
        changes: list[tuple[int, Key, Decimal]] = []
        for key, (number, quantity) in wanted.items():
            before = held.get(key)
            if quantity == (before or 0):
                outcome.unchanged += 1
                continue
            outcome.updated += before is not None
            outcome.created += before is None
            changes.append((number, key, quantity - (before or Decimal(0))))
        _post(actor, changes, lots, note, source)
        return outcome


def _wanted(rows: Sequence[tuple[int, Mapping[str, object]]], outcome: Outcome) -> Wanted:
    """Clean the rows; what cannot be read, is unknown or stands twice is a fault."""
    items = items_by_code(raw.get("item") for _n, raw in rows)
    places = locations_by_code(raw.get("location") for _n, raw in rows)
    wanted: Wanted = {}
    known = CleanContext()
    for number, raw in rows:
        faults = list(_unknown(number, raw, items, places))
        if not faults:
            key = (items[str(raw["item"])], places[str(raw["location"])], str(raw.get("lot") or ""))
            quantity = _quantity(number, raw, key[0], known)
            if isinstance(quantity, RowFault):
                faults.append(quantity)
            elif key in wanted:
                faults.append(RowFault(number, "item", "duplicate", cell_text("duplicate")))
            else:
                wanted[key] = (number, quantity)
        outcome.faults += faults
    return wanted


def _unknown(
    number: int, raw: Mapping[str, object], items: Mapping[str, UUID], places: Mapping[str, UUID]
) -> Iterator[RowFault]:
    for name, known in (("item", items), ("location", places)):
        value = str(raw.get(name) or "")
        if value not in known:
            code = "unknown" if value else "required"
            yield RowFault(number, name, code, cell_text(code, value=value), value)


def _quantity(number: int, raw: Mapping[str, object], item: UUID, known: CleanContext) -> Decimal | RowFault:
    """Return the counted quantity in the item's stock unit, or what is wrong with the cell."""
    text = str(raw.get("quantity") if raw.get("quantity") is not None else "")
    if not text:
        return RowFault(number, "quantity", "required", cell_text("required"))
    figures, _, unit = text.partition(" ")
    quantity = Decimal(figures)
    if unit:
        try:
            quantity = typed_amount("catalog.item", item, Quantity(quantity, unit), known)
        except MesError as error:
            return RowFault(number, "quantity", error.code, error.message, text)
    if quantity < 0:
        return RowFault(number, "quantity", "negative", cell_text("negative"), text)
    if quantity != quantity.quantize(STEP) or quantity >= 10**12:
        return RowFault(number, "quantity", "not_a_number", cell_text("not_a_number"), text)
    return quantity


def _held(wanted: Wanted) -> tuple[dict[Key, Decimal], dict[tuple[UUID, str], UUID]]:
    """Return what the books hold of our own at the named places, and the lots there are."""
    items = {key[0] for key in wanted}
    rows = Balance.objects.filter(item_id__in=items, owner=None, location_id__in={key[1] for key in wanted})
    held = {
        (item, place, lot or ""): quantity
        for item, place, lot, quantity in rows.values_list("item_id", "location_id", "lot__code", "quantity")
    }
    lots = Lot.objects.filter(item_id__in=items).values_list("item_id", "code", "id")
    return held, {(item, code): pk for item, code, pk in lots}


def _post(
    actor: Actor,
    changes: list[tuple[int, Key, Decimal]],
    lots: dict[tuple[UUID, str], UUID],
    note: Note,
    source: str,
) -> None:
    """Post the differences, a thousand at a time, against the plant's adjustment place."""
    new = {(item, lot) for _n, (item, _place, lot), _d in changes if lot and (item, lot) not in lots}
    made = Lot.objects.bulk_create([Lot(item_id=item, code=lot) for item, lot in sorted(new, key=str)])
    lots |= {(lot.item_id, lot.code): lot.pk for lot in made}
    places = {
        place.pk: place for place in Location.objects.filter(pk__in={key[1] for _n, key, _d in changes})
    }
    changes.sort(key=lambda change: change[1])
    others = {}
    for start in range(0, len(changes), BATCH):
        lines = []
        for _number, (item, place, lot), difference in changes[start : start + BATCH]:
            plant = places[place].plant
            if plant.pk not in others:
                others[plant.pk] = virtual_location(plant=plant, kind=Location.Kind.ADJUSTMENT).pk
            lot_id = lots.get((item, lot))
            lines.append(Line(item, place, difference, lot_id))
            lines.append(Line(item, others[plant.pk], -difference, lot_id))
        move_post(actor=actor, kind=Posting.Kind.OPENING, lines=lines, document=source, reason="import")
        note(min(start + BATCH, len(changes)))
